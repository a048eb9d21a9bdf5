import type { FileHandle } from "node:fs/promises";

/**
 * Most bytes without a row that a crash may leave after the last picture of a pack. More bytes were stored with another
 * database, for example with a later one, where this is an older copy.
 */
export const maxUnnamedBytes = 64 * 1024 * 1024;

/** What an operator can do about pictures that the database does not know. */
export const ofAnotherDatabase =
  "they stay: if gatepost.db is older than pictures/, stop Gatepost and put the one that belongs to them there";

const chunkBytes = 1024 * 1024;

/**
 * The position after the last byte of a pack, from `from` on, that is not zero: erased pictures are zeros, and nobody
 * needs them.
 */
export async function writtenEnd(file: FileHandle, from: number): Promise<number> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(chunkBytes);
  for (let end = size; end > from; ) {
    const begin = Math.max(from, end - chunkBytes);
    const { bytesRead } = await file.read(chunk, 0, end - begin, begin);
    const last = chunk.subarray(0, bytesRead).findLastIndex((byte) => byte !== 0);
    if (last >= 0) return begin + last + 1;
    end = begin;
  }
  return from;
}
