import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import {
  maxRemovals,
  type Removal,
  type RemovalEnd,
  type RemovalStore,
  removalLifetimeMs,
  removalSchema,
} from "@gatepost/query";
import type { Reserve, Writer } from "@gatepost/sqlite";
import { emptyLog } from "../db/database.ts";

interface Deps {
  reserve: Reserve;
  clock(): number;
}

/** Orders to boxes to remove erased persons, on one machine. */
export class SqliteRemovals implements RemovalStore {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #reserve: Reserve;
  readonly #clock: () => number;
  readonly #ask: StatementSync;
  readonly #waiting: StatementSync;
  readonly #get: StatementSync;
  readonly #end: StatementSync;
  readonly #dropOld: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { reserve, clock }: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#reserve = reserve;
    this.#clock = clock;
    this.#ask = database.prepare(
      "INSERT OR IGNORE INTO removals (id, box, person, state, at) VALUES (?, ?, ?, 'waiting', ?)",
    );
    this.#waiting = database.prepare(
      `SELECT * FROM removals WHERE state = 'waiting' AND at > ?1
         AND (?2 IS NULL OR box IN (SELECT value FROM json_each(?2))) ORDER BY at, id LIMIT ${maxRemovals}`,
    );
    this.#get = database.prepare("SELECT * FROM removals WHERE id = ? AND at > ?");
    this.#end = database.prepare(
      "UPDATE removals SET person = NULL, state = ?, reason = ? WHERE id = ? AND at > ? AND state <> 'done'",
    );
    this.#dropOld = database.prepare("DELETE FROM removals WHERE at <= ?");
  }

  async ask({ id, box, person, at }: Parameters<RemovalStore["ask"]>[0]): Promise<void> {
    await this.#write(() => this.#ask.run(id, box, person, at));
  }

  async waiting(boxes: readonly string[] | null): Promise<Removal[]> {
    return this.#waiting.all(this.#after(), boxes === null ? null : JSON.stringify(boxes)).map(removalOf);
  }

  async get(id: string): Promise<Removal | null> {
    const row = this.#get.get(id, this.#after());
    return row === undefined ? null : removalOf(row);
  }

  async end(id: string, { state, reason }: RemovalEnd): Promise<boolean> {
    const isWritten = await this.#write(() => this.#end.run(state, reason, id, this.#after()).changes === 1);
    // The id of the person must not stay in the log of the database.
    if (isWritten) await this.#reserve.run(() => emptyLog(this.#database, this.#writer));
    return isWritten || (await this.get(id)) !== null;
  }

  async dropOld(): Promise<void> {
    await this.#writer.run(() => this.#dropOld.run(this.#after()));
  }

  #after(): number {
    return this.#clock() - removalLifetimeMs;
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#reserve.write(this.#writer, work);
  }
}

function removalOf(row: Record<string, unknown>): Removal {
  return parseStored(removalSchema, row, `removal ${row["id"]}`);
}
