import type { Log } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { skewMs } from "../dynamo/monotonic-clock.ts";

/** The row that has the time of the last erasure. What a process remembers of pictures from before that is stale. */
export const epochRow = "erasure-seal";

/** When an erasure began last, ms. */
const epoch = z.lazy(() => z.object({ brokenAt: z.number() }));

/** ms after which a process reads the epoch again, before it relies on what it remembers. */
const readEveryMs = 30_000;

/** ms after which a process that could not read it tries again: between one and two of these, so that not all do at once. */
const retryMs = 2000;

/** ms for which a process may rely on the epoch as it read it, while reading it again fails. */
const validMs = 60_000;

/** ms after which every process has read the new epoch, and finished what it did before. */
export const propagationMs = validMs + 2 * skewMs;

interface Deps {
  /** Its calls must be short: a report waits for them. */
  dynamo: Pick<Dynamo, "getAll">;
  log: Log;
  clock(): number;
}

/**
 * An erasure removes registered pictures that other processes remember to exist. So before it removes any, it advances
 * this epoch. A process reads the epoch before it relies on its memory, once in half a minute: so one row serves all
 * processes. Where it cannot be read, everything that is remembered is stale, and the pictures of a report are written
 * again.
 */
export class ErasureEpoch {
  readonly #deps: Deps;
  #startedAt = Number.NEGATIVE_INFINITY;
  /** When the epoch that is known was asked for, ms. */
  #readAt = Number.NEGATIVE_INFINITY;
  /** When it is to be read again, ms. */
  #dueAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether `refresh` has to be waited for before anything is taken for known. */
  get isDue(): boolean {
    return this.#deps.clock() >= this.#dueAt;
  }

  /** Reads the epoch where that is due. Never throws. */
  async refresh(): Promise<void> {
    if (this.isDue) this.#reading ??= this.#read(this.#deps.clock());
    await this.#reading;
  }

  /** Whether a picture that was seen at a time (ms) may have been erased since. */
  isStale(seenAt: number): boolean {
    return this.#deps.clock() - this.#readAt >= validMs || seenAt <= this.#startedAt + skewMs;
  }

  /** Whether an erasure may have begun within so many ms, as far as this process knows. */
  hasBegunWithin(ms: number): boolean {
    const now = this.#deps.clock();
    return now - this.#readAt >= validMs || now <= this.#startedAt + ms + skewMs;
  }

  /** Whether no erasure has begun since a time (ms), as is known by less than half a minute ago. Call `refresh` before. */
  isUnchangedSince(time: number): boolean {
    return this.#deps.clock() - this.#readAt < readEveryMs && this.#startedAt + skewMs < time;
  }

  /** One that fails is not tried again at once by every report. */
  async #read(now: number): Promise<void> {
    try {
      const row = (await this.#deps.dynamo.getAll([epochRow])).get(epochRow);
      if (row !== undefined) this.#startedAt = Math.max(this.#startedAt, parseStored(epoch, row, epochRow).brokenAt);
      this.#readAt = now;
      this.#dueAt = now + readEveryMs;
    } catch (cause) {
      this.#dueAt = now + retryMs * (1 + Math.random());
      this.#deps.log.warn("the time of the last erasure was not read", { cause });
    } finally {
      this.#reading = null;
    }
  }

  /** Called by an erasure, which then has to wait for `propagationMs`. */
  static async advance(dynamo: Dynamo, now: number): Promise<void> {
    await dynamo.update({ pk: epochRow, set: { brokenAt: now } satisfies z.output<typeof epoch> });
  }
}
