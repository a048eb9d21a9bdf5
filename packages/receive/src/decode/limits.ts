import { AsyncLocalStorage } from "node:async_hooks";

/** Most values in all texts of a body together. docs/architecture.md#limits. */
export const maxValues = 1_000_000;

/**
 * Most reports of one body that are recorded before its answer. A box uploads a hundred at once (docs/formats.md §3).
 * docs/architecture.md#limits.
 */
export const maxReports = 10_000;

/** Most reports of one body that are recorded later, without a person. docs/architecture.md#limits. */
export const maxLaterReports = 1_000_000;

/** So many levels are safe for JSON.parse and JSON.stringify, with any stack size. */
export const readableLevels = 1000;

const excesses = ["too-many-values", "too-many-reports"] as const;
export type Excess = (typeof excesses)[number];

/** Whether the reason is that a body has too many values or reports. */
export function isExcess(reason: string): boolean {
  return excesses.some((excess) => excess === reason);
}

/** A body has more values or reports than may be parsed: none of it is read. */
export class TooMany extends Error {
  readonly reason: Excess;

  constructor(reason: Excess) {
    super(reason);
    this.reason = reason;
  }
}

/** A body has more text that is nearly JSON than may be read here. Another thread may read it. */
export class TooTolerant extends Error {}

/** The limits of reading one body. */
export interface ReadingLimits {
  /** Most characters of text that is nearly JSON: to read it takes far longer than to read JSON. */
  maxTolerant?: number | undefined;
  maxReports?: number | undefined;
  maxValues?: number | undefined;
}

/** The counts and notes of reading one body: how many values may still be parsed, and whether something was dropped. */
export class BodyReading {
  readonly maxReports: number;
  /**
   * Why the body is kept in addition to its reports: more than a word was dropped because its name occurs twice, or a
   * part of a form is in none of them.
   */
  keep?: "duplicate-keys" | "part";
  #left: number;
  #tolerantLeft: number;

  constructor({
    maxTolerant = Number.POSITIVE_INFINITY,
    maxReports: most = maxReports,
    maxValues: values = maxValues,
  }: ReadingLimits = {}) {
    this.#left = values;
    this.#tolerantLeft = maxTolerant;
    this.maxReports = most;
  }

  get left(): number {
    return this.#left;
  }

  /** Throws TooMany if there are more values than may still be parsed. */
  check(values: number): void {
    if (values > this.#left) throw new TooMany("too-many-values");
  }

  /** Throws TooMany if there are more reports than may be read. Also within a text, of which the rest would be lost. */
  checkReports(reports: number): void {
    if (reports > this.maxReports) throw new TooMany("too-many-reports");
  }

  take(values: number): void {
    this.#left -= values;
  }

  /** Counts characters that are nearly JSON. Throws TooTolerant if there are too many. */
  takeTolerant(characters: number): void {
    this.#tolerantLeft -= characters;
    if (this.#tolerantLeft < 0) throw new TooTolerant();
  }
}

const readings = new AsyncLocalStorage<BodyReading>();

/**
 * Reads one body. All that is parsed meanwhile is counted, also texts within texts, forms and base64. So the readers of
 * wrappings need not count.
 */
export function readWithin<Result>(reading: BodyReading, read: () => Result): Result {
  return readings.run(reading, read);
}

/** The reading of the current body. A text that is read by itself has a separate reading. */
export function bodyReading(): BodyReading {
  return readings.getStore() ?? new BodyReading();
}
