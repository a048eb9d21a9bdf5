import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** Bytes of one piece. To write or remove it takes a few ms. */
const pieceBytes = 1024 * 1024;

/** The time of receipt of an incomplete record: by any clock, it expired long ago. */
export const incompleteAt = -8_640_000_000_000_000;

/** The time of receipt of a record that is set aside until a time (ms since 1970): it counts as expired, too. */
export const asideUntil = (sql: string) => `(${incompleteAt} + ${sql})`;

/** True for a record whose pieces are all there, and that is not set aside. */
export const isComplete = `received_at > ${incompleteAt / 2}`;

/** True for a record that is set aside until later than a time (ms since 1970). */
export const isAsideAfter = (sql: string) => `(received_at > ${asideUntil(sql)} AND received_at < ${incompleteAt / 2})`;

/** The pieces of a record, in order. */
export const piecesSql = "SELECT bytes FROM quarantine_pieces WHERE quarantine_id = ? ORDER BY number";

export const pieceRow = z.object({ bytes: z.instanceof(Uint8Array) });

/**
 * The bodies of large records, each in pieces. Each piece is written in another transaction, so that no turn is long
 * and other writes have theirs. Meanwhile the record counts as expired: the upkeep removes it if the process ends.
 */
export class QuarantinePieces {
  readonly #writer: Writer;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #complete: StatementSync;
  readonly #hide: StatementSync;
  readonly #has: StatementSync;
  readonly #removePiece: StatementSync;
  readonly #removeRecord: StatementSync;

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    this.#put = database.prepare(
      "INSERT OR REPLACE INTO quarantine_pieces (quarantine_id, number, bytes) VALUES (?, ?, ?)",
    );
    this.#get = database.prepare("SELECT bytes FROM quarantine_pieces WHERE quarantine_id = ? AND number = ?");
    this.#complete = database.prepare("UPDATE quarantine SET received_at = ? WHERE id = ?");
    this.#hide = database.prepare(`UPDATE quarantine SET received_at = ${incompleteAt} WHERE id = ?`);
    this.#has = database.prepare("SELECT 1 FROM quarantine_pieces WHERE quarantine_id = ? LIMIT 1");
    this.#removePiece = database.prepare(
      `DELETE FROM quarantine_pieces WHERE rowid =
         (SELECT rowid FROM quarantine_pieces WHERE quarantine_id = ? ORDER BY number DESC LIMIT 1)`,
    );
    this.#removeRecord = database.prepare("DELETE FROM quarantine WHERE id = ?");
  }

  /** Whether a body of so many bytes is kept in pieces. */
  isLarge(bytes: number): boolean {
    return bytes > pieceBytes;
  }

  /** Writes the pieces of a record that is not complete. */
  async write(id: string, body: Uint8Array): Promise<void> {
    for (let number = 0; number * pieceBytes < body.length; number++) {
      const piece = body.subarray(number * pieceBytes, (number + 1) * pieceBytes);
      await this.#writer.run(() => void this.#put.run(id, number, piece));
    }
  }

  /** Completes a record within a transaction. Throws if it was removed meanwhile. */
  complete(id: string, receivedAt: number): void {
    if (this.#complete.run(receivedAt, id).changes === 0) throw new Error(`quarantine record ${id} was removed`);
  }

  /** Reads a body of so many bytes, a piece in each turn. Null if the record is removed meanwhile. */
  async read(id: string, length: number): Promise<Buffer | null> {
    const body = Buffer.alloc(length);
    for (let at = 0, number = 0; at < length; number++) {
      const row = this.#get.get(id, number);
      if (row === undefined) return null;
      const { bytes } = parseStored(pieceRow, row, `a piece of quarantine record ${id}`);
      body.set(bytes, at);
      at += bytes.length;
      await nextTurn();
    }
    return body;
  }

  /** Lets a record that has pieces expire within a transaction. Returns whether it has pieces: then remove it after. */
  hide(id: string): boolean {
    if (this.#has.get(id) === undefined) return false;
    this.#hide.run(id);
    return true;
  }

  /** Removes an expired record, one piece after the other. */
  async remove(id: string): Promise<void> {
    while ((await this.#writer.run(() => this.#removePiece.run(id).changes)) > 0);
    await this.#writer.run(() => void this.#removeRecord.run(id));
  }
}
