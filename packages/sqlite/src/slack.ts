import { closeSync, fdatasync, fstatSync, openSync, read, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";

/* The format of pages: https://sqlite.org/fileformat2.html#b_tree_pages */

/** The first byte of a page of a table or an index, and how long its header is. */
const headers: ReadonlyMap<number, number> = new Map([
  [2, 12],
  [5, 12],
  [10, 8],
  [13, 8],
]);

/** Bytes at the beginning of the file that come before the header of its first page. */
const fileHeaderBytes = 100;

/** Pages from which on the first byte of a page of another kind, a part of the number of a page, could be that of a table's. */
const maxPages = 2 ** 24;

/** Pages that are read at once. */
const pagesAtOnce = 256;

const zeros = Buffer.alloc(65_536);

const readAsync = promisify(read);

/**
 * The unused parts of the pages of a database. With `secure_delete` SQLite overwrites what is deleted where it is, but not
 * where it was before: a row that it has moved to another page, as it does to balance them, stays in the unused part of the
 * first one. Nobody ever reads these bytes, and they may be overwritten.
 */
export class Slack {
  readonly #file: number;

  /** It must be closed after the database, and not before: closing a file takes the locks from it that SQLite has there. */
  constructor(path: string) {
    this.#file = openSync(path, "r+");
  }

  /**
   * The numbers of the pages, from 1, in whose unused parts something is. Reads the whole file; throws the reason of the
   * signal where that is broken off.
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

  /** Overwrites with zeros what is in the unused parts of pages. The log must be empty, and nobody write meanwhile. */
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

  /** Makes durable what was overwritten. */
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

  /** The part between the places of the cells of a page and the cells; null where there is none, or nothing in it. */
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
