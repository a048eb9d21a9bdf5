import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { ExportLink, ExportState, ExportStore } from "@gatepost/core/jobs";
import * as z from "zod";
import { MultipartUploads, partBytes, uploadedPart } from "../s3/multipart-uploads.ts";
import { type Objects, sha256Of } from "../s3/objects.ts";
import { signedUrl } from "../s3/signed-url.ts";

/** ms within which a page of the list must come, retries included. */
const pageMs = 30_000;

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
  readonly #uploads: MultipartUploads;
  readonly #clock: () => number;

  constructor(client: S3Client, objects: Objects, clock: () => number) {
    this.#client = client;
    this.#objects = objects;
    this.#uploads = new MultipartUploads(client, objects.bucket);
    this.#clock = clock;
  }

  async append(id: string, chunks: AsyncIterable<Uint8Array>, state: ExportState): Promise<ExportState> {
    const before = state === null ? await this.#begin(id) : uploading.parse(state);
    const upload = { key: resultKey(id), upload: before.upload };
    const parts = [...before.parts];
    let held = await this.#rest(id, before.round);
    for await (const chunk of chunks) {
      held = Buffer.concat([held, chunk]);
      for (; held.length >= partBytes; held = held.subarray(partBytes)) {
        parts.push(await this.#uploads.putPart(upload, parts.length + 1, held.subarray(0, partBytes)));
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
    const result = { key: resultKey(id), upload };
    const rest = await this.#rest(id, round);
    try {
      const hasLast = rest.length > 0 || parts.length === 0;
      const last = hasLast ? [await this.#uploads.putPart(result, parts.length + 1, rest)] : [];
      await this.#uploads.complete(result, [...parts, ...last]);
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
    await this.#uploads.abort({ key: resultKey(id), upload: read.upload });
    // A slice that was not noted may have been one round further.
    await this.#removeBeside(id, [read.round - 1, read.round, read.round + 1], read.round + 1);
    await this.#objects.remove(resultKey(id));
  }

  /** Removes all objects of a job whose state is not known: its first slice was not noted, or it cannot be read. */
  async #removeAll(id: string): Promise<void> {
    await this.#uploads.abortAll(resultKey(id));
    const folder = { bucket: this.#objects.bucket, prefix: folderOf(id) };
    for await (const key of keysUnder(this.#client, folder)) await this.#objects.remove(key);
  }

  async link(id: string, { name }: { name: string }, validMs: number): Promise<ExportLink> {
    const object = {
      Bucket: this.#objects.bucket,
      Key: resultKey(id),
      ResponseContentDisposition: `attachment; filename="${name}"`,
    };
    return signedUrl(this.#client, object, { now: this.#clock(), validMs });
  }

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  async #begin(id: string): Promise<Uploading> {
    return { upload: await this.#uploads.begin(resultKey(id)), parts: [], round: 0 };
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

/** The keys of a bucket that begin with `prefix`. */
export async function* keysUnder(
  client: S3Client,
  { bucket, prefix }: { bucket: string; prefix: string },
): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const page = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const listed = await client.send(page, { abortSignal: AbortSignal.timeout(pageMs) });
    yield* (listed.Contents ?? []).flatMap(({ Key }) => Key ?? []);
    token = listed.NextContinuationToken;
  } while (token !== undefined);
}
