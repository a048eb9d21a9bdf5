import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  NoSuchUpload,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ExportLink, ExportState, ExportStore } from "@gatepost/query";
import * as z from "zod";
import { type Objects, sha256Of } from "../s3/objects.ts";
import { signedUrl } from "../s3/signed-url.ts";

/** Bytes of a part of an upload. S3 requires at least 5 MB of each but the last, and allows 10,000 parts. */
const partBytes = 8 * 1024 * 1024;

/** ms that a call may take: a part has 8 MB. */
const callMs = 30_000;

/** What S3 requires about each part to complete the upload. */
const uploadedPart = z.object({ etag: z.string(), crc32: z.string() });

const uploading = z.object({
  upload: z.string(),
  /** In their order. */
  parts: z.array(uploadedPart),
  /** How many times bytes were appended. It is in the name of the object with the bytes that are too few for a part. */
  round: z.int(),
});
type Uploading = z.output<typeof uploading>;

/** The results of exports in S3: one multipart upload for each, and notes beside it until it is finished. */
export class S3Exports implements ExportStore {
  readonly #client: S3Client;
  readonly #objects: Objects;
  readonly #clock: () => number;

  constructor(client: S3Client, objects: Objects, clock: () => number) {
    this.#client = client;
    this.#objects = objects;
    this.#clock = clock;
  }

