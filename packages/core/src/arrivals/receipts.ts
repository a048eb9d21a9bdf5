import { hash } from "node:crypto";
import { minuteMs, secondMs } from "@gatepost/protocol";
import { absent, any, compare, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { keepLatest } from "./latest.ts";

/** ms in which an equal report without a time of its own repeats the first one. */
const repeatMs = 10 * secondMs;

/** ms for which a receipt is kept: longer than any repeat needs. */
const keptMs = minuteMs;

/** Most first receipts that are remembered here. */
const maxRecent = 10_000;

/**
 * `receipt HASH`: when a report that may have no time of its own was first received (ms since 1970), and `seen`, the
 * same by the clock that counts the 10 s. The hash is of all of the report.
 */
const receipts = new RecordKind("receipt ", z.object({ first: z.int(), seen: z.int() }));

interface Deps {
  items: Pick<Rows, "write">;
  /** The clock by which rows of `items` expire, ms since 1970. */
  clock(): number;
  /** ms since any fixed moment, by a clock that no one can set, if there is one. */
  elapsed(): number;
}

/** A report that a device delivers by GET. */
interface TimelessReport {
  box: string;
  /** The parts of its path, after the key. */
  path: readonly string[];
  body: Uint8Array;
  /** Whether a bridge has received it, and delivers it now or later. */
  isRelayed: boolean;
}

/**
 * The first receipts of reports that may have no time of their own, across processes. Those of this process are also
 * remembered: a row expires early when the clock steps ahead.
 */
export class Receipts {
  readonly #deps: Deps;
  readonly #recent = new Map<string, { first: number; seen: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Returns the receipt of the equal report that was received within 10 s before, and `at` if there is none. */
  async firstOf({ box, path, body, isRelayed }: TimelessReport, at: number): Promise<number> {
    const { items, clock, elapsed } = this.#deps;
    const id = hash("sha256", JSON.stringify([box, path, hash("sha256", body), isRelayed]));
    // A bridge may deliver hours later: there, the times of its own receipts count.
    const seen = isRelayed ? at : Math.floor(elapsed());
    const recent = this.#recent.get(id);
    if (recent !== undefined && Math.abs(seen - recent.seen) < repeatMs) return recent.first;
    // One far ahead is of a machine that was started again since, or of a bridge that delivers older ones later.
    const isOver = any(absent(), compare("seen", "<=", seen - repeatMs), compare("seen", ">=", seen + repeatMs));
    const change = receipts.record(id, { first: at, seen, ttl: ttlAt(clock() + keptMs) }, isOver);
    const { applied, previous } = await items.write(change);
    const held = (!applied && previous !== null && receipts.readable(previous)) || { first: at, seen };
    keepLatest(this.#recent, id, held, maxRecent);
    return held.first;
  }
}
