import type { Dynamo } from "../dynamo/dynamo.ts";

/** The row that tells every process since when it may not trust what it knows of pictures. */
export const epochRow = "erasure-seal";

/** ms by which the clocks of two processes may differ. */
export const skewMs = 5000;

/** ms after which every process has read that the seal was broken, and what it did before that is done. */
export const propagationMs = 60_000 + 2 * skewMs;

/**
 * An erasure removes pictures that other processes believe to be there. Before it does, it breaks this seal, which
 * every process reads together with the keys it admits, at most 60 s later: from then on none trusts what it saw before.
 */
export class ErasureEpoch {
  #startedAt = Number.NEGATIVE_INFINITY;

  /** Whether something seen at a time (ms) may have been erased since. */
  isStale(seenAt: number): boolean {
    return seenAt <= this.#startedAt + skewMs;
  }

  /** Takes note of the row as it was read. */
  learn(row: Readonly<Record<string, unknown>> | undefined): void {
    const startedAt = Number(row?.["brokenAt"] ?? Number.NEGATIVE_INFINITY);
    if (startedAt > this.#startedAt) this.#startedAt = startedAt;
  }

  /** To be called by an erasure, which then has to wait until every process must have read it. */
  static async advance(dynamo: Dynamo, now: number): Promise<void> {
    await dynamo.update({ pk: epochRow, set: { brokenAt: now } });
  }
}
