import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/ingest";
import type { Writer } from "@gatepost/sqlite";

/** The last status of each box: about itself, its devices and its commands. */
export class SqliteBoxStatusStore implements BoxStatusStore {
  readonly #writer: Writer;
  readonly #put: StatementSync;

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    // A status that is replayed from quarantine is older than one that came since, and must not replace it.
    this.#put = database.prepare(
      `INSERT INTO notices (box, kind, received_at, report) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET received_at = excluded.received_at, report = excluded.report WHERE received_at <= excluded.received_at`,
    );
  }

  put({ box, kind, receivedAt, report }: BoxStatusRecord): Promise<void> {
    return this.#writer.run(() => void this.#put.run(box, kind, receivedAt, JSON.stringify(report)));
  }
}
