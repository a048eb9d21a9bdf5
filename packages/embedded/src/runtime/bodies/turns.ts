import { GatepostError } from "@gatepost/core/errors";
import type { CpuShares } from "./garbage.ts";

/** Further bodies are opened only while the open ones have fewer bytes: each is in memory several times. */
const maxOpenBytes = 16 * 1024 * 1024;

interface Waiting {
  holder: string | null;
  go(): void;
  refuse(error: GatepostError): void;
}

/**
 * Decides which body is opened next: one at a time, and the next one of the box that has used the least CPU of late. So
 * a box that sends many costly bodies keeps only itself waiting.
 */
export class BodyQueue {
  readonly #shares: CpuShares;
  readonly #waiting: Waiting[] = [];
  #isOpening = false;
  #openBytes = 0;

  constructor(shares: CpuShares) {
    this.#shares = shares;
  }

  /**
   * Resolves when a body of this box may be opened. Call `opened` after it. Rejects with 429 if the box has used up its
   * share of CPU. A holder of null has no limit.
   */
  next(holder: string | null): Promise<void> {
    return new Promise((go, refuse) => {
      this.#waiting.push({ holder, go, refuse });
      this.#goOn();
    });
  }

  /** The body is open, or could not be opened. */
  opened(bytes: number): void {
    this.#isOpening = false;
    this.#openBytes += bytes;
    this.#goOn();
  }

  closed(bytes: number): void {
    this.#openBytes -= bytes;
    this.#goOn();
  }

  #goOn(): void {
    while (!this.#isOpening && this.#openBytes < maxOpenBytes) {
      const next = this.#takeBest();
      if (next === null) return;
      const left = next.holder === null ? 1 : this.#shares.left(next.holder);
      if (left <= 0) next.refuse(tooCostly(this.#shares.secondsUntil(left)));
      else {
        this.#isOpening = true;
        next.go();
      }
    }
  }

  /** The first of the waiting ones whose box has the most CPU left. */
  #takeBest(): Waiting | null {
    const left = this.#waiting.map(({ holder }) => (holder === null ? 0 : this.#shares.left(holder)));
    const best = left.indexOf(Math.max(...left));
    return this.#waiting.splice(best, 1)[0] ?? null;
  }
}

function tooCostly(retryAfter: number): GatepostError {
  return new GatepostError(
    "too-many",
    "the large bodies of this box take too much time to read, send them more slowly",
    {
      retryAfter,
    },
  );
}
