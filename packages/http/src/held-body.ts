/** Limits of the bytes allocated ahead, for any declared length: at first, and per byte that has arrived. */
const maxAhead = 64 * 1024;
const maxAheadForEach = 8;

/** From this size on, a body is in a resizable buffer: it grows without a copy, and its memory can be freed at once. */
const largeBytes = 512 * 1024;

/**
 * Takes bytes from the room that all bodies share. Throws if there is not that much; a negative number gives room back.
 */
export type Take = (bytes: number) => void;

/**
 * Collects a body in one piece, so that its chunks and a copy of them are never in memory together. It takes room
 * before it allocates memory.
 */
export class HeldBody {
  readonly #maxBytes: number;
  readonly #declared: number;
  readonly #take: Take;
  #bytes: Uint8Array = new Uint8Array();
  #length = 0;
  /** Bytes of room that were taken. */
  #held = 0;
  #large: ArrayBuffer | null = null;
  /** The memory of `#bytes`, if nothing else uses a part of it. */
  #own: ArrayBuffer | null = null;

  /** @param declared the size that the client announced: only a hint of how much to allocate */
  constructor(maxBytes: number, declared: number, take: Take) {
    this.#maxBytes = maxBytes;
    this.#declared = declared;
    this.#take = take;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a piece, whose memory may then be gone: the caller uses it no more. */
  add(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) this.#grow(chunk, length);
    // The first chunk of a small body is used as it is.
    if (this.#bytes !== chunk) this.#bytes.set(chunk, this.#length);
    if (this.#large !== null) freeChunk(chunk);
    this.#length = length;
  }

  /** The bytes that have arrived so far, not copied. They must not be used after `free`. */
  whole(): Buffer {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
  }

  /** Gives back the room, and frees large memory at once. */
  free(): void {
    // Left to the garbage collector, the memory would stay while new bodies already use its room.
    this.#freeOwn();
    // Who uses the body may have given its memory to another thread.
    if (this.#large?.detached === false) this.#large.resize(0);
    this.#bytes = new Uint8Array();
    this.#hold(0);
  }

  #grow(chunk: Uint8Array, length: number): void {
    const ahead = Math.max(maxAhead, chunk.length * maxAheadForEach);
    const wanted = Math.min(this.#declared, ahead, largeBytes, this.#maxBytes);
    // A body that has come whole in one piece, as most small ones do, is not copied.
    if (this.#length === 0 && wanted > length) {
      this.#hold(wanted);
      const bytes = Buffer.allocUnsafeSlow(wanted);
      this.#own = bytes.buffer;
      this.#bytes = bytes;
    } else if (this.#length === 0 && length < largeBytes) {
      this.#hold(length);
      this.#bytes = chunk;
    } else this.#growLarge(length);
  }

  #growLarge(length: number): void {
    this.#hold(length);
    if (this.#large !== null) {
      this.#large.resize(length);
      return;
    }
    const before = this.#bytes.subarray(0, this.#length);
    this.#large = new ArrayBuffer(length, { maxByteLength: this.#maxBytes });
    this.#bytes = new Uint8Array(this.#large);
    this.#bytes.set(before);
    // It is counted no more: kept, the bodies could hold nearly twice the room.
    this.#freeOwn();
  }

  #freeOwn(): void {
    this.#own?.transfer(0);
    this.#own = null;
  }

  #hold(bytes: number): void {
    this.#take(bytes - this.#held);
    this.#held = bytes;
  }
}

/** Left to the garbage collector, the chunks of a large body would take as much memory again for a while. */
function freeChunk({ buffer, byteLength }: Uint8Array): void {
  // A shorter chunk may share its memory with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
