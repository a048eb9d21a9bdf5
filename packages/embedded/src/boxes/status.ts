import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BoxStatusRecord, BoxStatusStore, Log, LogOnce } from "@gatepost/ingest";
import { boxStatusKinds, isObject, type JsonObject, parseStored, storedJson } from "@gatepost/protocol";
import { type BoxStatusReader, readableOf, unreadableStatuses } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** The last status of each box: about itself, its devices and its commands. */
export class SqliteBoxStatusStore implements BoxStatusStore {
  readonly #writer: Writer;
  readonly #put: StatementSync;

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    // A status that is replayed from quarantine must not replace one that came later.
    this.#put = database.prepare(
      `INSERT INTO notices (box, kind, received_at, report) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET received_at = excluded.received_at, report = excluded.report WHERE received_at <= excluded.received_at`,
    );
  }

  put({ box, kind, receivedAt, report }: BoxStatusRecord): Promise<void> {
    return this.#writer.run(() => void this.#put.run(box, kind, receivedAt, JSON.stringify(report)));
  }
}

const noticeRow = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  received_at: z.int(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

/** Reads the last status of each box. */
export class SqliteBoxStatusReader implements BoxStatusReader {
  readonly #of: StatementSync;
  readonly #unreadable: LogOnce;

  constructor(database: DatabaseSync, log: Log) {
    this.#unreadable = unreadableStatuses(log);
    // The results of commands say nothing about the box.
    this.#of = database.prepare(
      `SELECT box, kind, received_at, report FROM notices
       WHERE box IN (SELECT value FROM json_each(?)) AND kind <> 'mq-result'`,
    );
  }

  async of(boxes: readonly string[]): Promise<BoxStatusRecord[]> {
    return readableOf(this.#of.all(JSON.stringify(boxes)), statusIn, (cause) =>
      this.#unreadable.error(String(cause), { cause }),
    );
  }
}

function statusIn(row: Record<string, unknown>): BoxStatusRecord {
  const name = `notice ${row["kind"]} of ${row["box"]}`;
  const { box, kind, received_at: receivedAt, report } = parseStored(noticeRow, row, name);
  return { box, kind, receivedAt, report };
}
