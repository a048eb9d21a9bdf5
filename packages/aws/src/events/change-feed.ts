import { GatepostError } from "@gatepost/ingest";
import { type Change, type ChangeFeed, PageRoom } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { shardsOf } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { sequenceAt } from "../dynamo/monotonic-clock.ts";
import { after, bytesOf } from "../dynamo/page.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import { changeKey } from "./change-attributes.ts";
import { changeIn, eventOf } from "./row.ts";

/**
 * After so many ms the index surely has a change. It is the sum of the longest time that a write takes with its
 * retries, the difference between two clocks, and the lag of the index. No entry with an older sequence appears later.
 */
export const settleMs = 10_000;

/** The position of a reader in the feed. */
interface Position {
  cursor: string;
  /**
   * The end of the settled entries when the reader reached it. Entries after it may have been added since. Null while
   * the reader has not reached it.
   */
  unsettled: string | null;
}

/**
 * The feed of changes. Entries that are not settled yet are given too. But at the end of the feed `next` points to the
 * end of the settled entries, so the next read gives the unsettled ones again, with what was added between them.
 */
export class DynamoChangeFeed implements ChangeFeed {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async read(
    after: string | null,
    limit: number,
    maxBytes?: number,
  ): Promise<{ items: Change[]; next: string; isEnd: boolean }> {
    const now = this.#clock();
    const { cursor, unsettled } = resumed(positionOf(after), now);
    const found = await this.#entriesFrom(cursor, limit + 1);
    const rows = await this.#dynamo.getAll(found.slice(0, limit).map(({ pk }) => pk));
    const given = found.slice(0, fitting(found.slice(0, limit), rows, new PageRoom(maxBytes)));
    const isEnd = found.length === given.length;
    const items = given.flatMap(({ pk }) => changeOf(rows.get(pk), now) ?? []);
    const settled = sequenceAt(now - settleMs);
    if (isEnd) return { items, next: unsettled ?? settled, isEnd };
    const last = given.at(-1)?.at ?? cursor;
    return { items, next: textOf({ cursor: last, unsettled: unsettled ?? (last > settled ? settled : null) }), isEnd };
  }

  async end(): Promise<string> {
    return sequenceAt(this.#clock() - settleMs);
  }

  async madeAt(eventId: string): Promise<string | null> {
    const row = eventId.startsWith("evt_") ? await this.#dynamo.get(eventId) : null;
    return row === null || isExpired(row, this.#clock()) ? null : changeKey(changeIn(row).made, eventId);
  }

  async #entriesFrom(cursor: string, count: number) {
    const shards = shardsOf(lists.changes).map((hash) => ({ index: "changes" as const, hash }));
    const entries = after(queryShards(this.#dynamo, { shards, from: cursor, order: "ascending" }), cursor);
    for await (const group of chunk(entries, () => count)) return group;
    return [];
  }
}

/** How many of the first entries fit into one answer; at least one, if there is any. */
function fitting(entries: readonly { pk: string }[], rows: ReadonlyMap<string, Item>, room: PageRoom): number {
  const end = entries.findIndex(({ pk }) => !room.takes(bytesOf(rows.get(pk))));
  return end === -1 ? entries.length : end;
}

/** Also gives an event that has changed again since: the index may not have its new entry yet. */
function changeOf(row: Item | undefined, now: number): Change | null {
  if (row === undefined || isExpired(row, now)) return null;
  const event = eventOf(row);
  const { made, changed } = changeIn(row);
  return { event, made: changeKey(made, event.id), changed };
}

/** A reader that returns when everything has settled begins at the unsettled entries again. */
function resumed(position: Position, now: number): Position {
  const { unsettled } = position;
  const isOver = unsettled !== null && unsettled <= sequenceAt(now - 2 * settleMs);
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
