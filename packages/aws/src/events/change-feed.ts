import { GatepostError } from "@gatepost/ingest";
import type { Change, ChangeFeed } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { lists, shardsOf } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import { sequenceAt } from "../dynamo/monotonic-clock.ts";
import { after } from "../dynamo/page.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import { changeKey } from "./change-attributes.ts";
import { eventOf } from "./row.ts";

/**
 * ms after which every change stands in the index: the longest that a write takes with its retries, what two clocks may
 * differ by, and the time by which the index is behind the table. Nothing comes in at a place that is older.
 */
const settlesIn = 10_000;

/** Where a reader is. */
interface Position {
  cursor: string;
  /** Where it came to what is not settled yet, behind which more may have come in by now; null where it has not. */
  unsettled: string | null;
}

/**
 * The feed of changes. What is not settled yet is given as well, but the end of the feed, where `next` leads, stays at
 * what is: it is given again by the next reading, with what came in between.
 */
export class DynamoChangeFeed implements ChangeFeed {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async read(after: string | null, limit: number): Promise<{ items: Change[]; next: string; isEnd: boolean }> {
    const now = this.#clock();
    const { cursor, unsettled } = resumed(positionOf(after), now);
    const found = await this.#entriesFrom(cursor, limit + 1);
    const isEnd = found.length <= limit;
    const given = found.slice(0, limit);
    const rows = await this.#dynamo.getAll(given.map(({ pk }) => pk));
    const items = given.flatMap(({ pk }) => changeOf(rows.get(pk), now) ?? []);
    const settled = sequenceAt(now - settlesIn);
    if (isEnd) return { items, next: unsettled ?? settled, isEnd };
    const last = given.at(-1)?.at ?? cursor;
    return { items, next: textOf({ cursor: last, unsettled: unsettled ?? (last > settled ? settled : null) }), isEnd };
  }

  async madeAt(eventId: string): Promise<string | null> {
    const row = eventId.startsWith("evt_") ? await this.#dynamo.get(eventId) : null;
    return row === null || isExpired(row, this.#clock()) ? null : changeKey(String(row["made"]), eventId);
  }

  async #entriesFrom(cursor: string, count: number) {
    const shards = shardsOf(lists.changes).map((hash) => ({ index: "changes" as const, hash }));
    const entries = after(queryShards(this.#dynamo, { shards, from: cursor, order: "ascending" }), cursor);
    for await (const group of chunk(entries, () => count)) return group;
    return [];
  }
}

/** An event that has moved on meanwhile is given all the same: its new place may not be in the index yet. */
function changeOf(row: Item | undefined, now: number): Change | null {
  if (row === undefined || isExpired(row, now)) return null;
  const event = eventOf(row);
  return { event, made: changeKey(String(row["made"]), event.id), changed: String(row["changed"]) };
}

/** Who comes back after all that was not settled has become so begins there again. */
function resumed(position: Position, now: number): Position {
  const { unsettled } = position;
  const isOver = unsettled !== null && unsettled <= sequenceAt(now - 2 * settlesIn);
  return isOver ? { cursor: unsettled, unsettled: null } : position;
}

function positionOf(text: string | null): Position {
  const [, cursor, , unsettled = null] = /^(\d{15}( \w{1,64})?)(?: (\d{15}))?$/.exec(text ?? sequenceAt(0)) ?? [];
  if (cursor !== undefined) return { cursor, unsettled };
  throw new GatepostError("bad-request", "this place is of another feed; begin again without it");
}

function textOf({ cursor, unsettled }: Position): string {
  return unsettled === null ? cursor : `${cursor} ${unsettled}`;
}
