import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { ImportedErasure } from "@gatepost/core/erasure";
import type { ImportedEvent } from "@gatepost/core/imports";
import { exportedKeys, type ImportedKey } from "@gatepost/core/keys";
import { Mappings, type NotedReplay, type Revised, replaysIn } from "@gatepost/core/mappings";
import type { WhereAside } from "@gatepost/core/quarantine";
import { reportsWithKeptScenes, type SceneRetention, scenesIn } from "@gatepost/core/retention";
import { type Site, Sites } from "@gatepost/core/sites";
import { actionChange, instant, omitEmpty, parseStored, type Report } from "@gatepost/protocol";
import { Database, lock } from "@gatepost/sqlite";
import type * as z from "zod";
import { DataDirLocked } from "../db/data-dir.ts";
import { itemsIn, type SqliteItems } from "../db/items.ts";
import { newestVersion } from "../db/schema.ts";
import { scenesOf } from "../erasure/retention-days.ts";
import { changedAfter } from "../events/change-feed.ts";
import { isReportOfEvent } from "../events/row.ts";
import { isAsideAfter, isComplete, pieceRow, piecesSql } from "../quarantine/pieces.ts";
import { packsOf } from "./job.ts";
import {
  actionRow,
  boxRow,
  changeRow,
  erasedRow,
  eventRow,
  idRow,
  numberRow,
  recordRow,
  reportRow,
  secretRow,
  statusRow,
} from "./migration-rows.ts";
import { PicturesOf } from "./picture-rows.ts";
import { BackupRefused } from "./refused.ts";
import { refuseEarlierBuild, schemaOf, storeOf } from "./snapshot.ts";

/** An event that must be moved, and its revision. */
export interface LeavingEvent {
  revision: number;
  event: ImportedEvent;
  /** Whether an action of it still waits to be announced. */
  isPending: boolean;
}

/**
 * The contents of a data folder, for a store elsewhere to take over. It only reads, so a server may run on the folder.
 * Throws BackupRefused if another version of Gatepost wrote it.
 */
export class LeavingStore implements AsyncDisposable {
  readonly store: string;
  readonly #database: DatabaseSync;
  readonly #items: SqliteItems;
  readonly #scenes: Omit<SceneRetention, "clock">;
  readonly #statements = new Map<string, StatementSync>();
  readonly #unlock: (() => void) | null;
  readonly #pictures: PicturesOf;
  readonly #packs: ReturnType<typeof packsOf>;
  #reading: Promise<void> = Promise.resolve();

