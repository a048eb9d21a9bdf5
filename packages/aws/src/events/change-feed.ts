import { GatepostError } from "@gatepost/core/errors";
import {
  type Change,
  type ChangeFeed,
  type ChangePage,
  missedNews,
  type News,
  newsKeptMs,
} from "@gatepost/core/events";
import { PageRoom } from "@gatepost/core/lists";
import { type Log, LogOnce } from "@gatepost/core/log";
import type { Item } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk } from "../dynamo/groups.ts";
import { isExpired, textOf as textIn } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { sequenceAt, skewMs, timeOf } from "../dynamo/monotonic-clock.ts";
import { after, bytesOf } from "../dynamo/page.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { headEveryMs, headRow } from "./feed-writes.ts";
import { Heartbeats, heldUpAfterMs } from "./heartbeats.ts";
import { isNews, newsIn } from "./news.ts";
import { changeIn, changeKey, eventOf } from "./row.ts";

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
 * The feed of changes. Entries that are not settled yet are returned too. But at the end of the feed `next` points to
 * the end of the settled entries, so the next read returns the unsettled ones again, with entries that were added
 * between them.
 */
export class DynamoChangeFeed implements ChangeFeed {
  /** They show up to which sequence the feed is settled. */
  readonly heartbeats: Heartbeats;
  readonly #dynamo: Dynamo;
  readonly #broken: LogOnce;
  readonly #clock: () => number;

  constructor({ dynamo, log, clock }: { dynamo: Dynamo; log: Log; clock(): number }) {
    this.heartbeats = new Heartbeats({ dynamo, log, clock });
    this.#dynamo = dynamo;
    this.#broken = new LogOnce(log, "news of the feed is broken and not told; it expires within two days");
    this.#clock = clock;
  }

  async read(after: string | null, limit: number, maxBytes?: number): Promise<ChangePage> {
    const now = this.#clock();
    const asked = positionOf(after);
    const head = await this.#head();
    if (isQuiet(asked, head, now)) return { items: [], news: [], next: asked.cursor, isEnd: true };
    let page = await this.#page(asked, limit, { settled: await this.heartbeats.settled(), head });
    if (page.upTo < sequenceAt(now - heldUpAfterMs) || (!isRecent(page.cursor, now) && !isRecent(page.settled, now))) {
      page = await this.#page(asked, limit, { settled: await this.heartbeats.renewed(), head });
    }
    const { cursor, unsettled, settled, found } = page;
    const rows = await this.#dynamo.getAll(found.slice(0, limit).map(({ pk }) => pk));
    const given = found.slice(0, fitting(found.slice(0, limit), rows, new PageRoom(maxBytes)));
    const isEnd = found.length === given.length;
    // A reader has all that is before its cursor.
    const begin = cursor > settled ? cursor : settled;
    const cursorAt = (at: string) =>
      textOf({ cursor: at, unsettled: unsettled ?? (at > settled ? sequenceIn(begin) : null) });
    const [ofNews, ofEvents] = [given.filter(({ pk }) => isNews(pk)), given.filter(({ pk }) => !isNews(pk))];
    const items = ofEvents.flatMap(({ pk, at }) => changeOf(rows.get(pk), { cursor: cursorAt(at), now }) ?? []);
    const news = ofNews.flatMap(({ pk, at }) => this.#newsOf(rows.get(pk), { cursor: cursorAt(at), now }) ?? []);
    const next = isEnd ? (unsettled ?? begin) : cursorAt(given.at(-1)?.at ?? cursor);
    const floor = sequenceAt(now - newsKeptMs);
    const hasMissed = asked.cursor < floor && floor <= next;
    return {
      items,
      news: hasMissed ? [missedNews(asked.cursor, { at: now, cursor: next }), ...news] : news,
      next,
      isEnd,
    };
  }

  async end(): Promise<string> {
    return this.heartbeats.recent();
  }

  /** The time of the newest change, if it is known and no clock was ahead. */
  async #head(): Promise<number | null> {
    const at = (await this.#dynamo.get(headRow))?.["newest"];
    return typeof at === "number" && at <= this.#clock() + skewMs ? at : null;
  }

  /** A row that cannot be read must not hold up all later ones. */
  #newsOf(row: Item | undefined, { cursor, now }: { cursor: string; now: number }): News | null {
    if (row === undefined || isExpired(row, now)) return null;
    const news = newsIn(row, cursor);
    if (news === null) this.#broken.error(textIn(row, "pk"), { row: textIn(row, "pk") });
    return news;
  }

