import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored, storedJson, toStoredJson } from "@gatepost/protocol";
import {
  type BoxStore,
  boxRecordSchema,
  lookAtOf,
  type Pauses,
  type Reception,
  readableOf,
  receptionSchema,
  type StoredBox,
  usable,
  type Watchable,
} from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { RowHours } from "./row-hours.ts";

const storedRow = z.object({ record: storedJson(boxRecordSchema), rev: z.int() });
const nameRow = z.object({ box: z.string(), is_silent: z.int() });
const boxRow = z.object({ box: z.string() });
const pauseRow = z.object({ hour: z.int(), longest: z.int() });
const receptionRow = z.object({ reception: storedJson(receptionSchema) });

/** Most rows that one transaction removes, so that no report waits for long. */
const batchSize = 500;

/** For callers that need no pauses. */
const asTheyAre = { of: (hour: number) => hour };

/** The watch of boxes reads each one every minute, and logs those that it cannot read. */
const isLoggedByWatch = () => {};

/** The signs, pauses and reception of boxes, in the tables boxes, box_pauses and reception. */
export class SqliteBoxStore implements BoxStore {
  readonly #writer: Writer;
  readonly #rowHours: Pick<RowHours, "of">;
  readonly #get: StatementSync;
  readonly #getAll: StatementSync;
  readonly #names: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #due: StatementSync;
  readonly #pauses: StatementSync;
  readonly #addPause: StatementSync;
  readonly #reception: StatementSync;
  readonly #putReception: StatementSync;
  readonly #forgetBoxes: StatementSync;
  readonly #forgetPausesOf: StatementSync;
  readonly #forgetPauses: StatementSync;

  /** @param rowHours how hours are numbered in the table */
  constructor(database: DatabaseSync, writer: Writer, rowHours: Pick<RowHours, "of"> = asTheyAre) {
    this.#writer = writer;
    this.#rowHours = rowHours;
    this.#get = database.prepare("SELECT record, rev FROM boxes WHERE box = ?");
    this.#getAll = database.prepare("SELECT record, rev FROM boxes WHERE box IN (SELECT value FROM json_each(?))");
    this.#names = database.prepare("SELECT box, is_silent FROM boxes");
    const columns = "box, rev, look_at, is_silent, last_seen, site, record";
    this.#insert = database.prepare(
      `INSERT INTO boxes (${columns}) VALUES (?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING`,
    );
    this.#update = database.prepare(
      `UPDATE boxes SET rev = ?2 + 1, look_at = ?3, is_silent = ?4, last_seen = ?5, site = ?6, record = ?7
       WHERE box = ?1 AND rev = ?2`,
    );
    this.#due = database.prepare("SELECT box FROM boxes WHERE look_at <= ? ORDER BY look_at LIMIT ?");
    this.#pauses = database.prepare(
      `SELECT hour, longest FROM box_pauses
       WHERE box = ? AND device = ? AND hour IN (SELECT value FROM json_each(?))`,
    );
    this.#addPause = database.prepare(
      `INSERT INTO box_pauses (box, device, hour, longest) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET longest = excluded.longest WHERE longest < excluded.longest`,
    );
    this.#reception = database.prepare("SELECT reception FROM reception");
    this.#putReception = database.prepare(
      "INSERT INTO reception (id, reception) VALUES (1, ?) ON CONFLICT DO UPDATE SET reception = excluded.reception",
    );
    this.#forgetBoxes = database.prepare(
      "DELETE FROM boxes WHERE box IN (SELECT box FROM boxes WHERE last_seen < ? LIMIT ?) RETURNING box",
    );
    this.#forgetPausesOf = database.prepare("DELETE FROM box_pauses WHERE box = ?");
    this.#forgetPauses = database.prepare(
      `DELETE FROM box_pauses WHERE (box, device, hour) IN
         (SELECT box, device, hour FROM box_pauses WHERE hour < ? LIMIT ?)`,
    );
  }

  async get(box: string): Promise<StoredBox | null> {
    const row = this.#get.get(box);
    return row === undefined ? null : usable(box, () => parseStored(storedRow, row, `box ${box}`));
  }

  async getAll(boxes: readonly string[]): Promise<StoredBox[]> {
    return readableOf(
      this.#getAll.all(JSON.stringify(boxes)),
      (row) => parseStored(storedRow, row, "a box"),
      isLoggedByWatch,
    );
  }

  async names(): Promise<{ box: string; isSilent: boolean }[]> {
    return this.#names.all().map((row) => {
      const { box, is_silent } = parseStored(nameRow, row, "a box");
      return { box, isSilent: is_silent === 1 };
    });
  }

  put({ record, rev }: StoredBox): Promise<boolean> {
    const { box, silentSince, activity, site } = record;
    const last = activity?.life?.last ?? null;
    const write = rev === 0 ? this.#insert : this.#update;
    const values = [
      lookAtOf(record),
      silentSince === null ? 0 : 1,
      last,
      site,
      toStoredJson(boxRecordSchema, record, `box ${box}`),
    ] as const;
    return this.#writer.run(() => write.run(box, rev, ...values).changes === 1);
  }

  async due(now: number, limit: number): Promise<string[]> {
    return this.#due.all(now, limit).map((row) => parseStored(boxRow, row, "a box").box);
  }

  async pauses({ box, device }: Watchable, hours: readonly number[]): Promise<Pauses> {
    const inRows = hours.map((hour) => [hour, this.#rowHours.of(hour)] as const);
    const rows = this.#pauses.all(box, device ?? "", JSON.stringify(inRows.map(([, inRow]) => inRow)));
    const longestIn = new Map(
      rows.map((row) => {
        const { hour, longest } = usable(box, () => parseStored(pauseRow, row, `a pause of box ${box}`));
        return [hour, longest] as const;
      }),
    );
    const known = inRows.map(([hour, inRow]) => [hour, longestIn.get(inRow)] as const);
    return Object.fromEntries(known.filter((pause): pause is readonly [number, number] => pause[1] !== undefined));
  }

  async addPauses({ box, device }: Watchable, pauses: Pauses): Promise<void> {
    await this.#writer.run(() => {
      for (const [hour, longest] of Object.entries(pauses)) {
        this.#addPause.run(box, device ?? "", this.#rowHours.of(Number(hour)), longest);
      }
    });
  }

  async reception(): Promise<Reception | null> {
    const row = this.#reception.get();
    return row === undefined ? null : parseStored(receptionRow, row, "the reception").reception;
  }

  async putReception(reception: Reception): Promise<void> {
    await this.#writer.run(() => this.#putReception.run(JSON.stringify(reception)));
  }

  /**
   * Removes the boxes that gave no sign since `before` (ms), with their pauses, and the pauses of hours (`LocalHours`)
   * before `hour`.
   */
  async forget(before: number, hour: number): Promise<void> {
    await this.#inBatches(() => {
      const gone = this.#forgetBoxes.all(before, batchSize);
      for (const row of gone) this.#forgetPausesOf.run(parseStored(boxRow, row, "a box").box);
      return gone.length;
    });
    const inRows = this.#rowHours.of(hour);
    await this.#inBatches(() => Number(this.#forgetPauses.run(inRows, batchSize).changes));
  }

  async #inBatches(remove: () => number): Promise<void> {
    while ((await this.#writer.run(remove)) === batchSize);
  }
}
