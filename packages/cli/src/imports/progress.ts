import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parseStored, storedJson } from "@gatepost/protocol";
import * as z from "zod";
import { Failure } from "../failure.ts";

const place = z.object({ target: z.string(), revision: z.int() });
const wentRow = z.object({ id: z.string(), names: storedJson(z.array(z.string())), since: z.int() });

/** An event that went. */
export type Went = z.output<typeof wentRow>;

const schema = `CREATE TABLE place (target TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
  CREATE TABLE events (id TEXT PRIMARY KEY, names TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE records (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1`;

/**
 * The progress of a migration, a file in the data folder. What it notes is durable at the other Gatepost. Without the
 * file everything is sent again, which changes nothing.
 */
export class MigrationProgress implements Disposable {
  readonly #database: DatabaseSync;
  readonly #putEvent: StatementSync;
  readonly #putRecord: StatementSync;
  readonly #isRecord: StatementSync;
  readonly #forgetRecord: StatementSync;
  readonly #forget: StatementSync;
  readonly #target: string;

  /** Throws Failure if the migration that was begun has another target. */
  constructor(data: string, target: string) {
    const file = join(data, "migration.db");
    closeSync(openSync(file, "a", 0o600));
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const version = this.#database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === 0) this.#database.exec(`BEGIN; ${schema}; COMMIT`);
    this.#target = target;
    const begun = this.#place()?.target ?? target;
    if (begun !== target) {
      this.#database.close();
      throw new Failure(
        `the migration that was begun goes to ${begun}; continue it, or remove ${file} to begin another`,
      );
    }
    this.#putEvent = this.#database.prepare("INSERT OR REPLACE INTO events VALUES (?, ?, ?)");
    this.#putRecord = this.#database.prepare("INSERT OR IGNORE INTO records VALUES (?)");
    this.#isRecord = this.#database.prepare("SELECT 1 FROM records WHERE id = ?");
    this.#forgetRecord = this.#database.prepare("DELETE FROM records WHERE id = ?");
    this.#forget = this.#database.prepare("DELETE FROM events WHERE id = ?");
  }

  /** The change up to which all events went. */
  get revision(): number {
    return this.#place()?.revision ?? 0;
  }

  /** Notes the target, after a Gatepost there has taken something: a wrong address must not block another try. */
  begin(): void {
    if (this.#place() === null) this.#database.prepare("INSERT INTO place VALUES (?, 0)").run(this.#target);
  }

  #place(): z.output<typeof place> | null {
    const row = this.#database.prepare("SELECT target, revision FROM place").get();
    return row === undefined ? null : place.parse(row);
  }

  /** Notes that events went, and up to which change all have. */
  note(events: readonly Went[], revision: number): void {
    this.#database.exec("BEGIN");
    for (const { id, names, since } of events) this.#putEvent.run(id, JSON.stringify(names), since);
    this.#database.prepare("UPDATE place SET revision = ?").run(revision);
    this.#database.exec("COMMIT");
  }

  noteRecord(id: string): void {
    this.#putRecord.run(id);
  }

  hasRecord(id: string): boolean {
    return this.#isRecord.get(id) !== undefined;
  }

  forgetRecord(id: string): void {
    this.#forgetRecord.run(id);
  }

  /** Forgets an event that was erased there. */
  forget(eventId: string): void {
    this.#forget.run(eventId);
  }

  /** The events that went. */
  *went(): Iterable<Went> {
    for (const row of this.#database.prepare("SELECT id, names, since FROM events").iterate())
      yield parseStored(wentRow, row, "an event that went");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
