import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, ChangeFeed, ChangePage, RecentNews } from "@gatepost/core/events";
import { type PersonType, parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { fitting } from "../db/page.ts";
import { eventColumns, eventOf } from "./row.ts";
import { cursorAt, revisionAt } from "./sequence.ts";

const endRow = z.object({ revision: z.int().nullable() });
const changeRow = z.object({ made: z.int(), revision: z.int() });

/** Events by the revision of their last change, after revision ?1. Most have not changed since they were made. */
export const changedAfter = `SELECT made, made AS revision FROM events WHERE made > ?1 AND revision = made
  UNION ALL SELECT made, revision FROM events WHERE revision > ?1 AND revision <> made`;

/** The revision of the last change; null if there is none. */
export const lastChange = `SELECT max(revision) AS revision FROM (SELECT max(made) AS revision FROM events UNION ALL
  SELECT max(revision) FROM events WHERE revision <> made)`;

/** Reads pages of changes. */
export class ChangePages implements Pick<ChangeFeed, "read"> {
  readonly #clock: () => number;
  readonly #read: StatementSync;

  /** @param changes a query of `made` and `revision` after number ?1 */
  constructor(database: DatabaseSync, { changes, clock }: { changes: string; clock: () => number }) {
    this.#clock = clock;
    this.#read = database.prepare(
      `SELECT ${eventColumns}, events.made, change.revision FROM (${changes}) AS change CROSS JOIN events USING (made)
       WHERE expires_at > ?2 ORDER BY change.revision LIMIT ?3`,
    );
  }

  async read(after: string | null, limit: number, maxBytes?: number): Promise<ChangePage> {
    const begin = revisionAt(after);
    const rows = this.#read.iterate(begin, this.#clock(), limit + 1);
    const { items: found, isEnd } = fitting(rows, { limit, maxBytes });
    const items = found.map(changeOf);
    return { items, news: [], next: items.at(-1)?.changed ?? cursorAt(begin), isEnd };
  }
}

/** The feed of changes: events by their revision, and the news of the last hour. */
export class SqliteChangeFeed extends ChangePages implements ChangeFeed {
  readonly #news: RecentNews;
  readonly #end: () => string;

  constructor(database: DatabaseSync, { news, clock }: { news: RecentNews; clock: () => number }) {
    super(database, { changes: changedAfter, clock });
    this.#news = news;
    this.#end = endOf(database);
  }

  override async read(after: string | null, limit: number, maxBytes?: number): Promise<ChangePage> {
    const page = await super.read(after, limit, maxBytes);
    return this.#news.join(cursorAt(revisionAt(after)), limit, page);
  }

  async end(): Promise<string> {
    const [ofEvents, ofNews] = [this.#end(), this.#news.end];
    return ofEvents > ofNews ? ofEvents : ofNews;
  }
}

/** The changes of events whose person is of one type now. */
export class ChangesOfType implements Pick<ChangeFeed, "read" | "end"> {
  readonly #end: () => string;
  readonly #ofType: ChangePages;

  constructor(database: DatabaseSync, { type, clock }: { type: PersonType; clock: () => number }) {
    this.#end = endOf(database);
    this.#ofType = new ChangePages(database, {
      changes: `SELECT change.* FROM (${changedAfter}) AS change CROSS JOIN events USING (made) WHERE person_type = '${type}'`,
      clock,
    });
  }

  async end(): Promise<string> {
    return this.#end();
  }

  /** The cursor after the last page is the end of the feed, so that no change is looked at twice. */
  async read(after: string | null, limit: number): Promise<Awaited<ReturnType<ChangeFeed["read"]>>> {
    const end = this.#end();
    const page = await this.#ofType.read(after, limit);
    return page.isEnd ? { ...page, next: end } : page;
  }
}

/** Reads the cursor of the last change of an event. */
function endOf(database: DatabaseSync): () => string {
  const end = database.prepare(lastChange);
  return () => cursorAt(parseStored(endRow, end.get(), "the last change").revision ?? 0);
}

function changeOf(row: Record<string, unknown>): Change {
  const event = eventOf(row);
  const { made, revision } = parseStored(changeRow, row, `event ${event.id}`);
  const changed = cursorAt(revision);
  return { event, made: cursorAt(made), changed, cursor: changed };
}
