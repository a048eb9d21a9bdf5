import type { Log } from "@gatepost/core/log";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { skewMs } from "../dynamo/monotonic-clock.ts";

/** The row with the time of the last erasure. What a process remembers of pictures from before that is stale. */
export const epochRow = "erasure-seal";

/** When the last erasure began, ms since 1970. */
const epoch = z.lazy(() => z.object({ brokenAt: z.number() }));

/** ms after which a process reads the epoch again, before it relies on its memory. */
const readEveryMs = 30_000;

/**
 * ms after which a process that could not read the epoch tries again: between one and two times this, so that not all
 * try at once.
 */
const retryMs = 2000;

/** ms for which a process may rely on the last epoch it read, while reading fails. */
const validMs = 60_000;

/** ms after which every process has read the new epoch, and finished its earlier work. */
export const propagationMs = validMs + 2 * skewMs;

interface Deps {
  /** Needs short time limits: a report waits for its calls. */
  dynamo: Pick<Dynamo, "getAll">;
  log: Log;
  clock(): number;
}

/**
 * An erasure removes registered pictures that other processes remember to exist. So before it removes any, it advances
 * this epoch. A process reads the epoch once in half a minute, before it relies on its memory: so one row serves all
 * processes. If it cannot be read, all remembered pictures are stale, and the pictures of a report are written again.
 */
export class ErasureEpoch {
  readonly #deps: Deps;
  #startedAt = Number.NEGATIVE_INFINITY;
  /** When the known epoch was requested, ms since 1970. */
  #readAt = Number.NEGATIVE_INFINITY;
  /** When it must be read again, ms since 1970. */
  #dueAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether `refresh` must be awaited before the memory is used. */
  get isDue(): boolean {
    return this.#deps.clock() >= this.#dueAt;
  }

  /** Reads the epoch if it is due. Never throws. */
  async refresh(): Promise<void> {
    if (this.isDue) this.#reading ??= this.#read(this.#deps.clock());
    await this.#reading;
  }

  /** Whether a picture that was seen at a time (ms since 1970) may have been erased since. */
  isStale(seenAt: number): boolean {
    return this.#deps.clock() - this.#readAt >= validMs || seenAt <= this.#startedAt + skewMs;
  }

  /** Whether, as far as this process knows, an erasure may have begun within so many ms. */
  hasBegunWithin(ms: number): boolean {
    const now = this.#deps.clock();
    return now - this.#readAt >= validMs || now <= this.#startedAt + ms + skewMs;
  }

  /**
   * Whether no erasure has begun since a time (ms since 1970), as of less than half a minute ago. Call `refresh`
   * before.
   */
  isUnchangedSince(time: number): boolean {
    return this.#deps.clock() - this.#readAt < readEveryMs && this.#startedAt + skewMs < time;
  }

  /** After a failure, not every report tries again at once. */
  async #read(now: number): Promise<void> {
    try {
      const row = (await this.#deps.dynamo.getAll([epochRow])).get(epochRow);
      if (row !== undefined) this.#startedAt = Math.max(this.#startedAt, parseStored(epoch, row, epochRow).brokenAt);
      this.#readAt = now;
      this.#dueAt = now + readEveryMs;
    } catch (cause) {
      this.#dueAt = now + retryMs * (1 + Math.random());
      this.#deps.log.warn("could not read time of last erasure", { cause });
    } finally {
      this.#reading = null;
    }
  }

  /** Called by an erasure, which must then wait for `propagationMs`. */
  static async advance(dynamo: Dynamo, now: number): Promise<void> {
    await dynamo.update({ pk: epochRow, set: { brokenAt: now } satisfies z.output<typeof epoch> });
  }
}
