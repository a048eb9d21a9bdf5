import { hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, writeAll } from "./bytes.ts";
import type { PictureRow } from "./picture-rows.ts";
import type { PackPart } from "./places.ts";
import { isCode } from "./refused.ts";

const zeros = Buffer.alloc(1024 * 1024);

/** Opens the pack of a month, or the file of pictures set aside for it; null if there is none. */
type OpenPack = (month: string) => Promise<Bytes | null>;

/** Reads pictures from packs, month by month. */
export class PackSource implements AsyncDisposable {
  readonly #open: readonly OpenPack[];
  #current: { month: string; packs: (Bytes | null)[] } | null = null;

  /** @param open opens the places of a picture; the first place that has all its bytes counts */
  constructor(...open: readonly OpenPack[]) {
    this.#open = open;
  }

  /** The bytes of a picture; null if its place has other bytes or none. */
  async read(row: PictureRow): Promise<Buffer | null> {
    for (const pack of await this.#packs(row.month)) {
      const data = pack === null ? null : await pictureIn(pack, row);
      if (data !== null) return data;
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const packs = this.#current?.packs ?? [];
    this.#current = null;
    for (const pack of packs) await pack?.[Symbol.asyncDispose]();
  }

  async #packs(month: string): Promise<readonly (Bytes | null)[]> {
    if (this.#current?.month === month) return this.#current.packs;
    await this[Symbol.asyncDispose]();
    const packs: (Bytes | null)[] = [];
    this.#current = { month, packs };
    for (const open of this.#open) packs.push(await open(month));
    return packs;
  }
}

async function pictureIn(pack: Bytes, { sha256, position, bytes }: PictureRow): Promise<Buffer | null> {
  // Do not allocate what a row claims before the pack is known to be that long.
  if (position + bytes > pack.size) return null;
  const data = await pack.read(position, bytes).catch((error: unknown) => {
    // One sector that the disk cannot read must not keep all other pictures from being saved.
    if (isCode(error, "EIO")) return Buffer.alloc(0);
    throw error;
  });
  return data.length === bytes && hash("sha256", data) === sha256 ? data : null;
}

/** Writes pictures into the packs of a folder, at the same places as in the store. */
export class PackFolder implements AsyncDisposable {
  readonly #folder: string;
  readonly #name: (month: string) => string;
  #current: { month: string; file: FileHandle } | null = null;

  constructor(folder: string, name = packName) {
    this.#folder = folder;
    this.#name = name;
  }

  async write({ month, position }: PictureRow, data: Buffer): Promise<void> {
    await writeAll(await this.#file(month), data, position);
  }

  async erase({ month, position, bytes }: PackPart): Promise<void> {
    const file = await this.#file(month);
    for (let done = 0; done < bytes; done += zeros.length) {
      await writeAll(file, zeros.subarray(0, bytes - done), position + done);
    }
  }

  /** Cuts a pack, or extends it with zeros, which use no disk space. */
  async setSize(month: string, bytes: number): Promise<void> {
    await (await this.#file(month)).truncate(bytes);
  }

  /** Everything written is durable once this resolves. */
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
      this.#current = { month, file: await openForWriting(join(this.#folder, this.#name(month))) };
    }
    return this.#current.file;
  }
}

export function packName(month: string): string {
  return `${month}.pack`;
}

/** The name of the file with pictures of a month that are not in their pack yet. Their places in it are the same. */
export function asideName(month: string): string {
  return `${month}.aside`;
}

async function openForWriting(path: string): Promise<FileHandle> {
  const made = await open(path, "a", 0o600);
  await made.close();
  return open(path, "r+");
}

export interface Copied {
  pictures: number;
  bytes: number;
  /** Pictures whose bytes were not in their places. */
  missing: PictureRow[];
}

/** Copies pictures, and compares each with its SHA-256. */
export async function copyPictures(
  rows: AsyncIterable<PictureRow>,
  { from, into, onCopied }: { from: PackSource; into: Pick<PackFolder, "write">; onCopied?(pictures: number): void },
): Promise<Copied> {
  const copied: Copied = { pictures: 0, bytes: 0, missing: [] };
  for await (const row of rows) {
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
