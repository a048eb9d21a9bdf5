import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/* The format of the write-ahead log: https://sqlite.org/fileformat2.html#walformat */

const headerBytes = 32;
const frameHeaderBytes = 24;

/** Pages that were committed, as they are now, and how many the database has. */
export interface CommittedPages {
  pageBytes: number;
  pages: Map<number, Buffer>;
  /** Pages that the database has since the last commit. */
  count: number;
}

/**
 * Reads which pages of a database change, from its write-ahead log. It has to look after every commit: once the log has
 * begun anew, what was in it is not there any more.
 */
export class WalFrames {
  readonly #file: number;
  #salts = Buffer.alloc(0);
  #offset = headerBytes;

  /** Begins behind what is in the log. The database must be in WAL mode, and nobody else may write to it. */
  constructor(path: string) {
    this.#file = openSync(`${path}-wal`, "r");
    this.read();
  }

  /** The pages that were committed since the last call; null where there is none. */
  read(): CommittedPages | null {
    const header = this.#bytes(0, headerBytes);
    if (header === null) return null;
    const pageBytes = header.readUInt32BE(8) || 65_536;
    const salts = header.subarray(16, 24);
    if (!salts.equals(this.#salts)) {
      this.#salts = Buffer.from(salts);
      this.#offset = headerBytes;
    }
    return this.#frames(pageBytes);
  }

  close(): void {
    closeSync(this.#file);
  }

  #frames(pageBytes: number): CommittedPages | null {
    const found: CommittedPages = { pageBytes, pages: new Map(), count: 0 };
    const open = new Map<number, Buffer>();
    const { size } = fstatSync(this.#file);
    for (let at = this.#offset; at + frameHeaderBytes + pageBytes <= size; at += frameHeaderBytes + pageBytes) {
      const frame = this.#bytes(at, frameHeaderBytes + pageBytes);
      // What an earlier log has left behind the end of this one has other salts.
      if (frame === null || !frame.subarray(8, 16).equals(this.#salts)) break;
      open.set(frame.readUInt32BE(0), frame.subarray(frameHeaderBytes));
      const count = frame.readUInt32BE(4);
      if (count === 0) continue;
      for (const [page, bytes] of open) found.pages.set(page, bytes);
      open.clear();
      found.count = count;
      this.#offset = at + frameHeaderBytes + pageBytes;
    }
    return found.count === 0 ? null : found;
  }

  #bytes(at: number, length: number): Buffer | null {
    const buffer = Buffer.alloc(length);
    return readSync(this.#file, buffer, 0, length, at) === length ? buffer : null;
  }
}
