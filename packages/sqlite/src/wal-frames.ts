import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/* The format of the write-ahead log: https://sqlite.org/fileformat2.html#walformat */

const headerBytes = 32;
const frameHeaderBytes = 24;

/** The two sums of the log up to a place. */
type Sums = readonly [number, number];

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
  /** Of the log up to the offset. */
  #sums: Sums = [0, 0];
  #isLittleEndian = true;

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
      this.#sums = [header.readUInt32BE(24), header.readUInt32BE(28)];
      // The last bit of the first word says in which order the others are summed.
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
      // What an earlier log has left behind the end of this one has other salts.
      if (frame === null || !frame.subarray(8, 16).equals(this.#salts)) break;
      sums = this.#added(this.#added(sums, frame.subarray(0, 8)), frame.subarray(frameHeaderBytes));
      // What a commit that failed has left behind the end follows other frames than it did.
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
