import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { PictureStore } from "@gatepost/ingest";
import { type Picture, type PictureAddress, type PictureKind, parseStored } from "@gatepost/protocol";
import type { PictureReader } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { Pack } from "./pack.ts";

interface Waiting {
  picture: Picture;
  resolve(): void;
  reject(error: unknown): void;
}

const placeRow = z.object({ position: z.int(), bytes: z.int() });
const endRow = placeRow.pick({ position: true });

type Position = z.output<typeof placeRow>;

/**
 * Pictures in append-only packs, one for each month. Pictures that arrive together are appended and synced together.
 * Then their rows are written; a picture exists only if it has a row.
 */
export class PicturePacks implements PictureStore, PictureReader {
  readonly #folder: string;
  readonly #writer: Writer;
  readonly #packs = new Map<string, Promise<Pack>>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #end: StatementSync;

  constructor(folder: string, database: DatabaseSync, writer: Writer) {
    this.#folder = folder;
    this.#writer = writer;
    this.#find = database.prepare("SELECT position, bytes FROM pictures WHERE month = ? AND sha256 = ?");
    this.#insert = database.prepare("INSERT INTO pictures (month, sha256, position, bytes) VALUES (?, ?, ?, ?)");
    this.#end = database.prepare(
      `SELECT coalesce(max(position + bytes), 0) AS position FROM
       (SELECT position, bytes FROM pictures WHERE month = ?1
        UNION ALL SELECT position, bytes FROM erasures WHERE month = ?1)`,
    );
  }

  async put(month: string, _kind: PictureKind, picture: Picture): Promise<void> {
    if (this.#positionOf(month, picture.sha256) !== null) return;
    const name = `${month}/${picture.sha256}`;
    const written = this.#underWay.get(name) ?? this.#enqueue(month, picture);
    this.#underWay.set(name, written);
    try {
      await written;
    } finally {
      this.#underWay.delete(name);
    }
  }

  address(month: string, _kind: PictureKind, sha256: string): PictureAddress {
    return { bucket: null, key: `${month}/${sha256}` };
  }

  async get(month: string, _kind: PictureKind, sha256: string): Promise<Buffer | null> {
    const location = this.#positionOf(month, sha256);
    if (location === null) return null;
    const pack = await this.pack(month);
    return pack.read(location.position, location.bytes);
  }

  /** The pack of a month, which is opened once. */
  pack(month: string): Promise<Pack> {
    const known = this.#packs.get(month);
    if (known !== undefined) return known;
    const { position } = parseStored(endRow, this.#end.get(month), `the end of pack ${month}`);
    const opened = Pack.open(this.pathOf(month), position);
    this.#packs.set(month, opened);
    opened.catch(() => this.#packs.delete(month));
    return opened;
  }

  pathOf(month: string): string {
    return join(this.#folder, `${month}.pack`);
  }

  /** Closes a month's pack, so that its file may be removed. */
  async forget(month: string): Promise<void> {
    const pack = this.#packs.get(month);
    this.#packs.delete(month);
    await (await pack)?.close();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
    for (const month of [...this.#packs.keys()]) await this.forget(month);
  }

  #positionOf(month: string, sha256: string): Position | null {
    const row = this.#find.get(month, sha256);
    return row === undefined ? null : parseStored(placeRow, row, `picture ${month}/${sha256}`);
  }

  #enqueue(month: string, picture: Picture): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(month);
      if (waiting !== undefined) waiting.push({ picture, resolve, reject });
      else {
        this.#waiting.set(month, [{ picture, resolve, reject }]);
        void this.#drain(month);
      }
    });
  }

  /** Appends what waits for a month, until nothing waits. While one batch is synced the next one collects. */
  async #drain(month: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(month) ?? [];
      if (batch.length === 0) break;
      this.#waiting.set(month, []);
      try {
        await this.#append(month, batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#waiting.delete(month);
  }

  async #append(month: string, batch: readonly Waiting[]): Promise<void> {
    const pack = await this.pack(month);
    const positions = await pack.append(batch.map(({ picture }) => picture.data));
    for (const [index, { picture, resolve, reject }] of batch.entries()) {
      const row = () => this.#insert.run(month, picture.sha256, positions[index] ?? 0, picture.bytes);
      this.#writer.run(row).then(resolve, reject);
    }
  }
}