  /** @param isAlone whether no server may run on the folder while this is open; throws DataDirLocked if one does */
  constructor(path: string, { isAlone }: { isAlone: boolean }) {
    if (!existsSync(join(path, "gatepost.db"))) throw new BackupRefused(`there is no store in ${path}`);
    const taken = (cause: unknown) => new DataDirLocked(path, { cause });
    this.#unlock = isAlone ? lock(join(path, "lock.db"), { wait: 0, taken }) : null;
    this.#database = new Database(join(path, "gatepost.db"), { readOnly: true, timeout: 10_000 });
    try {
      refuseEarlierBuild(this.#database, path);
      if (schemaOf(this.#database) !== newestVersion)
        throw new BackupRefused(`${path} was written by another version of Gatepost; start this one on it once`);
    } catch (error) {
      this.#database.close();
      this.#unlock?.();
      throw error;
    }
    this.store = storeOf(this.#database);
    this.#items = itemsIn(this.#database);
    this.#scenes = scenesOf(this.#database);
    this.#pictures = new PicturesOf(this.#database);
    this.#packs = packsOf(path);
  }

  /** Events that changed after a revision, in the order of their last changes. */
  events(after: number, limit: number, now: number): LeavingEvent[] {
    const sql = `SELECT id, box, is_twin, expires_at, events.revision
      FROM (${changedAfter}) AS change CROSS JOIN events USING (made)
      WHERE expires_at > ?2 ORDER BY change.revision LIMIT ?3`;
    return this.#all(eventRow, "an event", sql, after, now, limit).map((row) => this.#leaving(row, now));
  }

  /** How many events changed after a revision. */
  changesAfter(after: number, now: number): number {
    const sql = `SELECT count(*) AS n FROM (${changedAfter}) AS change CROSS JOIN events USING (made) WHERE expires_at > ?2`;
    return this.#count(sql, after, now);
  }

  /** The event as it is now; null if it is gone. */
  event(id: string, now: number): LeavingEvent | null {
    const sql = "SELECT id, box, is_twin, expires_at, revision FROM events WHERE id = ? AND expires_at > ?";
    const [row] = this.#all(eventRow, `event ${id}`, sql, id, now);
    return row === undefined ? null : this.#leaving(row, now);
  }

  /** The ids of all events that have not expired, in their order. */
  *ids(now: number): Iterable<string> {
    const rows = this.#database.prepare("SELECT id FROM events WHERE expires_at > ? ORDER BY id").iterate(now);
    for (const row of rows) yield parseStored(idRow, row, "an event").id;
  }

  /** How many entries the rules of this store still have to deliver, those included that are not on its bus yet. */
  get waiting(): number {
    const [entries, unannounced] = ["FROM deliveries WHERE state = 'waiting'", "FROM event_outbox"];
    return this.#count(`SELECT (SELECT count(*) ${entries}) + (SELECT count(*) ${unannounced}) AS n`);
  }

  /** The ids of events with an action that is still to be announced. */
  pending(): string[] {
    const sql = "SELECT DISTINCT event_id AS id FROM actions WHERE state = 'pending'";
    return this.#all(idRow, "an action", sql).map(({ id }) => id);
  }

  keys(): Promise<ImportedKey[]> {
    return exportedKeys(this.#items);
  }

  erasures(): { secret: Uint8Array; erased: ImportedErasure[] } {
    const [row] = this.#all(secretRow, "the secret", "SELECT value FROM secrets WHERE name = 'suppression'");
    if (row === undefined) throw new Error("the store lacks the secret of its erasures");
    return { secret: row.value, erased: this.#all(erasedRow, "an erasure", "SELECT name, box, at FROM suppressed") };
  }

  statuses() {
    return this.#all(statusRow, "a box status", "SELECT box, kind, received_at, report FROM notices").map(
      ({ received_at: receivedAt, ...status }) => ({ ...status, receivedAt }),
    );
  }

  boxes() {
    return this.#all(boxRow, "a box", "SELECT record FROM boxes").map(({ record }) => {
      const { box, name, site, zone, afterMs, isExpected, silentSince, isAnnounced, deviceSettings } = record;
      return { box, name, site, zone, afterMs, isExpected, silentSince, isAnnounced, deviceSettings };
    });
  }

  /** The stored sites. One for which no zone is set has none: that of the server there counts. */
  async sites(): Promise<(Omit<Site, "zone"> & { zone?: string })[]> {
    const sites = await new Sites({ items: this.#items, zone: "" }).list();
    return sites.map(({ zone, ...site }) => (zone === "" ? site : { ...site, zone }));
  }

  /** The stored mappings. One that cannot be read is left out. */
  mappings(): Promise<Revised[]> {
    return new Mappings({ items: this.#items }).list();
  }

  recordIds(): string[] {
    return this.#all(idRow, "a record", `SELECT id FROM quarantine WHERE ${isComplete} ORDER BY received_at, id`).map(
      ({ id }) => id,
    );
  }

  /** The replays that can still be undone. */
  replays(now: number): Iterable<NotedReplay> {
    return replaysIn(this.#items, now);
  }

  /** A record of quarantine, null if it is gone, or set aside. */
  record(id: string) {
    const sql = `SELECT * FROM quarantine WHERE id = ? AND ${isComplete}`;
    return this.#record(this.#all(recordRow, `record ${id}`, sql, id));
  }

  /** A record that is set aside, as it was before; null if it is not. */
  aside({ id, receivedAt }: WhereAside, now: number) {
    const sql = `SELECT *, ?3 AS received_at FROM quarantine WHERE id = ?1 AND ${isAsideAfter("?2")}`;
    return this.#record(this.#all(recordRow, `record ${id}`, sql, id, now, receivedAt));
  }

  #record([row]: z.output<typeof recordRow>[]) {
    if (row === undefined) return null;
    const { id } = row;
    const { event_id, event_fingerprint: fingerprint, received_at: receivedAt, bytes, ...record } = row;
    const isWhole = record.body.length === bytes;
    const pieces = isWhole
      ? [record.body]
      : this.#all(pieceRow, `record ${id}`, piecesSql, id).map((piece) => piece.bytes);
    const event = event_id === null || fingerprint === null ? null : { id: event_id, fingerprint };
    const ofBatch = "SELECT event_id AS id FROM quarantine_events WHERE quarantine_id = ?";
    const eventsOfBatch = this.#all(idRow, `record ${id}`, ofBatch, id).map((found) => found.id);
    return { ...record, body: Buffer.concat(pieces), receivedAt, event, eventsOfBatch };
  }

  /** The bytes of a picture; null if they are lost. */
  picture(month: string, sha256: string): Promise<Buffer | null> {
    const read = this.#reading.then(() => this.#read(month, sha256));
    this.#reading = read.then(
      () => undefined,
      () => undefined,
    );
    return read;
  }

  /** Reads one after the other: only one pack is open at a time. It may have grown since it was opened. */
  async #read(month: string, sha256: string): Promise<Buffer | null> {
    const row = this.#pictures.find(month, sha256) ?? this.#pictures.find(scenesIn(month), sha256);
    if (row === null) return null;
    const found = await this.#packs.read(row);
    if (found !== null) return found;
    await this.#packs[Symbol.asyncDispose]();
    return this.#packs.read(row);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    this.#unlock?.();
    await this.#packs[Symbol.asyncDispose]();
  }

  #leaving(
    { id, box, is_twin, expires_at: expiresAt, revision }: z.output<typeof eventRow>,
    now: number,
  ): LeavingEvent {
    const held = this.#all(
      reportRow,
      `event ${id}`,
      `SELECT fingerprint, report FROM events CROSS JOIN reports WHERE events.id = ? AND ${isReportOfEvent} ORDER BY reports.id`,
      id,
    );
    const stored = held.map(({ report }) => report);
    const reports = reportsWithKeptScenes(stored, { ...this.#scenes, clock: () => now });
    const actions = this.#all(actionRow, `event ${id}`, "SELECT * FROM actions WHERE event_id = ? ORDER BY at, id", id);
    const event: ImportedEvent = {
      id,
      box,
      isSecondFace: is_twin === 1,
      expiresAt,
      reports: held.map((one, index) => ({ ...one, report: reports[index] ?? one.report })),
      actions: actions.map(({ id: actionId, want_action: wantAction, is_told, ...action }) => ({
        ...action,
        wantAction,
        isTold: is_told === 1,
        history: this.#history(actionId),
      })),
    };
    return { revision, event, isPending: actions.some(({ state }) => state === "pending") };
  }

  #history(actionId: string) {
    const sql = "SELECT state, at, reason, key_id, decision FROM action_changes WHERE action_id = ? ORDER BY number";
    return this.#all(changeRow, `action ${actionId}`, sql, actionId).map(
      ({ state, at, reason, key_id: by, decision }) => actionChange({ state, reason, by, decision }, instant(at)),
    );
  }

  #count(sql: string, ...asked: number[]): number {
    return parseStored(numberRow, this.#prepared(sql).get(...asked), "a count").n;
  }

  #all<Schema extends z.ZodType>(schema: Schema, what: string, sql: string, ...asked: (string | number)[]) {
    const rows: Record<string, SQLOutputValue>[] = this.#prepared(sql).all(...asked);
    return rows.map((row) => parseStored(schema, row, what));
  }

  /** The statement of a query. To prepare one takes longer than to read an event by it. */
  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/**
 * A report without a picture whose bytes cannot be moved. It is flagged, so that a repeated report brings the picture
 * again.
 */
export function withoutPicture({ pictures = {}, flags = [], ...report }: Report, sha256: string): Report {
  const gone = Object.entries(pictures).filter(([, facts]) => facts.sha256 === sha256);
  const names = gone.map(([kind]) => `picture-lost:${kind}`);
  const kept = Object.entries(pictures).filter(([, facts]) => facts.sha256 !== sha256);
  return { ...report, ...omitEmpty({ pictures: Object.fromEntries(kept) }), flags: [...new Set([...flags, ...names])] };
}
