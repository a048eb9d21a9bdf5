import { addAbortSignal, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ShipStore } from "@gatepost/embedded";
import { Failure, sayWhy } from "../failure.ts";
import type { S3Place } from "../options.ts";

const unreachable = /^(?:ECONN\w+|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|TimeoutError)$/;
const refused = /^(?:AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|Forbidden|403)$/;
const elsewhere = /^(?:NoSuchBucket|PermanentRedirect|AuthorizationHeaderMalformed)$/;

/** Why a bucket cannot be used, in one line that says what to do. */
function bucketFailure(error: unknown, place: string): Failure {
  return new Failure(`cannot use ${place}: ${whyOf(error)}`, { cause: error });
}

function whyOf(error: unknown): string {
  const said = sayWhy(error);
  if (said === "Region is missing") return "no region is set; set AWS_REGION";
  const names = error instanceof Error ? [error.name, "code" in error ? String(error.code) : ""] : [];
  const is = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (is(/^CredentialsProviderError$/))
    return "no credentials are set; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  if (is(unreachable)) return `it cannot be reached (${said}); look at AWS_ENDPOINT_URL_S3 and at the network`;
  if (is(refused)) return `it refuses this key (${said}); look at AWS_ACCESS_KEY_ID and at what the key may do`;
  if (is(elsewhere)) return `there is no such bucket (${said}); look at its name and at AWS_REGION`;
  return said;
}

/**
 * Reads a body to its end. It may take any time, while bytes keep coming.
 *
 * @param idleMs ms without a byte after which it throws
 */
async function readBody(body: unknown, { idleMs, ended }: { idleMs: number; ended: AbortSignal }) {
  if (!(body instanceof Readable)) throw new Error("the store answered without a body");
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleMs);
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of addAbortSignal(AbortSignal.any([idle.signal, ended]), body)) {
      timer.refresh();
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

/**
 * How long a call may take, retries included. A part of a pack has 37 MB: over 2 Mbit/s that takes minutes. The
 * progress of an upload through TLS is not visible, so its limit depends on its size.
 */
const usualTimeouts = {
  /** ms for a call without its upload, and ms without a byte while an answer is read. */
  callMs: 120_000,
  /** The slowest upload that is waited for: 50 kB/s. */
  bytesPerMs: 50,
  /** ms before an interrupted download is tried again for the first time. */
  retryMs: 1000,
};

/** How often one body is asked for. */
const maxReads = 5;

/**
 * A bucket of any store that speaks S3. Credentials, region and endpoint come from the environment, as with every
 * program of AWS: `AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, …
 */
export class S3ShipStore implements ShipStore {
  readonly name: string;
  readonly #place: S3Place;
  readonly #client: S3Client;
  readonly #ended = new AbortController();
  readonly #timeouts: typeof usualTimeouts;

  constructor(place: S3Place, timeouts = usualTimeouts) {
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
    this.name = `s3://${place.bucket}/${place.prefix}`;
    this.#place = place;
    this.#timeouts = timeouts;
    // Other stores than S3 do not support the name of the bucket in the host.
    const forcePathStyle = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) !== undefined;
    // Gatepost's own digests check the objects; the check of the SDK hides that a body was interrupted.
    this.#client = new S3Client({ forcePathStyle, maxAttempts: 4, responseChecksumValidation: "WHEN_REQUIRED" });
  }

  async put(key: string, bytes: Buffer): Promise<void> {
    const object = { ...this.#of(key), Body: bytes, ChecksumAlgorithm: "SHA256" as const };
    await this.#asked(() => this.#client.send(new PutObjectCommand(object), this.#inTime(bytes.length)));
  }

  get(key: string): Promise<Buffer | null> {
    return this.#asked(() => this.#read(key));
  }

  async #read(key: string): Promise<Buffer | null> {
    for (let tries = 1; ; tries++) {
      const body = await this.#ask(key);
      if (body === null) return null;
      try {
        return await readBody(body, { idleMs: this.#timeouts.callMs, ended: this.#ended.signal });
      } catch (error) {
        // The SDK retries if no answer arrives, but not if an answer breaks off.
        if (tries === maxReads || this.#ended.signal.aborted) throw error;
      }
      await sleep(this.#timeouts.retryMs * 2 ** (tries - 1), undefined, { signal: this.#ended.signal });
    }
  }

  /** The body of an object, that is still to be read. */
  async #ask(key: string): Promise<unknown> {
    const unanswered = new AbortController();
    const timer = setTimeout(() => unanswered.abort(new Error("no answer")), this.#timeouts.callMs);
    try {
      const abortSignal = AbortSignal.any([unanswered.signal, this.#ended.signal]);
      return (await this.#client.send(new GetObjectCommand(this.#of(key)), { abortSignal })).Body;
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async *list(prefix: string): AsyncIterable<string> {
    const { bucket: Bucket, prefix: base } = this.#place;
    let token: string | undefined;
    do {
      const asked = { Bucket, Prefix: base + prefix, ContinuationToken: token };
      const page = await this.#asked(() => this.#client.send(new ListObjectsV2Command(asked), this.#inTime()));
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(base.length);
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async remove(key: string): Promise<void> {
    await this.#asked(() => this.#client.send(new DeleteObjectCommand(this.#of(key)), this.#inTime()));
  }

  end(): void {
    this.#ended.abort(new Error("shipping was ended"));
  }

  async #asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#ended.signal.aborted ? error : bucketFailure(error, this.name);
    }
  }

  #of(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key };
  }

  #inTime(bytes = 0) {
    const { callMs, bytesPerMs } = this.#timeouts;
    const late = AbortSignal.timeout(callMs + Math.ceil(bytes / bytesPerMs));
    return { abortSignal: AbortSignal.any([late, this.#ended.signal]) };
  }
}
