import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BoxHealth, BoxNotice } from "@gatepost/ingest";
import type { Writer } from "@gatepost/sqlite";

/** What each box said last of itself, of its devices and of commands. */
export class SqliteBoxHealth implements BoxHealth {
  readonly #writer: Writer;
  readonly #keep: StatementSync;

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    // A replay is older than what came since.
    this.#keep = database.prepare(
      `INSERT INTO notices (box, kind, received_at, report) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET received_at = excluded.received_at, report = excluded.report WHERE received_at <= excluded.received_at`,
    );
  }

  keep({ box, kind, receivedAt, report }: BoxNotice): Promise<void> {
    return this.#writer.run(() => void this.#keep.run(box, kind, receivedAt, JSON.stringify(report)));
  }
}