  /**
   * Finds the entries of a page and one more. `upTo`: the place up to which they are settled; `~` if all are, and the
   * next read will find that nothing is newer.
   */
  async #page(asked: Position, limit: number, { settled, head }: { settled: string; head: number | null }) {
    const position = resumed(asked, settled);
    // Read after the heartbeats: they say nothing about an earlier time.
    const found = await this.#entriesFrom(position.cursor, limit + 1);
    const isOver = head === null || settled > quietAfter(head);
    const upTo = position.unsettled ?? (found.some(({ at }) => at > settled) || !isOver ? settled : "~");
    return { ...position, settled, found, upTo };
  }

  async #entriesFrom(cursor: string, count: number) {
    const shards = shardsOf(lists.changes).map((hash) => ({ index: "changes" as const, hash }));
    const entries = after(queryShards(this.#dynamo, { shards, from: cursor, order: "ascending" }), cursor);
    for await (const group of chunk(entries, () => count)) return group;
    return [];
  }
}

/** The sequence after the newest change that a head can be of. */
function quietAfter(head: number): string {
  return sequenceAt(head + headEveryMs + 1);
}

/**
 * Whether nothing is newer than the place of a reader, who has all settled entries before it. Every half hour the index
 * is read all the same: a process may have ended between a change and the head, and news is kept for an hour.
 */
function isQuiet({ cursor, unsettled }: Position, head: number | null, now: number): boolean {
  return head !== null && unsettled === null && isRecent(cursor, now) && cursor > quietAfter(head);
}

/** Whether a place is of the last half hour. The place of a reader must not become older than the news that is kept. */
function isRecent(sequence: string, now: number): boolean {
  return timeOf(sequence) >= now - newsKeptMs / 2;
}

/** How many of the first entries fit into one answer; at least one, if there is any. */
function fitting(entries: readonly { pk: string }[], rows: ReadonlyMap<string, Item>, room: PageRoom): number {
  const end = entries.findIndex(({ pk }) => !room.takes(bytesOf(rows.get(pk))));
  return end === -1 ? entries.length : end;
}

/** Also gives an event that has changed again since: the index may not have its new entry yet. */
function changeOf(row: Item | undefined, { cursor, now }: { cursor: string; now: number }): Change | null {
  if (row === undefined || isExpired(row, now)) return null;
  const event = eventOf(row);
  const { made, changed } = changeIn(row);
  return { event, made: changeKey(made, event.id), changed, cursor };
}

/** A reader that returns when all that it has read is settled begins at the unsettled entries again. */
function resumed({ cursor, unsettled }: Position, settled: string): Position {
  return unsettled !== null && cursor <= settled ? { cursor: unsettled, unsettled: null } : { cursor, unsettled };
}

function positionOf(text: string | null): Position {
  const [, cursor, , unsettled = null] = /^(\d{15}( \w{1,64})?)(?: (\d{15}))?$/.exec(text ?? sequenceAt(0)) ?? [];
  if (cursor !== undefined) return { cursor, unsettled };
  throw new GatepostError("bad-request", "this place is of another feed; begin again without it");
}

/** The sequence that a cursor begins with. */
function sequenceIn(cursor: string): string {
  return sequenceAt(timeOf(cursor));
}

function textOf({ cursor, unsettled }: Position): string {
  return unsettled === null ? cursor : `${cursor} ${unsettled}`;
}
