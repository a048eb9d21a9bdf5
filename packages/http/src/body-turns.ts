/** Bytes of bodies that are handled in one go. What is handled of 480 KB in a turn takes a millisecond. */
const bytesAtOnce = 2 * 1024 * 1024;
/** What a body counts as at least: its head, its key and its answer take their time, too. */
const leastBytes = 32 * 1024;
/** Up to here a body is small: a report without pictures, a notice. */
const smallBytes = 64 * 1024;

interface Waiting {
  bytes: number;
  go(): void;
}

/**
 * Lets bodies that have come at the same time be handled a few in one turn of the event loop, small ones and large ones
 * each in the order in which they were whole. Else the last of many is parsed before the first one is on its way to the
 * disk, and whatever else has come waits for all of them; and a small one waits for a hundred of many megabytes.
 */
export class BodyTurns {
  readonly #small = new Lane();
  readonly #large = new Lane();

  /** Null where a body of so many bytes may be handled now; else it waits for its turn. */
  next(bytes: number): Promise<void> | null {
    return (bytes <= smallBytes ? this.#small : this.#large).next(bytes);
  }
}

class Lane {
  readonly #waiting: Waiting[] = [];
  #left = bytesAtOnce;
  #isOver = true;

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
    this.#left = bytesAtOnce;
    while (this.#left > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#take(next.bytes);
      next.go();
    }
  }
}
