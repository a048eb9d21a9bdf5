import type { FileHandle } from "node:fs/promises";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const placeRow = z.object({ position: z.int(), bytes: z.int(), lost: z.enum(["missing", "damaged"]).nullable() });
const endRow = z.object({ end: z.int() });
const monthRow = z.object({ month: z.string(), end: z.int() });
const lostRow = z.object({ month: z.string(), pictures: z.int() });

/** The place of a picture in the pack of its month. */
export type PackPlace = z.output<typeof placeRow>;

/**
 * The rows of pictures. The row of a lost picture stays, because events name it. It keeps its old place: the bytes are
 * there again if the pack is put back.
 */
export class PictureRows {
  readonly #find: StatementSync;
  readonly #has: StatementSync;
  readonly #insert: StatementSync;
  readonly #eraseOldPlace: StatementSync;
  readonly #endWithin: StatementSync;
  readonly #ends: StatementSync;
  readonly #markMissing: StatementSync;
  readonly #markLost: StatementSync;
  readonly #markFound: StatementSync;
  readonly #lost: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#find = prepare("SELECT position, bytes, lost FROM pictures WHERE month = ? AND sha256 = ?");
    this.#has = prepare("SELECT 1 FROM pictures WHERE month = ? LIMIT 1");
    this.#insert = prepare(
      `INSERT INTO pictures (month, sha256, position, bytes) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET position = excluded.position, bytes = excluded.bytes, lost = NULL WHERE lost IS NOT NULL`,
    );
    this.#eraseOldPlace = prepare(
      `INSERT INTO erasures (month, position, bytes) SELECT month, position, bytes FROM pictures
       WHERE month = ? AND sha256 = ? AND lost IS NOT NULL AND ${isErasable} ON CONFLICT DO NOTHING`,
    );
    this.#endWithin = prepare(
      `SELECT coalesce(max(position + bytes), 0) AS "end" FROM
       (SELECT position, bytes FROM pictures WHERE month = ?1
        UNION ALL SELECT position, bytes FROM erasures WHERE month = ?1)
       WHERE position + bytes <= ?2`,
    );
    this.#ends = prepare(
      `SELECT month, max(position + bytes) AS "end" FROM pictures WHERE lost IS NULL GROUP BY month`,
    );
    this.#markMissing = prepare(
      `UPDATE pictures SET lost = 'missing' WHERE month = ? AND position + bytes > ? AND lost IS NOT 'missing'`,
    );
    this.#markLost = prepare(
      "UPDATE pictures SET lost = ? WHERE month = ? AND sha256 = ? AND position = ? AND lost IS NULL",
    );
    this.#markFound = prepare("UPDATE pictures SET lost = NULL WHERE month = ? AND sha256 = ? AND position = ?");
    this.#lost = prepare("SELECT month, count(*) AS pictures FROM pictures WHERE lost IS NOT NULL GROUP BY month");
  }

  find(month: string, sha256: string): PackPlace | null {
    const row = this.#find.get(month, sha256);
    return row === undefined ? null : parseStored(placeRow, row, `picture ${month}/${sha256}`);
  }

  /** Notes the place of a picture that was written. If it was lost before, its old place is noted to be overwritten. */
  put(month: string, sha256: string, { position, bytes }: Pick<PackPlace, "position" | "bytes">): void {
    this.#eraseOldPlace.run(month, sha256);
    this.#insert.run(month, sha256, position, bytes);
  }

  /** Whether the month has any picture. */
  has(month: string): boolean {
    return this.#has.get(month) !== undefined;
  }

  /**
   * The end of the last picture, or of its place that must still be overwritten, within the first `size` bytes of a
   * pack.
   */
  endWithin(month: string, size: number): number {
    return parseStored(endRow, this.#endWithin.get(month, size), `the end of pack ${month}`).end;
  }

  /** The months that have pictures, and the least size of the pack of each. */
  ends(): z.output<typeof monthRow>[] {
    return this.#ends.all().map((row) => parseStored(monthRow, row, `pictures of ${row["month"]}`));
  }

  /** Marks the pictures that are not within the first `size` bytes of their pack. Returns how many there are. */
  markMissing(month: string, size: number): number {
    return Number(this.#markMissing.run(month, size).changes);
  }

  /** Returns false if the picture was erased, moved or marked meanwhile. */
  markLost(month: string, sha256: string, { position, lost }: PackPlace): boolean {
    return this.#markLost.run(lost, month, sha256, position).changes === 1;
  }

  markFound(month: string, sha256: string, { position }: PackPlace): void {
    this.#markFound.run(month, sha256, position);
  }

  /** How many pictures are lost, by month. */
  lost(): Record<string, number> {
    const rows = this.#lost.all().map((row) => parseStored(lostRow, row, `lost pictures of ${row["month"]}`));
    return Object.fromEntries(rows.map(({ month, pictures }) => [month, pictures]));
  }
}

/**
 * As the bytes of an erasure: the whole pack, whose file is then removed. If the process ends before that, the next one
 * does it.
 */
export const wholePack = Number.MAX_SAFE_INTEGER;

/**
 * Whether the place of a picture may be overwritten. A missing picture has its place after the end of its pack, and
 * other pictures are written there now. The place of a damaged one may belong to another picture by now.
 */
export const isErasable = `(lost IS NULL OR (lost = 'damaged' AND NOT EXISTS (
  SELECT 1 FROM pictures AS other WHERE other.month = pictures.month AND other.sha256 <> pictures.sha256
  AND other.position < pictures.position + pictures.bytes AND pictures.position < other.position + other.bytes)))`;

/**
 * Most bytes without a row that a crash may leave after the last picture of a pack. More bytes were stored with another
 * database: for example with a later one, if this is an older copy.
 */
export const maxUnnamedBytes = 64 * 1024 * 1024;

/** What an operator can do about pictures that the database does not know. */
export const ofAnotherDatabase =
  "they stay: if gatepost.db is older than pictures/, stop Gatepost and put the one that belongs to them there";

const chunkBytes = 1024 * 1024;

/**
 * The position after the last byte of a pack, from `from` on, that is not zero. Erased pictures are zeros and are not
 * needed.
 */
export async function writtenEnd(file: FileHandle, from: number): Promise<number> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(chunkBytes);
  for (let end = size; end > from; ) {
    const begin = Math.max(from, end - chunkBytes);
    const { bytesRead } = await file.read(chunk, 0, end - begin, begin);
    const last = chunk.subarray(0, bytesRead).findLastIndex((byte) => byte !== 0);
    if (last >= 0) return begin + last + 1;
    end = begin;
  }
  return from;
}
