import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, ChangeFeed } from "@gatepost/core/events";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { fitting } from "../db/page.ts";
import { eventColumns, eventOf } from "./row.ts";
import { cursorAt, revisionAt } from "./sequence.ts";

const endRow = z.object({ revision: z.int().nullable() });
const madeRow = z.object({ made: z.int() });
const changeRow = z.object({ made: z.int(), revision: z.int() });

/** Events by the revision of their last change, after revision ?1. Most have not changed since they were made. */
export const changedAfter = `SELECT made, made AS revision FROM events WHERE made > ?1 AND revision = made
  UNION ALL SELECT made, revision FROM events WHERE revision > ?1 AND revision <> made`;

/** The revision of the last change; null if there is none. */
const lastChange = `SELECT max(revision) AS revision FROM (SELECT max(made) AS revision FROM events UNION ALL
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

  async read(
    after: string | null,
    limit: number,
    maxBytes?: number,
  ): Promise<{ items: Change[]; next: string; isEnd: boolean }> {
    const begin = revisionAt(after);
    const rows = this.#read.iterate(begin, this.#clock(), limit + 1);
    const { items: found, isEnd } = fitting(rows, { limit, ...(maxBytes === undefined ? {} : { maxBytes }) });
    const items = found.map(changeOf);
    return { items, next: items.at(-1)?.changed ?? cursorAt(begin), isEnd };
  }
}

/** The feed of changes: events by their revision. */
export class SqliteChangeFeed extends ChangePages implements ChangeFeed {
  readonly #clock: () => number;
  readonly #end: StatementSync;
  readonly #madeAt: StatementSync;

  constructor(database: DatabaseSync, clock: () => number) {
    super(database, { changes: changedAfter, clock });
    this.#clock = clock;
    this.#end = database.prepare(lastChange);
    this.#madeAt = database.prepare("SELECT made FROM events WHERE id = ? AND expires_at > ?");
  }

  async end(): Promise<string> {
    return cursorAt(parseStored(endRow, this.#end.get(), "the last change").revision ?? 0);
  }

  async madeAt(eventId: string): Promise<string | null> {
    const row = this.#madeAt.get(eventId, this.#clock());
    return row === undefined ? null : cursorAt(parseStored(madeRow, row, `event ${eventId}`).made);
  }
}

function changeOf(row: Record<string, unknown>): Change {
  const event = eventOf(row);
  const { made, revision } = parseStored(changeRow, row, `event ${event.id}`);
  const changed = cursorAt(revision);
  return { event, made: cursorAt(made), changed, cursor: changed };
}
