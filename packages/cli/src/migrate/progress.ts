import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import * as z from "zod";
import { Failure } from "../failure.ts";

const place = z.object({ target: z.string(), revision: z.int() });

/**
 * How far a migration is: a file in the data folder. Whatever is noted here is durable there. Losing it costs time: all is
 * sent again, and changes nothing.
 */
export class MigrationProgress implements Disposable {
  readonly #database: DatabaseSync;
  readonly #isTaken: StatementSync;
  readonly #take: StatementSync;
  readonly #forget: StatementSync;
  readonly #target: string;

  /** Throws Failure where what was begun goes elsewhere. */
  constructor(data: string, target: string) {
    const file = join(data, "migration.db");
    closeSync(openSync(file, "a", 0o600));
    this.#database = new DatabaseSync(file);
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS place (target TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS taken (kind TEXT NOT NULL, id TEXT NOT NULL, expires_at INTEGER NOT NULL,
        PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID`);
    this.#target = target;
    const begun = this.#place()?.target ?? target;
    if (begun !== target) {
      this.#database.close();
      throw new Failure(
        `the migration that was begun goes to ${begun}; go on with it, or remove ${file} to begin another`,
      );
    }
    this.#isTaken = this.#database.prepare("SELECT 1 FROM taken WHERE kind = ? AND id = ?");
    this.#take = this.#database.prepare(
      "INSERT INTO taken VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at",
    );
    this.#forget = this.#database.prepare("DELETE FROM taken WHERE kind = ? AND id = ?");
  }

  /** The change up to which all events went. */
  get revision(): number {
    return this.#place()?.revision ?? 0;
  }

  /** Notes where it goes, once a Gatepost has taken something there: a wrong address stands in nobody's way. */
  begin(): void {
    if (this.#place() === null) this.#database.prepare("INSERT INTO place VALUES (?, 0)").run(this.#target);
  }

  #place(): z.output<typeof place> | null {
    const row = this.#database.prepare("SELECT target, revision FROM place").get();
    return row === undefined ? null : place.parse(row);
  }

  /** Notes that events went, and up to which change all have. */
  note(events: readonly { id: string; expiresAt: number }[], revision: number): void {
    this.#database.exec("BEGIN");
    for (const { id, expiresAt } of events) this.#take.run("event", id, expiresAt);
    this.#database.prepare("UPDATE place SET revision = ?").run(revision);
    this.#database.exec("COMMIT");
  }

  noteRecord(id: string): void {
    this.#take.run("record", id, 0);
  }

  hasRecord(id: string): boolean {
    return this.#isTaken.get("record", id) !== undefined;
  }

  forget(eventId: string): void {
    this.#forget.run("event", eventId);
  }

  /** Events that went and have not expired. */
  *taken(now: number): Iterable<string> {
    const rows = this.#database.prepare("SELECT id FROM taken WHERE kind = 'event' AND expires_at > ?").all(now);
    for (const row of rows) yield String(row["id"]);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
