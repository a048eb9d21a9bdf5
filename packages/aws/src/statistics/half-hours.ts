import { GatepostError } from "@gatepost/core/errors";
import type { CountedPart, FlagCount, HalfHourCounts, HalfHourRange } from "@gatepost/core/statistics";
import { halfHourMs } from "@gatepost/core/zones";
import { dayMs } from "@gatepost/protocol";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { anyFlag } from "./day-counts.ts";
import { allBoxes, type CountsRow, countsIn, countsKey, countsOfDay } from "./row.ts";

/** Most rows that are read for one answer. Each box and day has one. */
const maxRows = 20_000;

/** Rows that are read at a time. */
const batchSize = 100;

/** Reads the counts that `Tally` writes. */
export class DynamoHalfHours implements HalfHourCounts {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #keptMs: number;

  constructor(dynamo: Dynamo, { clock, keptMs }: { clock(): number; keptMs: number }) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  async *read(asked: HalfHourRange): AsyncGenerator<CountedPart> {
    const range = this.#kept(asked);
    for await (const { box, day, counts } of this.#rows(await this.#keysOf(range))) yield counts.part(box, day, range);
  }

  async totals(asked: HalfHourRange): Promise<Map<number, number>> {
    const range = this.#kept(asked);
    const totals = new Map<number, number>();
    // The sums over all boxes know no device.
    const keys = range.devices === undefined ? totalKeysOf(range) : await this.#keysOf(range);
    for await (const { box, day, counts } of this.#rows(keys)) {
      for (const { start, count } of counts.part(box, day, range).halfHours) {
        totals.set(start, (totals.get(start) ?? 0) + count);
      }
    }
    return totals;
  }

  async flags(range: HalfHourRange): Promise<FlagCount[]> {
    const flags = new Map<string, FlagOfDays>();
    for await (const { box, day, counts } of this.#rows(await this.#keysOf(range))) {
      for (const flagCount of counts.flagsIn(box, day, range)) {
        if (flagCount.flag === anyFlag) continue;
        const key = JSON.stringify([flagCount.flag, box]);
        flags.set(key, joined(flags.get(key), { ...flagCount, day }));
      }
    }
    return [...flags.values()].map(({ day: _, ...count }) => count);
  }

  async flagged(range: HalfHourRange): Promise<number> {
    let flagged = 0;
    for await (const { box, day, counts } of this.#rows(totalKeysOf(range))) {
      const any = counts.flagsIn(box, day, range).find(({ flag }) => flag === anyFlag);
      flagged += any?.count ?? 0;
    }
    return flagged;
  }

  /** A half-hour that is too old is treated as missing, even while its day has a row. */
  #kept(range: HalfHourRange): HalfHourRange {
    return { ...range, from: Math.max(range.from, this.#clock() - this.#keptMs) };
  }

  /** The keys of the rows of a range. If boxes are named, some of these rows may not exist. */
  async #keysOf(range: HalfHourRange): Promise<string[]> {
    const days = daysOf(range);
    const { boxes } = range;
    if (boxes !== null) return atMost(boxes.flatMap((box) => days.map((day) => countsKey(box, day))));
    const keys: string[] = [];
    for (const day of days) {
      keys.push(...(await this.#keysOfDay(day)));
      atMost(keys);
    }
    return keys;
  }

  async #keysOfDay(day: number): Promise<string[]> {
    const shards = shardsOf(countsOfDay(day)).map((hash) => ({ index: "byTime" as const, hash }));
    const keys: string[] = [];
    for await (const { pk } of queryShards(this.#dynamo, { shards, order: "ascending" })) keys.push(pk);
    return keys;
  }

  async *#rows(keys: readonly string[]): AsyncGenerator<CountsRow> {
    for (let from = 0; from < keys.length; from += batchSize) {
      const rows = await this.#dynamo.getAll(keys.slice(from, from + batchSize));
      for (const row of rows.values()) yield countsIn(row);
    }
  }
}

/** The rows with the sums over all boxes, one for each day. */
function totalKeysOf(range: HalfHourRange): string[] {
  const days = daysOf(range);
  return atMost((range.boxes ?? [allBoxes]).flatMap((box) => days.map((day) => countsKey(box, day))));
}

/** The days of UTC that have a half-hour of the range. */
function daysOf({ from, to }: HalfHourRange): number[] {
  const [first, last] = [Math.floor(from / dayMs), Math.floor((to - halfHourMs) / dayMs)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
}

function atMost(keys: string[]): string[] {
  if (keys.length <= maxRows) return keys;
  const limit = maxRows.toLocaleString("en");
  throw new GatepostError(
    "bad-request",
    `over ${limit} days of boxes would be read: name a box, or ask for fewer days`,
  );
}

/** The count of some days, with the last of them. */
type FlagOfDays = FlagCount & { day: number };

/** The later day has the event that passed last, even if it is not known which one that is. */
function joined(one: FlagOfDays | undefined, other: FlagOfDays): FlagOfDays {
  if (one === undefined) return other;
  return { ...(other.day > one.day ? other : one), count: one.count + other.count };
}
