import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** Bytes of one piece. To write, read or remove it takes a few ms. */
const pieceBytes = 1024 * 1024;

const pieceRow = z.object({ bytes: z.instanceof(Uint8Array) });
const bodyRow = z.object({ body: z.int() });

/** Runs work in its own transaction. */
type Write = <T>(work: () => T) => Promise<T>;

/**
 * Large bodies, each in pieces. Each piece is written, read and removed in its own turn, so that no turn is long. A
 * body is removed if no report and no dead letter names it.
 */
export class Pieces {
  readonly #last: StatementSync;
  readonly #insert: StatementSync;
  readonly #get: StatementSync;
  readonly #unnamed: StatementSync;
  readonly #remove: StatementSync;
  /** Bodies that are being written: nothing names them yet. */
  readonly #writing = new Set<number>();
  /** The last number that was given. None is given twice: a body that is removed may still be read. */
  #added = 0;

  constructor(database: DatabaseSync) {
    this.#last = database.prepare("SELECT coalesce(max(body), 0) AS body FROM pieces");
    this.#insert = database.prepare("INSERT INTO pieces (body, number, bytes) VALUES (?, ?, ?)");
    this.#get = database.prepare("SELECT bytes FROM pieces WHERE body = ? AND number = ?");
    this.#unnamed = database.prepare(
      `SELECT DISTINCT body FROM pieces WHERE body NOT IN (SELECT pieces FROM reports WHERE pieces IS NOT NULL)
         AND body NOT IN (SELECT pieces FROM refused WHERE pieces IS NOT NULL)`,
    );
    this.#remove = database.prepare(
      "DELETE FROM pieces WHERE rowid = (SELECT rowid FROM pieces WHERE body = ? ORDER BY number DESC LIMIT 1)",
    );
  }

  /** Whether a body of so many bytes is kept in pieces. */
  isLarge(bytes: number): boolean {
    return bytes > pieceBytes;
  }

  /** Writes a body, then calls `name` with its number: after that a report must name it. */
  async add(body: Uint8Array, write: Write, name: (pieces: number) => Promise<void>): Promise<void> {
    const pieces = Math.max(this.#lastBody(), this.#added) + 1;
    this.#added = pieces;
    this.#writing.add(pieces);
    try {
      for (let number = 0; number * pieceBytes < body.length; number++) {
        const piece = body.subarray(number * pieceBytes, (number + 1) * pieceBytes);
        await write(() => void this.#insert.run(pieces, number, piece));
      }
      await name(pieces);
    } finally {
      this.#writing.delete(pieces);
    }
  }

  /** The body of so many bytes, which is read over several turns; null if it was removed meanwhile. */
  async read(pieces: number, bytes: number): Promise<Uint8Array | null> {
    const body = Buffer.allocUnsafeSlow(bytes);
    for (let number = 0; number * pieceBytes < bytes; number++) {
      const piece = this.#piece(pieces, number);
      if (piece === null) return null;
      body.set(piece, number * pieceBytes);
      await nextTurn();
    }
    return body;
  }

  /** The same in one turn, for a program that does nothing else. */
  readAtOnce(pieces: number): Uint8Array {
    const all: Uint8Array[] = [];
    for (let piece = this.#piece(pieces, 0); piece !== null; piece = this.#piece(pieces, all.length)) all.push(piece);
    return Buffer.concat(all);
  }

  /**
   * Removes the bodies that nothing names. Only the program that adds bodies may call it: another one does not know
   * which are being written.
   */
  async sweep(write: Write): Promise<void> {
    const bodies = this.#unnamed.all().map((row) => parseStored(bodyRow, row, "a body in pieces").body);
    for (const body of bodies.filter((one) => !this.#writing.has(one)))
      while ((await write(() => this.#remove.run(body).changes)) > 0);
  }

  #piece(pieces: number, number: number): Uint8Array | null {
    const row = this.#get.get(pieces, number);
    return row === undefined ? null : parseStored(pieceRow, row, `a piece of body ${pieces}`).bytes;
  }

  #lastBody(): number {
    return parseStored(bodyRow, this.#last.get(), "the last body in pieces").body;
  }
}
