import { parseStored } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";

/** The row that has the time of the last erasure. What a process remembers of pictures from before that is stale. */
export const epochRow = "erasure-seal";

/** When an erasure began last, ms. */
const epoch = z.object({ brokenAt: z.number() });

/** ms by which the clocks of two processes may differ. */
export const skewMs = 5000;

/** ms after which every process has read the new epoch, and finished what it did before. */
export const propagationMs = 60_000 + 2 * skewMs;

/**
 * An erasure removes pictures that other processes remember to exist. So before it removes any, it advances this epoch.
 * Every process reads the epoch together with the keys, at most 60 s later, and from then on does not rely on what it
 * saw before.
 */
export class ErasureEpoch {
  #startedAt = Number.NEGATIVE_INFINITY;

  /** Whether a picture that was seen at a time (ms) may have been erased since. */
  isStale(seenAt: number): boolean {
    return seenAt <= this.#startedAt + skewMs;
  }

  /** Remembers the epoch of the row, as it was read. */
  learn(row: Readonly<Record<string, unknown>> | undefined): void {
    if (row === undefined) return;
    const { brokenAt } = parseStored(epoch, row, epochRow);
    if (brokenAt > this.#startedAt) this.#startedAt = brokenAt;
  }

  /** Called by an erasure, which then has to wait for `propagationMs`. */
  static async advance(dynamo: Dynamo, now: number): Promise<void> {
    await dynamo.update({ pk: epochRow, set: { brokenAt: now } satisfies z.output<typeof epoch> });
  }
}
