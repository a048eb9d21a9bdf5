import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ShipStore } from "@gatepost/embedded";

/** ms that one call may take, retries included: a part of a pack has 37 MB at most. */
const timeoutMs = 120_000;

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

  constructor(place: S3Place) {
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
    this.name = `s3://${place.bucket}/${place.prefix}`;
    this.#place = place;
    // Other stores know no buckets as names of hosts.
    const forcePathStyle = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) !== undefined;
    this.#client = new S3Client({ forcePathStyle, maxAttempts: 4 });
  }

  async put(key: string, bytes: Buffer): Promise<void> {
    const object = { ...this.#of(key), Body: bytes, ChecksumAlgorithm: "SHA256" as const };
    await this.#client.send(new PutObjectCommand(object), this.#inTime());
  }

  async get(key: string): Promise<Buffer | null> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#of(key)), this.#inTime());
      return Body === undefined ? null : Buffer.from(await Body.transformToByteArray());
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  async *list(prefix: string): AsyncIterable<string> {
    const { bucket: Bucket, prefix: base } = this.#place;
    let token: string | undefined;
    do {
      const asked = { Bucket, Prefix: base + prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
      const page = await this.#client.send(new ListObjectsV2Command(asked), this.#inTime());
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(base.length);
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#of(key)), this.#inTime());
  }

  end(): void {
    this.#ended.abort(new Error("shipping was ended"));
  }

  #of(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key };
  }

  #inTime() {
    return { abortSignal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#ended.signal]) };
  }
}
