import type { DatabaseSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { immutable } from "../db/read-only.ts";
import { monthSchema, sha256Schema } from "./manifest.ts";
import { type PackPart, uncovered } from "./places.ts";

/** Most bytes of one picture: more than a report may bring. */
const maxPictureBytes = 64 * 1024 * 1024;

/** No pack is longer. */
const maxPosition = 2 ** 50;

const pictureRow = z.object({
  month: monthSchema,
  sha256: sha256Schema,
  position: z.int().nonnegative().max(maxPosition),
  bytes: z.int().nonnegative().max(maxPictureBytes),
});

/** A picture and its place in the pack of its month. */
export type PictureRow = z.output<typeof pictureRow>;

const endRow = z.object({ month: monthSchema, end: z.int().nonnegative() });
const totalRow = z.object({ pictures: z.int(), bytes: z.int() });

/** What the database of a store says about pictures. */
export class PicturesOf {
  readonly #database: DatabaseSync;
  readonly #all: string;
  readonly #held: string;
  /** The same two queries for the previous backup. */
  readonly #older: { all: string; held: string } | null = null;

  /** @param older the database of the previous backup, to find the changes since */
  constructor(database: DatabaseSync, older: string | null = null) {
    this.#database = database;
    this.#all = "SELECT month, sha256, position, bytes FROM main.pictures";
    this.#held = `${this.#all}${isHeld(database, "main")}`;
    if (older === null) return;
    database.prepare("ATTACH ? AS older").run(immutable(older).href);
    const all = "SELECT month, sha256, position, bytes FROM older.pictures";
    this.#older = { all, held: `${all}${isHeld(database, "older")}` };
  }

  /** Pictures that are not known to be lost, month by month in the order of their places. */
  held(): Iterable<PictureRow> {
    return this.#rows(this.#held);
  }

  /** All pictures, lost ones included. */
  named(): Iterable<PictureRow> {
    return this.#rows(this.#all);
  }

  /** Pictures that are known to be lost. An older backup may have their bytes. */
  lost(): Iterable<PictureRow> {
    return this.#rows(`${this.#all} EXCEPT ${this.#held}`);
  }

  /** Pictures that the older database does not have in the same place. */
  added(): Iterable<PictureRow> {
    return this.#rows(this.#added);
  }

  /** Pictures that both databases have in the same place, and neither calls lost. */
  kept(): Iterable<PictureRow> {
    return this.#older === null ? [] : this.#rows(`${this.#held} INTERSECT ${this.#older.held}`);
  }

  /** Places of pictures that the older database has and this one does not: they were erased or moved. */
  erased(): Iterable<PackPart> {
    return this.#older === null ? [] : uncovered(this.#rows(`${this.#older.all} EXCEPT ${this.#all}`), this.kept());
  }

  /** The pictures of a month, one for each place: of two in one place, the one that is not lost. */
  inPlaces(month: string): PictureRow[] {
    const held = this.#ofMonth(this.#held, month);
    const lost = this.#ofMonth(`${this.#all} EXCEPT ${this.#held}`, month);
    return [...held, ...inFreePlaces(lost, held)].sort((one, other) => one.position - other.position);
  }

  find(month: string, sha256: string): PictureRow | null {
    const row = this.#database
      .prepare(`SELECT * FROM (${this.#held}) WHERE month = ? AND sha256 = ?`)
      .get(month, sha256);
    return row === undefined ? null : read(row);
  }

  /** The least size of the pack of each month. */
  ends(): Map<string, number> {
    const sql = `SELECT month, max(position + bytes) AS "end" FROM (${this.#all}) GROUP BY month ORDER BY month`;
    const rows = this.#database
      .prepare(sql)
      .all()
      .map((row) => parseStored(endRow, row, "a month of pictures"));
    return new Map(rows.map(({ month, end }) => [month, end]));
  }

  /** The number of pictures that must be copied, and their bytes. */
  addedSize(): { pictures: number; bytes: number } {
    const sql = `SELECT count(*) AS pictures, coalesce(sum(bytes), 0) AS bytes FROM (${this.#added})`;
    return parseStored(totalRow, this.#database.prepare(sql).get(), "the sum of pictures");
  }

  get #added(): string {
    return this.#older === null ? this.#held : `${this.#held} EXCEPT ${this.#older.held}`;
  }

  #ofMonth(sql: string, month: string): PictureRow[] {
    return this.#database.prepare(`SELECT * FROM (${sql}) WHERE month = ? ORDER BY position`).all(month).map(read);
  }

  *#rows(sql: string): Iterable<PictureRow> {
    for (const row of this.#database.prepare(`${sql} ORDER BY month, position`).iterate()) yield read(row);
  }
}

/** The lost pictures of a month whose places no other picture has. Both lists must be in the order of their places. */
export function inFreePlaces(lost: readonly PictureRow[], held: readonly PictureRow[]): PictureRow[] {
  let next = 0;
  return lost.filter(({ position, bytes }) => {
    for (let at = held[next]; at !== undefined && at.position + at.bytes <= position; at = held[next]) next += 1;
    const other = held[next];
    return other === undefined || other.position >= position + bytes;
  });
}

function read(row: unknown): PictureRow {
  return parseStored(pictureRow, row, "the place of a picture");
}

/** Databases of the first versions have no column for lost pictures. */
function isHeld(database: DatabaseSync, name: "main" | "older"): string {
  const columns = database.prepare(`PRAGMA ${name}.table_info(pictures)`).all();
  return columns.some((column) => column["name"] === "lost") ? " WHERE lost IS NULL" : "";
}
