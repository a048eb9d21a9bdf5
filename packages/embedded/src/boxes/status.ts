import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/ingest";
import type { Writer } from "@gatepost/sqlite";

/** What each box said last of itself, of its devices and of commands. */
export class SqliteBoxStatusStore implements BoxStatusStore {
  readonly #writer: Writer;
  readonly #put: StatementSync;

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    // A replay is older than what came since.
    this.#put = database.prepare(
      `INSERT INTO notices (box, kind, received_at, report) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET received_at = excluded.received_at, report = excluded.report WHERE received_at <= excluded.received_at`,
    );
  }

  put({ box, kind, receivedAt, report }: BoxStatusRecord): Promise<void> {
    return this.#writer.run(() => void this.#put.run(box, kind, receivedAt, JSON.stringify(report)));
  }
}
