import {
  aheadMs,
  isInRange,
  lastPassingBefore,
  laterOf,
  type PassingRange,
  type PersonAt,
  type StoredPassing,
  storedPassingOf,
} from "@gatepost/core/people";
import { dayMs, merge } from "@gatepost/protocol";
import { type Entry, type Item, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk, forEachLimit } from "../dynamo/groups.ts";
import { isExpired } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards, type ShardedRange } from "../dynamo/query-shards.ts";
import { shardsIn } from "../events/reader.ts";
import { eventOf } from "../events/row.ts";

/** Rows of one call, and calls at a time. Most readers need only the last passings, so the first call has fewer. */
const rowsATime = 100;
const callsATime = 8;
const firstRows = 20;

/**
 * The last passing of one person costs 16 queries. For more people than these, the lists of their boxes are read first,
 * for some days: a weekend, and a day of work before it.
 */
const fewPeople = 16;
const daysOfLists = 3;

/** Boxes whose lists are read together: each has 16 shards. */
const boxesATime = 4;

/**
 * Reads passings from the lists of events as one stream: hours of a site are tens of thousands of rows. Lists and rows
 * may be a second old.
 */
export class DynamoPassings {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  /** The newest first by the time of the event, for a person at all boxes together, else for each box. */
  async *read(range: PassingRange): AsyncGenerator<StoredPassing[]> {
    // An event that moves meanwhile may be at both of its places.
    const read = new Set<string>();
    for (const shards of shardsOf(range)) {
      const to = timeText(range.to + aheadMs);
      const entries = queryShards(this.#dynamo, { shards, from: timeText(range.from), to, order: "descending" });
      let size = firstRows;
      for await (const group of chunk(entries, () => size)) {
        size = rowsATime * callsATime;
        const calls = Array.from({ length: Math.ceil(group.length / rowsATime) }, (_, n) =>
          this.#passingsOf(group.slice(n * rowsATime, (n + 1) * rowsATime)),
        );
        const found = (await Promise.all(calls)).flat().filter((one) => isInRange(one, range) && !read.has(one.event));
        for (const { event } of found) read.add(event);
        if (found.length > 0) yield found;
      }
    }
  }

  /** The last passing of each person before a time. */
  async lastBefore(people: readonly PersonAt[], time: number): Promise<(StoredPassing | null)[]> {
    const found = people.map((): StoredPassing | null => null);
    const places = new Map(people.flatMap(({ key, boxes }, n) => boxes.map((box) => [placeIn(box, key), n] as const)));
    const boxes = [...new Set(people.flatMap((one) => one.boxes))];
    const missing = () => people.flatMap((person, n) => (found[n] === null ? [{ person, n }] : []));
    for (let days = 1; days <= daysOfLists && missing().length > fewPeople; days++) {
      const to = time - (days - 1) * dayMs;
      for await (const some of this.read({ boxes, from: to - dayMs, to, of: "known" })) {
        for (const passing of some) {
          const n = places.get(placeIn(passing.box, passing.person?.key ?? ""));
          if (n !== undefined) found[n] = laterOf(found[n] ?? null, passing);
        }
      }
    }
    await forEachLimit(missing(), async ({ person, n }) => {
      found[n] = await lastPassingBefore(person, time, this);
    });
    return found;
  }

  async #passingsOf(entries: readonly Entry[]): Promise<StoredPassing[]> {
    const keys = entries.map(({ pk }) => pk);
    const rows = await this.#dynamo.getAll(keys, false);
    return entries.flatMap((entry) => this.#passingAt(entry, rows.get(entry.pk)) ?? []);
  }

  /** The passing of a row, if its event has not expired and is still at that place of the list. */
  #passingAt({ at }: Entry, row: Item | undefined): StoredPassing | null {
    if (row === undefined || isExpired(row, this.#clock()) || row["at"] !== at) return null;
    return storedPassingOf(merge(eventOf(row)));
  }
}

/** No name of a box has this sign. */
function placeIn(box: string, key: string): string {
  return `${box}\0${key}`;
}

/** The shards to read together, one group after the other. */
function shardsOf({ of, boxes }: PassingRange): ShardedRange["shards"][] {
  if (boxes.length === 0) return [];
  if (typeof of !== "string") return [shardsIn("byPerson", lists.ofPerson(of.key))];
  return Array.from({ length: Math.ceil(boxes.length / boxesATime) }, (_, n) =>
    boxes.slice(n * boxesATime, (n + 1) * boxesATime).flatMap((box) => shardsIn("byBox", lists.ofBox(box))),
  );
}
