import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  batchTooLong,
  middleOf,
  type QuarantineQuota,
  type QuarantineRecord,
  type QuarantineSize,
  shapeKeyOf,
} from "@gatepost/core/quarantine";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const idRow = z.object({ id: z.string() });
const shapeRow = z.object({
  shape: z.string(),
  is_passing: z.int().transform((value) => value === 1),
  records: z.int(),
  others: z.int(),
  bytes: z.int(),
});

/** The records of a box, ?1, that count and were received after ?2, with their shapes. */
const ofBox = `quarantine INDEXED BY quarantine_by_box CROSS JOIN quarantine_shapes ON quarantine_id = id
  WHERE quarantine.box = ?1 AND received_at > ?2 AND id NOT IN (
    SELECT id FROM quarantine INDEXED BY quarantine_by_group
    WHERE box = ?1 AND reason = '${batchTooLong}' AND received_at > ?2)`;

/** The shapes of records. Each record has the shape with which it was first kept. */
export class QuarantineShapes {
  readonly #quota: QuarantineQuota;
  readonly #note: StatementSync;
  readonly #shapes: StatementSync;
  readonly #middle: StatementSync;
  readonly #pass: StatementSync;

  constructor(database: DatabaseSync, quota: QuarantineQuota) {
    this.#quota = quota;
    this.#note = database.prepare(
      `INSERT INTO quarantine_shapes (quarantine_id, box, shape, is_passing) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#shapes = database.prepare(
      `SELECT shape, max(is_passing) AS is_passing, count(*) AS records, sum(id <> ?3) AS others, sum(bytes) AS bytes
       FROM ${ofBox} GROUP BY shape ORDER BY min(received_at), min(id)`,
    );
    this.#middle = database.prepare(
      `SELECT id FROM ${ofBox} AND id <> ?3 AND shape = ?4 ORDER BY received_at, id LIMIT 1 OFFSET ?5`,
    );
    this.#pass = database.prepare(
      `UPDATE quarantine_shapes SET dropped = dropped + 1 + (SELECT dropped FROM quarantine_shapes WHERE quarantine_id = ?3)
       WHERE quarantine_id = (SELECT id FROM ${ofBox} AND id <> ?3
         AND shape = (SELECT shape FROM quarantine_shapes WHERE quarantine_id = ?3) ORDER BY received_at, id LIMIT 1)`,
    );
  }

  /** Notes the shape of a record, in the transaction that writes it. */
  note(record: QuarantineRecord): void {
    this.#note.run(record.id, record.box, shapeKeyOf(record), Number(record.shape?.isPassing ?? false));
  }

  /** The record of a full box that goes first; null if there is only the newest. */
  next(
    box: string,
    { newest, size, expired }: { newest: string; size: QuarantineSize; expired: number },
  ): string | null {
    const what = `quarantine of ${box}`;
    const shapes = this.#shapes.all(box, expired, newest).map((row) => {
      const { is_passing: isPassing, ...shape } = parseStored(shapeRow, row, what);
      return { ...shape, isPassing };
    });
    const giving = this.#quota.givingShape(shapes, size);
    if (giving === undefined) return null;
    const row = this.#middle.get(box, expired, newest, giving.shape, middleOf(giving.others));
    return parseStored(idRow, row, what).id;
  }

  /** Lets the oldest other record of its shape know that a record is dropped, before it is. */
  pass(id: string, box: string, expired: number): void {
    this.#pass.run(box, expired, id);
  }
}
