import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const idRow = z.object({ id: z.string() });

/** The shapes of the records whose shape is not known. */
export class QuarantineShapes {
  readonly #note: StatementSync;
  readonly #forget: StatementSync;
  readonly #alike: StatementSync;

  constructor(database: DatabaseSync) {
    this.#note = database.prepare(
      "INSERT OR REPLACE INTO quarantine_shapes (quarantine_id, box, shape) VALUES (?, ?, ?)",
    );
    this.#forget = database.prepare("DELETE FROM quarantine_shapes WHERE quarantine_id = ?");
    this.#alike = database.prepare(
      `SELECT id FROM quarantine_shapes JOIN quarantine ON id = quarantine_id
       WHERE quarantine_shapes.box = ? AND shape = ? AND received_at > ? ORDER BY received_at, id`,
    );
  }

  /**
   * Notes the shape of a new record, and gives all records of its box that have the same one, the oldest first. A record
   * that has no shape any more is not one of those.
   */
  note({ id, box, shape }: QuarantineRecord, { isNew, expired }: { isNew: boolean; expired: number }): string[] {
    if (shape === undefined) this.#forget.run(id);
    if (shape === undefined || !isNew) return [];
    this.#note.run(id, box, shape);
    return this.#alike.all(box, shape, expired).map((row) => parseStored(idRow, row, `quarantine of ${box}`).id);
  }
}
