import { hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, writeAll } from "./bytes.ts";
import type { PictureRow } from "./picture-rows.ts";

const zeros = Buffer.alloc(1024 * 1024);

/** Reads pictures of packs, one pack after the other. */
export class PackSource implements AsyncDisposable {
  readonly #open: (month: string) => Promise<Bytes | null>;
  #current: { month: string; bytes: Bytes | null } | null = null;

  constructor(open: (month: string) => Promise<Bytes | null>) {
    this.#open = open;
  }

  /** The bytes of a picture; null where other bytes or none are in its place. */
  async read({ month, sha256, position, bytes }: PictureRow): Promise<Buffer | null> {
    const pack = await this.#pack(month);
    // What a row says is not believed before there is room for it.
    if (pack === null || position + bytes > pack.size) return null;
    const data = await pack.read(position, bytes);
    return data.length === bytes && hash("sha256", data) === sha256 ? data : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.bytes?.[Symbol.asyncDispose]();
    this.#current = null;
  }

  async #pack(month: string): Promise<Bytes | null> {
    if (this.#current?.month !== month) {
      await this[Symbol.asyncDispose]();
      this.#current = { month, bytes: await this.#open(month) };
    }
    return this.#current?.bytes ?? null;
  }
}

/** Writes pictures into packs of a folder, at the places that they have in the store. */
export class PackFolder implements AsyncDisposable {
  readonly #folder: string;
  #current: { month: string; file: FileHandle } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write({ month, position }: PictureRow, data: Buffer): Promise<void> {
    await writeAll(await this.#file(month), data, position);
  }

  async erase({ month, position, bytes }: Omit<PictureRow, "sha256">): Promise<void> {
    const file = await this.#file(month);
    for (let done = 0; done < bytes; done += zeros.length) {
      await writeAll(file, zeros.subarray(0, bytes - done), position + done);
    }
  }

  /** Cuts a pack, or makes it longer with zeros, which take no room. */
  async setSize(month: string, bytes: number): Promise<void> {
    await (await this.#file(month)).truncate(bytes);
  }

  /** What was written is durable once this resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#current?.file;
    this.#current = null;
    if (file === undefined) return;
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #file(month: string): Promise<FileHandle> {
    if (this.#current?.month !== month) {
      await this[Symbol.asyncDispose]();
      this.#current = { month, file: await openForWriting(join(this.#folder, packName(month))) };
    }
    return this.#current.file;
  }
}

export function packName(month: string): string {
  return `${month}.pack`;
}

async function openForWriting(path: string): Promise<FileHandle> {
  const made = await open(path, "a", 0o600);
  await made.close();
  return open(path, "r+");
}

export interface Copied {
  pictures: number;
  bytes: number;
  /** Those whose bytes were not in their places. */
  missing: PictureRow[];
}

/** Copies pictures, each of which is held against its SHA-256. */
export async function copyPictures(
  rows: Iterable<PictureRow>,
  { from, into, onCopied }: { from: PackSource; into: Pick<PackFolder, "write">; onCopied?(pictures: number): void },
): Promise<Copied> {
  const copied: Copied = { pictures: 0, bytes: 0, missing: [] };
  for (const row of rows) {
    const data = await from.read(row);
    if (data === null) copied.missing.push(row);
    else {
      await into.write(row, data);
      copied.pictures += 1;
      copied.bytes += row.bytes;
    }
    onCopied?.(copied.pictures);
  }
  return copied;
}
