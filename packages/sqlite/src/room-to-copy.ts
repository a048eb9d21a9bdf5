import { statfsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/**
 * The disk has no room for the pages by which a database grows when its log is copied into it. Its `code` is the
 * system's for a full disk.
 */
export class NoRoomToCopy extends Error {
  override readonly name = "NoRoomToCopy";
  readonly code = "ENOSPC";
  /** Bytes by which the database would grow. */
  readonly bytes: number;

  constructor(bytes: number) {
    super(`ENOSPC: the disk has no room for the ${bytes} bytes by which the database would grow`);
    this.bytes = bytes;
  }
}

/**
 * Throws NoRoomToCopy if the disk has no room for the pages that the log adds to the database at `path`. Ask before the
 * log is copied: SQLite would fill the disk and then fail, and no room would be left for revoking a key.
 */
export function requireRoomToCopy(database: DatabaseSync, path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  // The next write reports a missing file.
  if (file === undefined) return;
  const bytes = pagesOf(database) - file.size;
  if (bytes > freeBytes(path)) throw new NoRoomToCopy(bytes);
}

/** Bytes of all pages: the file has those that were copied, and the log may have more. */
function pagesOf(database: DatabaseSync): number {
  const row = database.prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size").get();
  return Number(row?.["bytes"]);
}

/** The reserved blocks of a disk are for root. */
function freeBytes(path: string): number {
  const { blocks, bfree, bavail, bsize } = statfsSync(path);
  // Some file systems do not tell their size.
  if (blocks === 0) return Number.POSITIVE_INFINITY;
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize;
}
