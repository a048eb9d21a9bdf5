import type { ReceiverPorts } from "../ports/ports.ts";
import type { Understood } from "./understand.ts";

/** Counts how much of one batch is recorded before its answer. */
export class BatchLimit {
  readonly #until: number;
  readonly #deps: Pick<ReceiverPorts, "clock" | "longBatches">;
  #values = 0;

  /** @param until ms since 1970; undefined if the time has no limit */
  constructor(until = Number.POSITIVE_INFINITY, deps: Pick<ReceiverPorts, "clock" | "longBatches">) {
    this.#until = until;
    this.#deps = deps;
  }

  /** Counts recorded reports. Returns whether the rest of the batch must wait. */
  isReachedWith(recorded: readonly Understood[]): boolean {
    const { longBatches, clock } = this.#deps;
    if (longBatches === undefined) return false;
    for (const { values } of recorded) this.#values += values;
    return this.#values >= longBatches.maxValues || clock() >= this.#until;
  }
}
