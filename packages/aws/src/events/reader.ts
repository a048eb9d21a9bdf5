import { type EventFilter, type EventReader, matches } from "@gatepost/core/events";
import { type Page, type PageRequest, valuesOf } from "@gatepost/core/lists";
import { comparable, merge, type StoredEvent } from "@gatepost/protocol";
import { type Entry, type Item, placeAt, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { readDynamoPage } from "../dynamo/page.ts";
import type { ShardedRange } from "../dynamo/query-shards.ts";
import type { IndexName } from "../dynamo/table.ts";
import { eventOf } from "./row.ts";

/** Reads the events of the table. An expired event is treated as missing, also while DynamoDB still has its row. */
export class DynamoEventReader implements EventReader {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    return readDynamoPage(this.#dynamo, rangeOf(filter), page, (row, entry) => this.#found(row, entry, filter));
  }

  async count(filter: EventFilter, max: number): Promise<{ count: number; isExact: boolean }> {
    const page = { limit: max, cursor: null, maxLookedAt: max, hasNoSize: true };
    const { items, next } = await readDynamoPage(this.#dynamo, rangeOf(filter), page, (row, entry) =>
      this.#found(row, entry, filter) === null ? null : true,
    );
    return { count: items.length, isExact: next === null };
  }

  async neighbours({ id, timestamp }: { id: string; timestamp: number }, filter: EventFilter) {
    const cursor = placeAt(timestamp, id);
    const page = { limit: 1, cursor };
    const nearest = async (order: "ascending" | "descending") => {
      const range = { ...rangeOf(filter), order };
      const { items } = await readDynamoPage(this.#dynamo, range, page, (row, entry) =>
        this.#found(row, entry, filter),
      );
      return items[0]?.id ?? null;
    };
    const [newer, older] = await Promise.all([nearest("ascending"), nearest("descending")]);
    return { newer, older };
  }

  async get(id: string): Promise<StoredEvent | null> {
    const row = id.startsWith("evt_") ? await this.#dynamo.get(id) : null;
    return row === null || isExpired(row, this.#clock()) ? null : eventOf(row);
  }

  /** The event of a row, if it has not expired, is still at that place of the list and matches. */
  #found(row: Item, entry: Entry, filter: EventFilter): StoredEvent | null {
    if (isExpired(row, this.#clock()) || row["at"] !== entry.at) return null;
    const event = eventOf(row);
    return matches(merge(event), filter) ? event : null;
  }

  async getAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const rows = await this.#dynamo.getAll(ids.filter((id) => id.startsWith("evt_")));
    const live = [...rows.values()].filter((row) => !isExpired(row, this.#clock()));
    return new Map(live.map(eventOf).map((event) => [event.id, event]));
  }
}

/** The shortest list that has all events of a filter, and the range to read. */
function rangeOf({ from, to, ...filter }: EventFilter): ShardedRange {
  const text = (time: number | undefined) => (time === undefined ? time : timeText(time));
  return { shards: shardsOfFilter(filter), order: "descending", from: text(from), to: text(to) };
}

/** With more lists to read together, reading the list of all events is faster. */
const maxLists = 4;

/**
 * The same for the boxes that a limited key sees. Most events are of other boxes, so the list of all events would give
 * few of them.
 */
const maxSeenLists = 50;

function shardsOfFilter({ person = [], box = [], boxes }: EventFilter): ShardedRange["shards"] {
  const [people, named] = [valuesOf(person), valuesOf(box)];
  if (isFew(people)) {
    const keys = new Set(people.map(comparable));
    return [...keys].flatMap((key) => shardsIn("byPerson", lists.ofPerson(key)));
  }
  if (isFew(named)) return named.flatMap((one) => shardsIn("byBox", lists.ofBox(one)));
  if (boxes !== undefined && boxes.length <= maxSeenLists)
    return boxes.flatMap((one) => shardsIn("byBox", lists.ofBox(one)));
  return shardsIn("byTime", lists.events);
}

function isFew(values: readonly string[]): boolean {
  return values.length > 0 && values.length <= maxLists;
}

/** The shards of a list. */
export function shardsIn(index: IndexName, list: string): ShardedRange["shards"] {
  return shardsOf(list).map((hash) => ({ index, hash }));
}