  async append(id: string, chunks: AsyncIterable<Uint8Array>, state: ExportState): Promise<ExportState> {
    const before = state === null ? await this.#begin(id) : uploading.parse(state);
    const parts = [...before.parts];
    let held = await this.#rest(id, before.round);
    for await (const chunk of chunks) {
      held = Buffer.concat([held, chunk]);
      for (; held.length >= partBytes; held = held.subarray(partBytes)) {
        parts.push(await this.#putPart(id, before, parts.length + 1, held.subarray(0, partBytes)));
      }
    }
    const after: Uploading = { ...before, parts, round: before.round + 1 };
    await this.#put(restKey(id, after.round), held);
    // The previous object is still needed if this round is repeated.
    if (before.round > 0) await this.#objects.remove(restKey(id, before.round - 1));
    return after;
  }

  async putNote(id: string, number: number, note: Uint8Array): Promise<void> {
    await this.#put(noteKey(id, number), Buffer.from(note));
  }

  async note(id: string, number: number): Promise<Uint8Array> {
    const note = await this.#objects.get(noteKey(id, number));
    if (note === null) throw new Error(`a note of ${id} is gone`);
    return note;
  }

  async finish(id: string, state: ExportState, { notes }: { notes: number }): Promise<void> {
    const { upload, parts, round } = uploading.parse(state);
    const rest = await this.#rest(id, round);
    try {
      const last =
        rest.length > 0 || parts.length === 0 ? [await this.#putPart(id, { upload }, parts.length + 1, rest)] : [];
      const all = [...parts, ...last].map(({ etag, crc32 }, at) => {
        return { ETag: etag, ChecksumCRC32: crc32, PartNumber: at + 1 };
      });
      await this.#client.send(
        new CompleteMultipartUploadCommand({ ...this.#result(id), UploadId: upload, MultipartUpload: { Parts: all } }),
        inTime(),
      );
    } catch (error) {
      // The upload was completed before, or just now without an answer.
      if ((await this.#objects.writtenAt(resultKey(id))) === null) throw error;
    }
    await this.#removeBeside(id, [round - 1, round], notes);
  }

  room(): Promise<null> {
    return Promise.resolve(null);
  }

  async remove(id: string, state: ExportState): Promise<void> {
    const read = uploading.safeParse(state).data;
    if (read === undefined) return this.#removeAll(id);
    await this.#abort(id, read.upload);
    // A slice that was not noted may have been one round further.
    await this.#removeBeside(id, [read.round - 1, read.round, read.round + 1], read.round + 1);
    await this.#objects.remove(resultKey(id));
  }

  /** Removes whatever there is of a job whose state is not known: its first slice was not noted, or it cannot be read. */
  async #removeAll(id: string): Promise<void> {
    const uploads = new ListMultipartUploadsCommand({ Bucket: this.#objects.bucket, Prefix: resultKey(id) });
    const { Uploads = [] } = await this.#client.send(uploads, inTime());
    for (const { UploadId } of Uploads) if (UploadId !== undefined) await this.#abort(id, UploadId);
    for await (const key of this.#keysOf(id)) await this.#objects.remove(key);
  }

  async *#keysOf(id: string): AsyncGenerator<string> {
    const folder = { Bucket: this.#objects.bucket, Prefix: folderOf(id) };
    let token: string | undefined;
    do {
      const page = new ListObjectsV2Command({ ...folder, ContinuationToken: token });
      const { Contents = [], NextContinuationToken } = await this.#client.send(page, inTime());
      yield* Contents.flatMap(({ Key }) => Key ?? []);
      token = NextContinuationToken;
    } while (token !== undefined);
  }

  async #abort(id: string, upload: string): Promise<void> {
    await this.#client
      .send(new AbortMultipartUploadCommand({ ...this.#result(id), UploadId: upload }), inTime())
      .catch((error: unknown) => {
        if (!(error instanceof NoSuchUpload)) throw error;
      });
  }

  async link(id: string, { name }: { name: string }, validMs: number): Promise<ExportLink> {
    const object = { ...this.#result(id), ResponseContentDisposition: `attachment; filename="${name}"` };
    return signedUrl(this.#client, object, { now: this.#clock(), validMs });
  }

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  async #begin(id: string): Promise<Uploading> {
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({
        ...this.#result(id),
        ContentType: "application/octet-stream",
        // The SDK sends a checksum with each part. S3 refuses it where the upload did not name its algorithm at the
        // beginning.
        ChecksumAlgorithm: "CRC32",
      }),
      inTime(),
    );
    if (UploadId === undefined) throw new Error("S3 began no upload");
    return { upload: UploadId, parts: [], round: 0 };
  }

  async #putPart(id: string, { upload }: Pick<Uploading, "upload">, number: number, body: Buffer) {
    const sum = crc32Of(body);
    const part = { ...this.#result(id), UploadId: upload, PartNumber: number, Body: body, ChecksumCRC32: sum };
    const { ETag } = await this.#client.send(new UploadPartCommand(part), inTime());
    if (ETag === undefined) throw new Error("S3 took a part and named it not");
    return { etag: ETag, crc32: sum };
  }

  async #rest(id: string, round: number): Promise<Buffer> {
    return round === 0 ? Buffer.alloc(0) : ((await this.#objects.get(restKey(id, round))) ?? Buffer.alloc(0));
  }

  async #removeBeside(id: string, rounds: readonly number[], notes: number): Promise<void> {
    for (const round of rounds) if (round > 0) await this.#objects.remove(restKey(id, round));
    for (let number = 0; number < notes; number++) await this.#objects.remove(noteKey(id, number));
  }

  #put(key: string, body: Buffer): Promise<void> {
    return this.#objects.put(key, body, { sha256: sha256Of(body), contentType: "application/octet-stream" });
  }

  #result(id: string) {
    return { Bucket: this.#objects.bucket, Key: resultKey(id) };
  }
}

/** In the format of S3: four bytes, the highest first, as base64. */
function crc32Of(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

function folderOf(id: string): string {
  return `exports/${id}/`;
}

function resultKey(id: string): string {
  return `${folderOf(id)}result`;
}

function restKey(id: string, round: number): string {
  return `${folderOf(id)}rest.${round}`;
}

function noteKey(id: string, number: number): string {
  return `${folderOf(id)}note.${number}`;
}

function inTime() {
  return { abortSignal: AbortSignal.timeout(callMs) };
}
