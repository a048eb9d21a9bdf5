import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";

/** Further tries of a write that conflicts with another one, and most ms before each. */
const conflictTries = 4;
const conflictPauseMs = 100;

/** S3 bills an object of Standard-IA for so many bytes, and for so many days, at least. */
const coldBytes = 128 * 1024;
const coldDays = 30;
/**
 * Bytes times days from which Standard-IA costs less: a PUT costs $5 a million more, and a GB $0.0105 a month less. For
 * 90 days that is an object of 163 KiB.
 */
const coldByteDays = 15_000_000;

export interface File {
  sha256: string;
  contentType: string;
  cacheControl?: string;
  metadata?: Record<string, string>;
  /** As of a query string; the rules of the bucket may go by them. */
  tags?: string;
  /** Days for which it is kept, if that is less than for other objects. */
  keptDays?: number;
}

/** The bucket, as the adapters use it. Every call ends within its limit in ms, retries included. */
export class Objects {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #limits: { head: number; object: number };
  readonly #keptDays: number;

  /** @param keptDays days for which an object is kept; if unknown, every object is stored in the class for frequent use */
  constructor(client: S3Client, bucket: string, limits: { head: number; object: number }, keptDays = 0) {
    this.#client = client;
    this.bucket = bucket;
    this.#limits = limits;
    this.#keptDays = keptDays;
  }

  /** Writes an object whose bytes S3 checks against their SHA-256 (hex) before it takes them. */
  put(key: string, body: Uint8Array, file: File): Promise<void> {
    return this.#put({ Key: key, Body: body }, file);
  }

  /**
   * Writes an object only if none has that key. An existing one stays unchanged, with its age. If another process
   * writes it at the same moment, S3 refuses both or one of them with a conflict: only a further try shows whether it
   * is there.
   */
  async putOnce(key: string, body: Uint8Array, file: File): Promise<void> {
    for (let triesLeft = conflictTries; ; triesLeft -= 1) {
      try {
        return await this.#put({ Key: key, Body: body, IfNoneMatch: "*" }, file);
      } catch (error) {
        if (isNamed(error, "PreconditionFailed")) return;
        if (triesLeft === 0 || !isNamed(error, "ConditionalRequestConflict")) throw error;
        await pause(Math.random() * conflictPauseMs);
      }
    }
  }

  /** Reads an object; null if there is none. */
  async get(key: string): Promise<Buffer | null> {
    try {
      const object = new GetObjectCommand({ Bucket: this.bucket, Key: key });
      const { Body } = await this.#client.send(object, inTime(this.#limits.object));
      return Body === undefined ? null : Buffer.from(await Body.transformToByteArray());
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  /** When the object was last written, in ms; null if it does not exist. */
  async writtenAt(key: string): Promise<number | null> {
    try {
      const object = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
      const { LastModified } = await this.#client.send(object, inTime(this.#limits.head));
      return LastModified?.getTime() ?? null;
    } catch (error) {
      // S3 does not say that an object is absent to callers that may not list the bucket.
      if (error instanceof S3ServiceException && [403, 404].includes(Number(error.$metadata.httpStatusCode)))
        return null;
      throw error;
    }
  }

  /** Throws if the bucket does not answer. The object need not exist. */
  async reach(key: string): Promise<void> {
    try {
      const object = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
      await this.#client.send(object, inTime(this.#limits.object));
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
  }

  /** The objects whose keys begin with a prefix, and when each was last written, in ms. */
  async *list(prefix: string): AsyncGenerator<{ key: string; writtenAt: number }> {
    let next: string | undefined;
    do {
      const page = new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: next });
      const { Contents = [], NextContinuationToken } = await this.#client.send(page, inTime(this.#limits.object));
      for (const { Key = "", LastModified } of Contents) yield { key: Key, writtenAt: LastModified?.getTime() ?? 0 };
      next = NextContinuationToken;
    } while (next !== undefined);
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }), inTime(this.#limits.object));
  }

  async #put(
    object: Pick<PutObjectCommandInput, "Key" | "IfNoneMatch"> & { Body: Uint8Array },
    { sha256, contentType, cacheControl, metadata, tags, keptDays = this.#keptDays }: File,
  ): Promise<void> {
    const ChecksumSHA256 = Buffer.from(sha256, "hex").toString("base64");
    const [bytes, days] = [object.Body.length, Math.min(keptDays, this.#keptDays)];
    const isCold = bytes >= coldBytes && days >= coldDays && bytes * days >= coldByteDays;
    const StorageClass = isCold ? ("STANDARD_IA" as const) : undefined;
    const about = { ContentType: contentType, CacheControl: cacheControl, Metadata: metadata, Tagging: tags };
    const written = { Bucket: this.bucket, ChecksumSHA256, StorageClass, ...about, ...object };
    await this.#client.send(new PutObjectCommand(written), inTime(this.#limits.object));
  }
}

export function sha256Of(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof S3ServiceException && error.name === name;
}

function inTime(limit: number) {
  return { abortSignal: AbortSignal.timeout(limit) };
}
