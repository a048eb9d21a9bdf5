import type { FileHandle } from "node:fs/promises";

/**
 * Bytes without a row that a pack may have behind its last picture: what is being stored when a process ends is less.
 * What is more was stored with another database, as with a later one than that of a copy.
 */
export const maxUnnamedBytes = 64 * 1024 * 1024;

/** What an operator can do about pictures that the database does not know. */
export const ofAnotherDatabase =
  "they stay: if gatepost.db is older than pictures/, stop Gatepost and put the one that belongs to them there";

const chunkBytes = 1024 * 1024;

/** Where a pack has its last byte that is not zero, from `from` on: what was erased is zeros, and nobody misses it. */
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
