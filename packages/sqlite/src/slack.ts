import { closeSync, fdatasync, fstatSync, openSync, read, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";

/* The format of pages: https://sqlite.org/fileformat2.html#b_tree_pages */

/** The first byte of a page of a table or an index, and the length of its header. */
const headers: ReadonlyMap<number, number> = new Map([
  [2, 12],
  [5, 12],
  [10, 8],
  [13, 8],
]);

/** Bytes at the beginning of the file, before the header of its first page. */
const fileHeaderBytes = 100;

/**
 * With more pages, the number of a page at the start of a page of another kind could look like the first byte of a
 * table's page.
 */
const maxPages = 2 ** 24;

/** Pages that are read at once. */
const pagesAtOnce = 256;

const zeros = Buffer.alloc(65_536);

const readAsync = promisify(read);

/**
 * The unused parts of the pages of a database. With `secure_delete` SQLite overwrites a deleted row in its place, but
 * not in earlier places: when SQLite balances pages, a moved row stays in the unused part of its old page. These bytes
 * are never read, and may be overwritten.
 */
export class Slack {
  readonly #file: number;

  /** Close it after the database, and not before: closing a file ends the locks that SQLite has on it. */
  constructor(path: string) {
    this.#file = openSync(path, "r+");
  }

  /**
   * The numbers (from 1) of the pages whose unused parts are not empty. Reads the whole file. Throws the reason of the
   * signal if that aborts.
   */
  async find(signal?: AbortSignal): Promise<number[]> {
    const { pageBytes, count } = this.#sizes();
    const found: number[] = [];
    const buffer = Buffer.alloc(pagesAtOnce * pageBytes);
    for (let first = 1; first <= count; first += pagesAtOnce) {
      signal?.throwIfAborted();
      const { bytesRead } = await readAsync(this.#file, buffer, 0, buffer.length, (first - 1) * pageBytes);
      for (let at = 0; at + pageBytes <= bytesRead; at += pageBytes) {
        const number = first + at / pageBytes;
        if (this.#unused(buffer.subarray(at, at + pageBytes), number) !== null) found.push(number);
      }
    }
    return found;
  }

  /** Overwrites the unused parts of pages with zeros. The log must be empty, and nothing may write meanwhile. */
  clear(pages: readonly number[]): void {
    const { pageBytes } = this.#sizes();
    const page = Buffer.alloc(pageBytes);
    for (const number of pages) {
      const start = (number - 1) * pageBytes;
      if (readSync(this.#file, page, 0, pageBytes, start) < pageBytes) continue;
      const unused = this.#unused(page, number);
      if (unused !== null) writeSync(this.#file, zeros, 0, unused.to - unused.from, start + unused.from);
    }
  }

  /** Makes the overwriting durable. */
  sync(): Promise<void> {
    return promisify(fdatasync)(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #sizes(): { pageBytes: number; count: number } {
    const header = Buffer.alloc(fileHeaderBytes);
    if (readSync(this.#file, header, 0, fileHeaderBytes, 0) < fileHeaderBytes) return { pageBytes: 512, count: 0 };
    const size = header.readUInt16BE(16);
    const pageBytes = size === 1 ? 65_536 : size;
    const count = Math.floor(fstatSync(this.#file).size / pageBytes);
    return { pageBytes, count: count < maxPages ? count : 0 };
  }

  /** The part of a page between the pointers to its cells and the cells; null if there is none, or it is empty. */
  #unused(page: Buffer, number: number): { from: number; to: number } | null {
    const start = number === 1 ? fileHeaderBytes : 0;
    const headerBytes = headers.get(page[start] ?? 0);
    if (headerBytes === undefined) return null;
    const from = start + headerBytes + 2 * page.readUInt16BE(start + 3);
    const to = page.readUInt16BE(start + 5) || 65_536;
    if (from >= to || to > page.length) return null;
    return page.subarray(from, to).equals(zeros.subarray(0, to - from)) ? null : { from, to };
  }
}
