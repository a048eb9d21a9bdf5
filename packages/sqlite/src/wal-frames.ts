import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/* The format of the write-ahead log: https://sqlite.org/fileformat2.html#walformat */

const headerBytes = 32;
const frameHeaderBytes = 24;

/** The two checksums of the log up to a position. */
type Sums = readonly [number, number];

/** Committed pages in their present form, and the size of the database. */
export interface CommittedPages {
  pageBytes: number;
  pages: Map<number, Buffer>;
  /** Pages of the database since the last commit. */
  count: number;
}

/**
 * Reads from the write-ahead log which pages of a database change. It must read after every commit: when the log begins
 * again, its earlier content is gone.
 */
export class WalFrames {
  readonly #file: number;
  #salts = Buffer.alloc(0);
  #offset = headerBytes;
  /** The checksums of the log up to the offset. */
  #sums: Sums = [0, 0];
  #isLittleEndian = true;

  /** Begins at the present end of the log. The database must be in WAL mode, and nothing else may write to it. */
  constructor(path: string) {
    this.#file = openSync(`${path}-wal`, "r");
    this.read();
  }

  /** The pages that were committed since the last call; null if there is none. */
  read(): CommittedPages | null {
    const header = this.#bytes(0, headerBytes);
    if (header === null) return null;
    const pageBytes = header.readUInt32BE(8) || 65_536;
    const salts = header.subarray(16, 24);
    if (!salts.equals(this.#salts)) {
      this.#salts = Buffer.from(salts);
      this.#offset = headerBytes;
      this.#sums = [header.readUInt32BE(24), header.readUInt32BE(28)];
      // The last bit of the first word says in which byte order the checksums are made.
      this.#isLittleEndian = header.readUInt32BE(0) % 2 === 0;
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
    let sums = this.#sums;
    for (let at = this.#offset; at + frameHeaderBytes + pageBytes <= size; at += frameHeaderBytes + pageBytes) {
      const frame = this.#bytes(at, frameHeaderBytes + pageBytes);
      // Frames of an earlier log after the end of this one have other salts.
      if (frame === null || !frame.subarray(8, 16).equals(this.#salts)) break;
      sums = this.#added(this.#added(sums, frame.subarray(0, 8)), frame.subarray(frameHeaderBytes));
      // Frames of a failed commit after the end do not continue the checksums.
      if (frame.readUInt32BE(16) !== sums[0] || frame.readUInt32BE(20) !== sums[1]) break;
      open.set(frame.readUInt32BE(0), frame.subarray(frameHeaderBytes));
      const count = frame.readUInt32BE(4);
      if (count === 0) continue;
      for (const [page, bytes] of open) found.pages.set(page, bytes);
      open.clear();
      found.count = count;
      this.#offset = at + frameHeaderBytes + pageBytes;
      this.#sums = sums;
    }
    return found.count === 0 ? null : found;
  }

  #added([first, second]: Sums, bytes: Buffer): Sums {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 8) {
      first = (first + words.getUint32(at, this.#isLittleEndian) + second) | 0;
      second = (second + words.getUint32(at + 4, this.#isLittleEndian) + first) | 0;
    }
    return [first >>> 0, second >>> 0];
  }

  #bytes(at: number, length: number): Buffer | null {
    const buffer = Buffer.alloc(length);
    return readSync(this.#file, buffer, 0, length, at) === length ? buffer : null;
  }
}
