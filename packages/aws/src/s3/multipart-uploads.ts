import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  NoSuchUpload,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import * as z from "zod";

/** Bytes of a part. S3 requires at least 5 MB of each but the last, and allows 10,000 parts. */
export const partBytes = 8 * 1024 * 1024;

/** ms that a call may take: a part has 8 MB. */
const callMs = 30_000;

/** What S3 requires about each part to complete the upload. */
export const uploadedPart = z.object({ etag: z.string(), crc32: z.string() });
type UploadedPart = z.output<typeof uploadedPart>;

/** The upload of an object in parts: its key, and the id that S3 gave the upload. */
interface Upload {
  key: string;
  upload: string;
}

/** Writes objects of a bucket in parts, over several processes. */
export class MultipartUploads {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** Returns the id of the upload. */
  async begin(key: string): Promise<string> {
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({
        Bucket: this.#bucket,
        Key: key,
        ContentType: "application/octet-stream",
        // The SDK sends a checksum with each part. S3 refuses it if the upload did not name its algorithm at the
        // beginning.
        ChecksumAlgorithm: "CRC32",
      }),
      inTime(),
    );
    if (UploadId === undefined) throw new Error("S3 began no upload");
    return UploadId;
  }

  async putPart(upload: Upload, number: number, body: Buffer): Promise<UploadedPart> {
    const sum = crc32Of(body);
    const part = { ...this.#named(upload), PartNumber: number, Body: body, ChecksumCRC32: sum };
    const { ETag } = await this.#client.send(new UploadPartCommand(part), inTime());
    if (ETag === undefined) throw new Error("S3 took a part and named it not");
    return { etag: ETag, crc32: sum };
  }

  /** @param parts all parts, in their order */
  async complete(upload: Upload, parts: readonly UploadedPart[]): Promise<void> {
    const Parts = parts.map(({ etag, crc32: sum }, at) => ({ ETag: etag, ChecksumCRC32: sum, PartNumber: at + 1 }));
    const complete = new CompleteMultipartUploadCommand({ ...this.#named(upload), MultipartUpload: { Parts } });
    await this.#client.send(complete, inTime());
  }

  /** Removes its parts. If there is no such upload, it does nothing. */
  async abort(upload: Upload): Promise<void> {
    await this.#client.send(new AbortMultipartUploadCommand(this.#named(upload)), inTime()).catch((error: unknown) => {
      if (!(error instanceof NoSuchUpload)) throw error;
    });
  }

  /** Aborts all uploads of an object. */
  async abortAll(key: string): Promise<void> {
    const list = new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: key });
    const { Uploads = [] } = await this.#client.send(list, inTime());
    for (const { UploadId } of Uploads) if (UploadId !== undefined) await this.abort({ key, upload: UploadId });
  }

  #named({ key, upload }: Upload) {
    return { Bucket: this.#bucket, Key: key, UploadId: upload };
  }
}

/** In the format of S3: four bytes, the highest first, as base64. */
function crc32Of(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

function inTime() {
  return { abortSignal: AbortSignal.timeout(callMs) };
}
