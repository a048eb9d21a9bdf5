/** What anything counts as at least, in bytes: it takes its time however small it is. */
const leastBytes = 32 * 1024;

interface Waiting {
  bytes: number;
  go(): void;
}

/** Lets what comes together be done a few at a time, in its order, so that everything else has its turns between. */
export class Turns {
  readonly #bytesAtOnce: number;
  readonly #waiting: Waiting[] = [];
  #left: number;
  #isOver = true;

  /** @param bytesAtOnce what may be done in one turn of the event loop; the last of it may be larger than what is left */
  constructor(bytesAtOnce: number) {
    this.#bytesAtOnce = bytesAtOnce;
    this.#left = bytesAtOnce;
  }

  /** Null where so many bytes may be dealt with now; else they wait for their turn. */
  next(bytes: number): Promise<void> | null {
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#take(bytes);
      return null;
    }
    return new Promise((go) => this.#waiting.push({ bytes, go }));
  }

  #take(bytes: number): void {
    this.#left -= Math.max(bytes, leastBytes);
    if (!this.#isOver) return;
    this.#isOver = false;
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#isOver = true;
    this.#left = this.#bytesAtOnce;
    while (this.#left > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#take(next.bytes);
      next.go();
    }
  }
}
