import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { PackSource } from "../packs.ts";
import type { PictureRow } from "../picture-rows.ts";
import { type PartKey, partKey, readPartKey, type ShipStore } from "./bucket.ts";

/** Bytes of a pack that are one object once they are all written. */
const cellBytes = 32 * 1024 * 1024;

/** Rows that are read at once, so that no report has to wait for long. */
const batchSize = 2000;

const pictureRow = z.object({ sha256: z.string(), position: z.int(), bytes: z.int() });
const monthRow = z.object({ month: z.string() });

type Part = Omit<PartKey, "key"> & { pictures: PictureRow[] };

/**
 * The pictures of packs as parts in a bucket. What is new goes as a part of its own. Later the parts of each 32 MB are made
 * one, and those with pictures that are not there any more are written anew without them.
 */
export class PictureParts {
  readonly #bucket: ShipStore;
  readonly #packs: PackSource;
  readonly #byMonth: StatementSync;
  readonly #since: StatementSync;
  readonly #months: StatementSync;
  /** What is in the bucket, by key. */
  readonly #held = new Map<string, PartKey>();

  constructor(database: DatabaseSync, { bucket, packs }: { bucket: ShipStore; packs: PackSource }) {
    this.#bucket = bucket;
    this.#packs = packs;
    this.#months = database.prepare("SELECT DISTINCT month FROM pictures");
    this.#byMonth = database.prepare(
      `SELECT sha256, position, bytes FROM pictures WHERE month = ? AND sha256 > ? AND lost IS NULL
       ORDER BY sha256 LIMIT ${batchSize}`,
    );
    this.#since = database.prepare(
      "SELECT sha256, position, bytes FROM pictures WHERE month = ? AND position >= ? AND lost IS NULL ORDER BY position",
    );
  }

  /** Learns what is in the bucket. */
  async open(): Promise<void> {
    for await (const key of this.#bucket.list("pictures/")) {
      const part = readPartKey(key);
      if (part !== null) this.#held.set(key, part);
    }
  }

  /**
   * Sends the pictures of a month that are behind what was sent.
   */
  async ship(month: string): Promise<void> {
    const from = this.#endOf(month);
    const pictures = this.#since.all(month, from).map((row) => rowOf(month, row));
    for (const part of cellsOf(month, pictures)) {
      const first = part.pictures[0]?.position ?? part.from;
      await this.#put({ ...part, from: first, rows: rowsDigest(part.pictures) });
    }
  }

  /** Makes the bucket hold what the store has and nothing else. Returns how many objects were removed. */
  async tidy(): Promise<number> {
    const wanted = await this.complete();
    let removed = 0;
    for (const [key, { month }] of [...this.#held]) {
      if (wanted.get(month)?.has(key) === true) continue;
      await this.#bucket.remove(key);
      this.#held.delete(key);
      removed += 1;
    }
    return removed;
  }

  /** Writes what is missing. Returns the keys of each month that are needed then. */
  async complete(): Promise<Map<string, Set<string>>> {
    const wanted = new Map<string, Set<string>>();
    for (const row of this.#months.all()) {
      const { month } = parseStored(monthRow, row, "a month of pictures");
      wanted.set(month, await this.#completeMonth(month));
    }
    return wanted;
  }

  /** Writes what is missing of a month. Returns the keys that it has then. */
  async #completeMonth(month: string): Promise<Set<string>> {
    const pictures = await this.#picturesOf(month);
    const keys = new Set<string>();
    for (const part of cellsOf(month, pictures)) keys.add(await this.#put(part));
    return keys;
  }

  async #picturesOf(month: string): Promise<PictureRow[]> {
    const found: PictureRow[] = [];
    for (let after = ""; ; ) {
      const rows = this.#byMonth.all(month, after).map((row) => rowOf(month, row));
      found.push(...rows);
      const last = rows.at(-1);
      if (last === undefined || rows.length < batchSize) break;
      after = last.sha256;
      await nextTurn();
    }
    return found.sort((a, b) => a.position - b.position);
  }

  async #put({ pictures, ...part }: Part): Promise<string> {
    const whole = partKey(part);
    if (this.#held.has(whole)) return whole;
    const bytes = Buffer.alloc(part.to - part.from);
    const found: PictureRow[] = [];
    for (const row of pictures) {
      const data = await this.#packs.read(row);
      data?.copy(bytes, row.position - part.from);
      if (data !== null) found.push(row);
    }
    // It is named by what is in it: what was not in its place goes as soon as it is there again.
    const named = { ...part, rows: rowsDigest(found) };
    const key = partKey(named);
    if (!this.#held.has(key)) await this.#bucket.put(key, bytes);
    this.#held.set(key, { key, ...named });
    return key;
  }

  #endOf(month: string): number {
    let end = 0;
    for (const part of this.#held.values()) if (part.month === month) end = Math.max(end, part.to);
    return end;
  }
}

/** Pictures by the cells in which they begin. A part ends with its last picture. */
function cellsOf(month: string, pictures: readonly PictureRow[]): Part[] {
  const cells = Map.groupBy(pictures, ({ position }) => Math.floor(position / cellBytes));
  return [...cells].map(([cell, inCell]) => {
    const last = inCell.at(-1);
    const to = last === undefined ? 0 : last.position + last.bytes;
    return { month, from: cell * cellBytes, to, rows: rowsDigest(inCell), pictures: inCell };
  });
}

function rowsDigest(pictures: readonly PictureRow[]): string {
  const hash = createHash("sha256");
  for (const { sha256, position } of pictures) hash.update(`${position} ${sha256}\n`);
  return hash.digest("hex").slice(0, 32);
}

function rowOf(month: string, row: Record<string, unknown>): PictureRow {
  return { month, ...parseStored(pictureRow, row, `a picture of ${month}`) };
}
