import { all } from "@gatepost/core/errors";
import { compare, not } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { type MonotonicClock, timeOf } from "../dynamo/monotonic-clock.ts";

/** The row with the time of the newest change of the feed (`newest`, ms), which a reader of a quiet feed reads alone. */
export const headRow = "feed head";

/** ms for which a process relies on the head that it wrote: the newest change is at most so much later than the head. */
export const headEveryMs = 5000;

/** Gives the writes of the feed their sequences, and keeps the head of the feed at them. */
export class FeedWrites {
  readonly #dynamo: Dynamo;
  readonly #clock: MonotonicClock;
  #raised: { at: number; done: Promise<unknown> } | null = null;

  constructor(dynamo: Dynamo, clock: MonotonicClock) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  /** Runs a write with its sequence. Throws if the head cannot be raised, too: readers would not see the change. */
  async write<Result>(write: (sequence: string) => Promise<Result>): Promise<Result> {
    const sequence = this.#clock.next();
    const written = write(sequence);
    await all<unknown>([written, this.#raise(timeOf(sequence))]);
    return written;
  }

  #raise(at: number): Promise<unknown> {
    const held = this.#raised;
    if (held !== null && at < held.at + headEveryMs) return held.done;
    const when = not(compare("newest", ">=", at));
    const raised = { at, done: this.#dynamo.update({ pk: headRow, set: { newest: at }, when }) };
    this.#raised = raised;
    raised.done.catch(() => {
      if (this.#raised === raised) this.#raised = null;
    });
    return raised.done;
  }
}
