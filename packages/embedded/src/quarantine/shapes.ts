import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  batchTooLong,
  type QuarantineQuota,
  type QuarantineRecord,
  type RecordInBox,
  RecordsOfBox,
  shapeKeyOf,
} from "@gatepost/core/quarantine";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const listedRow = z
  .object({ id: z.string(), shape: z.string(), is_passing: z.int(), bytes: z.int() })
  .transform(({ is_passing: isPassing, ...facts }): RecordInBox => ({ ...facts, isPassing: isPassing === 1 }));

/** The records of a box, ?1, that count and were received after ?2, with their shapes. */
const ofBox = `quarantine INDEXED BY quarantine_by_box CROSS JOIN quarantine_shapes ON quarantine_id = id
  WHERE quarantine.box = ?1 AND received_at > ?2 AND id NOT IN (
    SELECT id FROM quarantine INDEXED BY quarantine_by_group
    WHERE box = ?1 AND reason = '${batchTooLong}' AND received_at > ?2)`;

/** The shapes of records. Each record has the shape with which it was first kept. */
export class QuarantineShapes {
  readonly #quota: QuarantineQuota;
  readonly #note: StatementSync;
  readonly #list: StatementSync;
  readonly #inherit: StatementSync;

  constructor(database: DatabaseSync, quota: QuarantineQuota) {
    this.#quota = quota;
    this.#note = database.prepare(
      `INSERT INTO quarantine_shapes (quarantine_id, box, shape, is_passing) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#list = database.prepare(`SELECT id, shape, is_passing, bytes FROM ${ofBox} ORDER BY received_at, id`);
    this.#inherit = database.prepare(
      `UPDATE quarantine_shapes SET dropped = dropped + 1 + (SELECT dropped FROM quarantine_shapes WHERE quarantine_id = ?2)
       WHERE quarantine_id = ?1`,
    );
  }

  /** Notes the shape of a record, in the transaction that writes it. */
  note(record: QuarantineRecord): void {
    this.#note.run(record.id, record.box, shapeKeyOf(record), Number(record.shape?.isPassing ?? false));
  }

  /** The records of a full box that may give way to the newest one. */
  of(box: string, { newest, expired }: { newest: string; expired: number }): RecordsOfBox {
    const rows = this.#list.all(box, expired);
    const records = rows.map((row) => parseStored(listedRow, row, `quarantine of ${box}`));
    return new RecordsOfBox(records, newest, this.#quota);
  }

  /** Lets a record know that another one of its shape is dropped, before it is. */
  inherit(heir: string, dropped: string): void {
    this.#inherit.run(heir, dropped);
  }
}
