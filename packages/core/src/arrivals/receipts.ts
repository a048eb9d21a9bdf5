import { hash } from "node:crypto";
import { minuteMs, secondMs } from "@gatepost/protocol";
import { absent, any, compare, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** ms in which an equal report without a time of its own repeats the first one. */
const repeatMs = 10 * secondMs;

/** ms for which a receipt is kept: longer than any repeat needs. */
const keptMs = minuteMs;

/** `receipt HASH`: when a report that may have no time of its own was first received. The hash is of all of it. */
const receipts = new RecordKind("receipt ", z.object({ first: z.int() }));

interface Deps {
  items: Pick<Rows, "write">;
  /** ms since 1970. */
  clock(): number;
}

/** A report that a device delivers by GET. */
interface TimelessReport {
  box: string;
  /** The parts of its path, after the key. */
  path: readonly string[];
  body: Uint8Array;
}

/** The first receipts of reports that may have no time of their own, across processes. */
export class Receipts {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Returns the time of the equal report that was received within 10 s before `at`, and `at` if there is none. */
  async firstOf({ box, path, body }: TimelessReport, at: number): Promise<number> {
    const { items, clock } = this.#deps;
    const id = hash("sha256", JSON.stringify([box, path, hash("sha256", body)]));
    // A first one far ahead is of a clock that was set back since, or of a bridge that delivers older ones later.
    const isOver = any(absent(), compare("first", "<=", at - repeatMs), compare("first", ">=", at + repeatMs));
    const change = receipts.record(id, { first: at, ttl: ttlAt(clock() + keptMs) }, isOver);
    const { applied, previous } = await items.write(change);
    const held = !applied && previous !== null && receipts.readable(previous);
    // A bridge may deliver an earlier one later.
    return Math.min(held ? held.first : at, at);
  }
}
