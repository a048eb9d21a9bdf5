/** Bytes that each piece of work counts as at least: even a small one takes some time. */
const minBytes = 32 * 1024;

/** Lets work be done in order, a few pieces in each turn of the event loop, so that other work runs in between. */
export class Turns {
  readonly #batchBytes: number;
  readonly #waiting: { bytes: number; go(): void }[] = [];
  #left: number;
  #isOver = true;

  /** @param batchBytes bytes of work for one turn of the event loop; the last piece may go beyond */
  constructor(batchBytes: number) {
    this.#batchBytes = batchBytes;
    this.#left = batchBytes;
  }

  /** Null if so many bytes may be worked on now; else resolves when it is their turn. */
  next(bytes: number): Promise<void> | null {
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#take(bytes);
      return null;
    }
    return new Promise((go) => this.#waiting.push({ bytes, go }));
  }

  #take(bytes: number): void {
    this.#left -= Math.max(bytes, minBytes);
    if (!this.#isOver) return;
    this.#isOver = false;
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#isOver = true;
    this.#left = this.#batchBytes;
    while (this.#left > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#take(next.bytes);
      next.go();
    }
  }
}
