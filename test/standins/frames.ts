/** Returns the sizes of the WebSocket frames in the data of a client, however it is split into pieces. */
export class Frames {
  #header = Buffer.alloc(0);
  /** Bytes of the present frame that are still to come. */
  #left = 0;

  /** The bytes that each frame carries whose header ends in this piece. */
  *sizes(piece: Buffer): Generator<number> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, rest.length);
        this.#left -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      this.#header = Buffer.concat([this.#header, rest]);
      const read = headerOf(this.#header);
      if (read === null) return;
      rest = this.#header.subarray(read.length);
      this.#header = Buffer.alloc(0);
      this.#left = read.size;
      yield read.size;
    }
  }
}

/** Null if it is incomplete. RFC 6455, 5.2. */
function headerOf(bytes: Buffer): { length: number; size: number } | null {
  const [, second] = bytes;
  if (second === undefined) return null;
  const short = second & 0x7f;
  const ofSize = short === 127 ? 8 : short === 126 ? 2 : 0;
  const length = 2 + ofSize + (second & 0x80 ? 4 : 0);
  if (bytes.length < length) return null;
  if (ofSize === 0) return { length, size: short };
  return { length, size: ofSize === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)) };
}
