import { AsyncLocalStorage } from "node:async_hooks";

/** Values in all texts of a body together. docs/architecture.md#limits. */
export const maxValues = 1_000_000;

/** Reports of one body. A box uploads a hundred at once (docs/formats.md §3). docs/architecture.md#limits. */
export const maxReports = 10_000;

const excesses = ["too-many-values", "too-many-reports"] as const;
export type Excess = (typeof excesses)[number];

/** Whether a body was not read for its length alone. */
export function isExcess(reason: string): boolean {
  return excesses.some((excess) => excess === reason);
}

/** A body holds more than may be parsed: nothing of it is read. */
export class TooMany extends Error {
  readonly reason: Excess;

  constructor(reason: Excess) {
    super(reason);
    this.reason = reason;
  }
}

/** What is noted while one body is read, wherever in it: the values that may still be parsed of it, and what was dropped. */
export class BodyReading {
  /** Whether more than a word was dropped, because its name is there twice. */
  hasDropped = false;
  #left = maxValues;

  get left(): number {
    return this.#left;
  }

  /** Throws TooMany where there are more than are left. */
  check(values: number): void {
    if (values > this.#left) throw new TooMany("too-many-values");
  }

  take(values: number): void {
    this.#left -= values;
  }
}

const readings = new AsyncLocalStorage<BodyReading>();

/**
 * Reads one body. Whatever is parsed meanwhile counts, also a text within a text, in a form or in base64: so no wrapping
 * of one has to think of it.
 */
export function readWithin<Result>(reading: BodyReading, read: () => Result): Result {
  return readings.run(reading, read);
}

/** That of the body that is being read. A text that is read by itself has one of its own. */
export function bodyReading(): BodyReading {
  return readings.getStore() ?? new BodyReading();
}
