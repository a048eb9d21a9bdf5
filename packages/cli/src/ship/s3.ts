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
import { bucketFailure } from "./bucket-failure.ts";
import { readBody } from "./read-body.ts";

/**
 * How long a call may take, retries included. A part of a pack has 37 MB: on a line of 2 Mbit/s it goes for minutes. Nobody
 * sees how far a body has gone through TLS, so what is sent is measured by its size.
 */
const usualPatience = {
  /** ms without what is sent; and ms without a byte of what is read. */
  callMs: 120_000,
  /** Of what is sent: 50 kB/s. */
  bytesPerMs: 50,
  /** ms before a body that broke off is asked for again, the first time. */
  againMs: 1000,
};

/** How often one body is asked for. */
const maxReads = 5;

/** Where objects are, as `s3://bucket/prefix` says. */
export interface S3Place {
  bucket: string;
  /** Empty, or with a slash at its end. */
  prefix: string;
}

/**
 * A bucket of any store that speaks S3. Credentials, region and endpoint come from the environment, as for every program
 * of AWS: `AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, …
 */
export class S3ShipStore implements ShipStore {
  readonly name: string;
  readonly #place: S3Place;
  readonly #client: S3Client;
  readonly #ended = new AbortController();
  readonly #patience: typeof usualPatience;

  constructor(place: S3Place, patience = usualPatience) {
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
    this.name = `s3://${place.bucket}/${place.prefix}`;
    this.#place = place;
    this.#patience = patience;
    // Other stores know no buckets as names of hosts.
    const forcePathStyle = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) !== undefined;
    // What is read is held against digests of our own; the check of the SDK does not say when a body breaks off.
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
        return await readBody(body, { idleMs: this.#patience.callMs, ended: this.#ended.signal });
      } catch (error) {
        // The SDK asks again where no answer comes, and not where an answer breaks off.
        if (tries === maxReads || this.#ended.signal.aborted) throw error;
      }
      await sleep(this.#patience.againMs * 2 ** (tries - 1), undefined, { signal: this.#ended.signal });
    }
  }

  /** The body of an object, that is still to be read. */
  async #ask(key: string): Promise<unknown> {
    const unanswered = new AbortController();
    const timer = setTimeout(() => unanswered.abort(new Error("no answer")), this.#patience.callMs);
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
      const asked = { Bucket, Prefix: base + prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
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
    const { callMs, bytesPerMs } = this.#patience;
    const late = AbortSignal.timeout(callMs + Math.ceil(bytes / bytesPerMs));
    return { abortSignal: AbortSignal.any([late, this.#ended.signal]) };
  }
}
