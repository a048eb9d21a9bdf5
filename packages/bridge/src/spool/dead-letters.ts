import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { Pieces } from "./pieces.ts";
import type { RefusedPart, Spooled, SpooledRequest } from "./request.ts";
import { refusedRow, refusedWholeRow, sizeRow } from "./row.ts";

/** A report that the cloud will never accept as it is, without its body. */
export interface Refused {
  id: number;
  box: string;
  /** When it was refused, ms since 1970. */
  at: number;
  bytes: number;
  /** The path after the key, as `/HistoryEvent`. */
  path: string;
  /** The answer of the cloud. */
  reason: string;
}

export type RefusedWhole = Refused & Omit<SpooledRequest, "box" | "path">;

export interface DeadLetterLimits {
  /** Most bytes of all bodies. The oldest are removed first. */
  maxBytes: number;
  maxRequests: number;
}

const standardLimits: DeadLetterLimits = { maxBytes: 256 * 1024 * 1024, maxRequests: 100_000 };
const sumsRow = z.object({ count: z.int(), bytes: z.int() });
const oldestRow = z.object({ id: z.int(), box: z.string() });
const columns = "id, box, at, bytes, path, reason";

/** Reports that the cloud will never accept. They are kept for people to read, and hold up no others. */
export class DeadLetters {
  readonly #insert: StatementSync;
  readonly #sums: StatementSync;
  readonly #oldest: StatementSync;
  readonly #list: StatementSync;
  readonly #listOfBox: StatementSync;
  readonly #head: StatementSync;
  readonly #find: StatementSync;
  readonly #sendAgain: StatementSync;
  readonly #remove: StatementSync;
  readonly #pieces: Pieces;
  readonly #limits: DeadLetterLimits;
  #bytes = 0;
  #count = 0;

  constructor(database: DatabaseSync, pieces: Pieces, limits: DeadLetterLimits = standardLimits) {
    this.#pieces = pieces;
    this.#limits = limits;
    this.#insert = database.prepare(
      `INSERT INTO refused (box, at, bytes, path, reason, content_type, content_encoding, body, pieces, receipt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#sums = database.prepare("SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM refused");
    this.#oldest = database.prepare("SELECT id, box FROM refused ORDER BY id LIMIT 1");
    this.#list = database.prepare(`SELECT ${columns} FROM refused ORDER BY id DESC LIMIT ?`);
    this.#listOfBox = database.prepare(`SELECT ${columns} FROM refused WHERE box = ? ORDER BY id DESC LIMIT ?`);
    this.#head = database.prepare(`SELECT ${columns} FROM refused WHERE id = ?`);
    this.#find = database.prepare("SELECT * FROM refused WHERE id = ?");
    this.#sendAgain = database.prepare(
      `INSERT INTO reports (box, at, bytes, path, content_type, content_encoding, body, pieces, receipt)
       SELECT box, ?, bytes, path, content_type, content_encoding, body, pieces, receipt FROM refused WHERE id = ?`,
    );
    this.#remove = database.prepare("DELETE FROM refused WHERE id = ? RETURNING bytes");
    this.recount();
  }

  get count(): number {
    return this.#count;
  }

  /** Call this after a rollback, and when another program may have changed the list. */
  recount(): void {
    const { bytes, count } = parseStored(sumsRow, this.#sums.get(), "the sums of refused reports");
    this.#bytes = bytes;
    this.#count = count;
  }

  /** Call this within a transaction. Returns the box of each dead letter that was removed to make room. */
  add(report: Spooled, { body, reason }: RefusedPart, at: number): string[] {
    const { box, path, contentType, contentEncoding, receipt = null } = report;
    // The whole report keeps its pieces: to write its body again would take one long turn.
    const pieces = body === report.body ? report.pieces : null;
    const kept = pieces === null ? body : new Uint8Array();
    this.#insert.run(box, at, body.length, path, reason, contentType, contentEncoding, kept, pieces, receipt);
    this.#bytes += body.length;
    this.#count += 1;
    const gone: string[] = [];
    while (this.#bytes > this.#limits.maxBytes || this.#count > this.#limits.maxRequests) {
      const row = this.#oldest.get();
      if (row === undefined) break;
      const oldest = parseStored(oldestRow, row, "the oldest refused report");
      this.drop(oldest.id);
      gone.push(oldest.box);
    }
    return gone;
  }

  /** Dead letters without their bodies, newest first: of one box, or of all. */
  list({ box = null, limit = -1 }: { box?: string | null; limit?: number } = {}): Refused[] {
    return (box === null ? this.#list.all(limit) : this.#listOfBox.all(box, limit)).map(refused);
  }

  /** Null if there is none with that id. */
  head(id: number): Refused | null {
    const row = this.#head.get(id);
    return row === undefined ? null : refused(row);
  }

  /** A dead letter with its body; null if there is none with that id. */
  find(id: number): RefusedWhole | null {
    const row = this.#find.get(id);
    if (row === undefined) return null;
    const { pieces, ...letter } = parseStored(refusedWholeRow, row, `refused report ${id}`);
    return pieces === null ? letter : { ...letter, body: this.#pieces.readAtOnce(pieces) };
  }

  /** Call this within a transaction. Puts a dead letter back into the spool, after all waiting reports of its box. */
  sendAgain(id: number, at: number): void {
    this.#sendAgain.run(at, id);
    this.drop(id);
  }

  /** Call this within a transaction. Returns whether there was one. */
  drop(id: number): boolean {
    const removed = this.#remove.get(id);
    if (removed === undefined) return false;
    this.#bytes -= parseStored(sizeRow, removed, `refused report ${id}`).bytes;
    this.#count -= 1;
    return true;
  }
}

function refused(row: Record<string, unknown>): Refused {
  return parseStored(refusedRow, row, `refused report ${row["id"]}`);
}
