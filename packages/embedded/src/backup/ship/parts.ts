import { createHash, hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { PackSource } from "../packs.ts";
import { inFreePlaces, type PictureRow } from "../picture-rows.ts";
import { type PartKey, partKey, readPartKey, type ShipStore } from "./bucket.ts";

/** So many bytes of a pack become one object once they are all written. */
const cellBytes = 32 * 1024 * 1024;

/** Rows that are read at once, so that no report waits for long. */
const batchSize = 2000;

const pictureRow = z.object({ sha256: z.string(), position: z.int(), bytes: z.int() });
const anyRow = z.object({ ...pictureRow.shape, lost: z.string().nullable() });
const monthRow = z.object({ month: z.string() });
const endRow = z.object({ end: z.int() });

type Part = Omit<PartKey, "key" | "rows"> & { pictures: PictureRow[] };

/**
 * The pictures of packs, as parts in a bucket. New pictures are shipped as a new part. Later the parts of each 32 MB
 * are joined, and parts with pictures that no longer exist are written again without them. A picture that is lost here
 * stays in the bucket.
 */
export class PictureParts {
  readonly #bucket: ShipStore;
  readonly #packs: PackSource;
  readonly #byMonth: StatementSync;
  readonly #since: StatementSync;
  readonly #end: StatementSync;
  readonly #isNamed: StatementSync;
  readonly #months: StatementSync;
  /** The parts in the bucket, by key. */
  #held = new Map<string, PartKey>();
  /** For each month, the position up to which all pictures were shipped. */
  readonly #ends = new Map<string, number>();
  /** The part that was fetched last. */
  #fetched: { key: string; bytes: Buffer | null } | null = null;

  constructor(database: DatabaseSync, { bucket, packs }: { bucket: ShipStore; packs: PackSource }) {
    this.#bucket = bucket;
    this.#packs = packs;
    this.#months = database.prepare("SELECT DISTINCT month FROM pictures");
    this.#byMonth = database.prepare(
      `SELECT sha256, position, bytes, lost FROM pictures WHERE month = ? AND sha256 > ? ORDER BY sha256 LIMIT ${batchSize}`,
    );
    this.#since = database.prepare(
      "SELECT sha256, position, bytes FROM pictures WHERE month = ? AND position >= ? AND lost IS NULL ORDER BY position",
    );
    this.#end = database.prepare(
      `SELECT coalesce(max(position + bytes), 0) AS "end" FROM pictures WHERE month = ? AND lost IS NULL`,
    );
    this.#isNamed = database.prepare("SELECT 1 FROM pictures WHERE month = ? AND sha256 = ? AND position = ?");
  }

  /** Lists the bucket. It may have parts whose upload seemed to fail. */
  async open(): Promise<void> {
    const held = new Map<string, PartKey>();
    for await (const key of this.#bucket.list("pictures/")) {
      const part = readPartKey(key);
      if (part !== null) held.set(key, part);
    }
    this.#held = held;
  }

  /**
   * Ships the pictures after those that were shipped; call `complete` before the first time. Which ones is decided at
   * once, before this returns. Resolves to how many were erased meanwhile.
   */
  async ship(): Promise<number> {
    const months = this.#allMonths();
    // When all pictures of a month are gone, its pack begins again.
    for (const month of this.#ends.keys()) if (!months.includes(month)) this.#ends.delete(month);
    const parts = months.flatMap((month) => cellsOf(month, this.#added(month)));
    // A pack that is open may have been replaced since.
    await this.#packs[Symbol.asyncDispose]();
    let erased = 0;
    for (const part of parts) {
      const sent = await this.#put({ ...part, from: part.pictures[0]?.position ?? part.from });
      this.#ends.set(part.month, part.to);
      erased += sent.erased;
    }
    return erased;
  }

  /** Writes everything that the bucket lacks. Returns the keys of parts in the bucket that are not needed. */
  async complete(): Promise<string[]> {
    const wanted = new Set<string>();
    await this.#packs[Symbol.asyncDispose]();
    for (const month of this.#allMonths()) {
      for (const key of await this.#completeMonth(month)) wanted.add(key);
    }
    this.#fetched = null;
    return [...this.#held.keys()].filter((key) => !wanted.has(key));
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.#bucket.remove(key);
      this.#held.delete(key);
    }
  }

  /** Writes what the bucket lacks of a month. Returns the keys that the month then needs. */
  async #completeMonth(month: string): Promise<string[]> {
    const { end } = parseStored(endRow, this.#end.get(month), `the end of ${month}`);
    const { held, lost } = await this.#picturesOf(month, end);
    const free = inFreePlaces(lost, held);
    const isFree = new Set(free);
    const others = lost.filter((row) => !isFree.has(row));
    const keys: string[] = [];
    // A lost picture whose place another picture has is in a separate part.
    for (const pictures of [[...held, ...free].sort(byPlace), others]) {
      for (const part of cellsOf(month, pictures)) {
        const { key } = await this.#put(part);
        if (key !== null) keys.push(key);
      }
    }
    this.#ends.set(month, end);
    return keys;
  }

  #added(month: string): PictureRow[] {
    const rows = this.#since.all(month, this.#ends.get(month) ?? 0);
    return rows.map((row) => ({ month, ...parseStored(pictureRow, row, `a picture of ${month}`) }));
  }

  /** @param end pictures that are written after this position during the read are shipped the next time */
  async #picturesOf(month: string, end: number): Promise<{ held: PictureRow[]; lost: PictureRow[] }> {
    const [held, lost]: [PictureRow[], PictureRow[]] = [[], []];
    for (let after = ""; ; ) {
      const rows = this.#byMonth.all(month, after).map((row) => parseStored(anyRow, row, `a picture of ${month}`));
      for (const { lost: how, ...row } of rows) {
        if (how !== null) lost.push({ month, ...row });
        else if (row.position < end) held.push({ month, ...row });
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < batchSize) break;
      after = last.sha256;
      await nextTurn();
    }
    return { held: held.sort(byPlace), lost: lost.sort(byPlace) };
  }

  /**
   * Returns the key of the part (null if none of its pictures exists anywhere), and how many of its pictures were
   * erased meanwhile.
   */
  async #put({ pictures, ...part }: Part): Promise<{ key: string | null; erased: number }> {
    const whole = partKey({ ...part, rows: rowsDigest(pictures) });
    if (this.#held.has(whole)) return { key: whole, erased: 0 };
    const bytes = Buffer.alloc(part.to - part.from);
    const found: PictureRow[] = [];
    let [erased, filled] = [0, part.from];
    for (const row of pictures) {
      const data = row.position < filled ? null : await this.#read(row);
      if (data === "erased") erased += 1;
      else if (data !== null) {
        data.copy(bytes, row.position - part.from);
        filled = row.position + row.bytes;
        found.push(row);
      }
    }
    if (found.length === 0) return { key: null, erased };
    // Its name depends on the pictures in it: a part that lacked one is written again as soon as that is found.
    const named = { ...part, rows: rowsDigest(found) };
    const key = partKey(named);
    if (!this.#held.has(key)) await this.#bucket.put(key, bytes);
    this.#held.set(key, { key, ...named });
    return { key, erased };
  }

  /** The bytes of a picture. If they are lost here, they are read from the bucket. */
  async #read(row: PictureRow): Promise<Buffer | "erased" | null> {
    const data = await this.#packs.read(row);
    if (data !== null) return data;
    if (this.#isNamed.get(row.month, row.sha256, row.position) === undefined) return "erased";
    const end = row.position + row.bytes;
    for (const { key, month, from, to } of this.#held.values()) {
      if (month !== row.month || from > row.position || to < end) continue;
      const kept = (await this.#fetch(key))?.subarray(row.position - from, end - from);
      if (kept !== undefined && hash("sha256", kept) === row.sha256) return kept;
    }
    return null;
  }

  async #fetch(key: string): Promise<Buffer | null> {
    if (this.#fetched?.key !== key) this.#fetched = { key, bytes: await this.#bucket.get(key) };
    return this.#fetched.bytes;
  }

  #allMonths(): string[] {
    return this.#months.all().map((row) => parseStored(monthRow, row, "a month of pictures").month);
  }
}

function byPlace(one: PictureRow, other: PictureRow): number {
  return one.position - other.position;
}

/** Groups pictures by the cell in which they begin. A part ends with its last picture. */
function cellsOf(month: string, pictures: readonly PictureRow[]): Part[] {
  const cells = Map.groupBy(pictures, ({ position }) => Math.floor(position / cellBytes));
  return [...cells].map(([cell, inCell]) => {
    const to = inCell.reduce((end, { position, bytes }) => Math.max(end, position + bytes), 0);
    return { month, from: cell * cellBytes, to, pictures: inCell };
  });
}

function rowsDigest(pictures: readonly PictureRow[]): string {
  const digest = createHash("sha256");
  for (const { sha256, position } of pictures) digest.update(`${position} ${sha256}\n`);
  return digest.digest("hex").slice(0, 32);
}
