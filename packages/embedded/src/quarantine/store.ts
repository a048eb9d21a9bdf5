import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Page, PageRequest } from "@gatepost/core/lists";
import type { Log } from "@gatepost/core/log";
import {
  batchTooLong,
  newestFirst,
  type Quarantine,
  type QuarantineGroup,
  QuarantineQuota,
  type QuarantineReader,
  type QuarantineRecord,
  type QuarantineSize,
  type RecordsOfBox,
  type SetAside,
  type WhereAside,
  type WhichRecords,
} from "@gatepost/core/quarantine";
import { instant, parseStored, storedJson } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { isIn, readRowPage } from "../db/page.ts";
import { asideUntil, incompleteAt, isAsideAfter, QuarantinePieces } from "./pieces.ts";
import { QuarantineShapes } from "./shapes.ts";

type ListedRecord = Omit<QuarantineRecord, "body"> & { bytes: number };

interface Deps {
  log: Log;
  clock(): number;
  /** ms from the receipt of a record to its expiry. */
  lifetime(): number;
  limits?: QuarantineSize | undefined;
}

/** Events of a batch that are noted in one transaction. */
const eventsAtOnce = 1000;

const recordRow = z.object({
  id: z.string(),
  box: z.string(),
  path: z.string(),
  reason: z.string(),
  received_at: z.int(),
  headers: storedJson(z.record(z.string(), z.string())),
  event_id: z.string().nullable(),
  event_fingerprint: z.string().nullable(),
  bytes: z.int(),
});
const groupRow = z.object({
  reason: z.string(),
  box: z.string(),
  path: z.string(),
  count: z.int(),
  dropped: z.int(),
  bytes: z.int(),
  first: z.int(),
  last: z.int(),
});
const bodyRow = z.object({ body: z.instanceof(Uint8Array) });
const sizeRow = z.object({ records: z.int(), bytes: z.int() });
const droppedRow = z.object({ box: z.string(), records: z.int() });

/** The long batches of a box that wait for their jobs. They do not count towards the limit of the box. */
const waiting = `quarantine INDEXED BY quarantine_by_group
  WHERE box = ?1 AND reason = '${batchTooLong}' AND received_at > ?2`;

/** The size of a box's quarantine after older records were dropped, and the dropped records that have pieces. */
interface MadeRoom {
  size: QuarantineSize;
  dropped: string[];
}

/** Quarantine in SQLite. An expired record is treated as missing, even while its row still exists. */
export class SqliteQuarantine implements Quarantine, QuarantineReader {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #pieces: QuarantinePieces;
  readonly #shapes: QuarantineShapes;
  /** Large records that are being written, by their ids. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #quota: QuarantineQuota;
  readonly #clock: () => number;
  readonly #lifetime: () => number;
  readonly #removeExpired: StatementSync;
  readonly #put: StatementSync;
  readonly #putEvent: StatementSync;
  readonly #sizeOf: StatementSync;
  readonly #waiting: StatementSync;
  readonly #isNext: StatementSync;
  readonly #isExpired: StatementSync;
  readonly #isKept: StatementSync;
  readonly #countDropped: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;
  readonly #setAside: StatementSync;
  readonly #listAside: StatementSync;
  readonly #putBack: StatementSync;
  readonly #groups: StatementSync;
  readonly #dropped: StatementSync;
  readonly #countOf: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { log, clock, lifetime, limits }: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#pieces = new QuarantinePieces(database, writer);
    this.#quota = new QuarantineQuota(log, limits);
    this.#shapes = new QuarantineShapes(database, this.#quota);
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#removeExpired = database.prepare("DELETE FROM quarantine WHERE id = ? AND received_at <= ?");
    this.#put = database.prepare(
      `INSERT INTO quarantine (id, box, path, reason, received_at, headers, event_id, event_fingerprint, bytes, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET reason = excluded.reason, event_id = excluded.event_id, event_fingerprint = excluded.event_fingerprint
       WHERE (reason, event_id, event_fingerprint) IS NOT (excluded.reason, excluded.event_id, excluded.event_fingerprint)`,
    );
    this.#putEvent = database.prepare(
      `INSERT INTO quarantine_events (event_id, quarantine_id) SELECT value, quarantine.id FROM json_each(?), quarantine WHERE quarantine.id = ?
       ON CONFLICT DO NOTHING`,
    );
    this.#sizeOf = database.prepare(
      `SELECT count(*) - (SELECT count(*) FROM ${waiting}) AS records,
         coalesce(sum(bytes), 0) - (SELECT coalesce(sum(bytes), 0) FROM ${waiting}) AS bytes
       FROM quarantine WHERE box = ?1 AND received_at > ?2`,
    );
    this.#waiting = database.prepare(`SELECT count(*) AS n FROM ${waiting} AND id <> ?3`);
    this.#isNext = database.prepare(
      `SELECT id FROM ${waiting.replace("?1", "(SELECT box FROM quarantine WHERE id = ?1)")} ORDER BY received_at, id LIMIT 1`,
    );
    this.#isExpired = database.prepare("SELECT 1 FROM quarantine WHERE id = ? AND received_at <= ?");
    this.#isKept = database.prepare("SELECT 1 FROM quarantine WHERE id = ?");
    this.#countDropped = database.prepare(
      "INSERT INTO quarantine_dropped (box, records) VALUES (?, 1) ON CONFLICT DO UPDATE SET records = records + 1",
    );
    this.#get = database.prepare("SELECT * FROM quarantine WHERE id = ? AND received_at > ?");
    this.#remove = database.prepare("DELETE FROM quarantine WHERE id = ?");
    this.#setAside = database.prepare(
      `UPDATE quarantine SET received_at = ${asideUntil("min(?2, received_at + ?4)")} WHERE id = ?1 AND received_at > ?3`,
    );
    this.#listAside = database.prepare(
      `SELECT quarantine.*, value ->> 'receivedAt' AS received_at FROM json_each(?1), quarantine
       WHERE quarantine.id = value ->> 'id' AND ${isAsideAfter("?2")} ORDER BY key`,
    );
    this.#putBack = database.prepare(`UPDATE quarantine SET received_at = ?2 WHERE id = ?1 AND ${isAsideAfter("?3")}`);
    this.#groups = database.prepare(
      `WITH lost AS (
         SELECT box, reason, path, sum(dropped) AS dropped FROM
           (SELECT quarantine_id, dropped FROM quarantine_shapes WHERE dropped > 0) JOIN quarantine ON id = quarantine_id
         WHERE received_at > ?1 GROUP BY box, reason, path)
       SELECT found.*, coalesce(lost.dropped, 0) AS dropped FROM (
         SELECT reason, box, path, count(*) AS count, sum(bytes) AS bytes, min(received_at) AS first, max(received_at) AS last
         FROM quarantine WHERE received_at > ?1 AND (?2 IS NULL OR box IN (SELECT value FROM json_each(?2)))
         GROUP BY box, reason, path) AS found LEFT JOIN lost USING (box, reason, path)`,
    );
    this.#countOf = database.prepare(
      `SELECT count(*) AS n FROM quarantine WHERE received_at > ?2 AND id IN (
         SELECT id FROM quarantine WHERE event_id IN (SELECT value FROM json_each(?1))
         UNION SELECT quarantine_id FROM quarantine_events WHERE event_id IN (SELECT value FROM json_each(?1)))`,
    );
    this.#dropped = database.prepare("SELECT box, records FROM quarantine_dropped");
  }

  /** The ids of large records that are being written. Until they are complete, they count as expired. */
  get writing(): readonly string[] {
    return [...this.#writing.keys()];
  }

  async put(record: QuarantineRecord): Promise<void> {
    const { id, box, body } = record;
    if (this.#pieces.isLarge(body.length)) await this.#afterOthers(id, () => this.#putLarge(record));
    else {
      const expired = this.#expired();
      await this.#makingRoom(box, () => {
        this.#removeExpired.run(id, expired);
        this.#requireRoomToWait(record, expired);
        this.#write(record, body, record.receivedAt);
        return this.#makeRoom(record, expired);
      });
    }
    await this.#putEvents(id, record.eventsOfBatch ?? []);
  }

  /** A record that exists is only changed. Else its pieces are written first, and then it is complete. */
  async #putLarge(record: QuarantineRecord): Promise<void> {
    const { id, box, body, receivedAt } = record;
    const expired = this.#expired();
    if (this.#isExpired.get(id, expired) !== undefined) await this.#pieces.remove(id);
    const isNew = this.#isKept.get(id) === undefined;
    await this.#writer.run(() => {
      this.#requireRoomToWait(record, expired);
      this.#write(record, new Uint8Array(), isNew ? incompleteAt : receivedAt);
    });
    if (isNew) await this.#pieces.write(id, body);
    await this.#makingRoom(box, () => {
      if (isNew) this.#pieces.complete(id, receivedAt);
      return this.#makeRoom(record, expired);
    });
  }

  #requireRoomToWait({ id, box, reason }: QuarantineRecord, expired: number): void {
    if (reason === batchTooLong) this.#quota.requireRoomToWait(Number(this.#waiting.get(box, expired, id)?.["n"]));
  }

  #write(record: QuarantineRecord, body: Uint8Array, at: number): void {
    const { id, box, path, reason, event, headers } = record;
    const { length } = record.body;
    const [eventId, fingerprint] = [event?.id ?? null, event?.fingerprint ?? null];
    this.#put.run(id, box, path, reason, at, JSON.stringify(headers), eventId, fingerprint, length, body);
    this.#shapes.note(record);
  }

  /** Runs a transaction that makes room, and then removes the large records that it dropped. */
  async #makingRoom(box: string, work: () => MadeRoom): Promise<void> {
    const { size, dropped } = await this.#writer.run(work);
    this.#quota.watch(box, size);
    for (const id of dropped) await this.#pieces.remove(id);
  }

  /** Two bodies with the same content must not be written at the same time. */
  async #afterOthers(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(id);
    const done = (before ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#writing.set(id, done);
    try {
      await done;
    } finally {
      if (this.#writing.get(id) === done) this.#writing.delete(id);
    }
  }

  async list(
    of: string | readonly string[] | null,
    page: PageRequest,
    { reason, path, order }: WhichRecords = {},
  ): Promise<Page<ListedRecord>> {
    const { items, next } = readRowPage(this.#database, {
      select: `SELECT id, box, path, reason, received_at AS at, received_at, headers, event_id, event_fingerprint, bytes FROM quarantine`,
      conditions: [
        { sql: "received_at > ?", values: [this.#expired()] },
        ...(of === null ? [] : [isIn("box", [of].flat())]),
        ...(reason === undefined ? [] : [{ sql: "reason = ?", values: [reason] }]),
        ...(path === undefined ? [] : [{ sql: "path = ?", values: [path] }]),
      ],
      at: "received_at",
      id: "id",
      order,
      page,
    });
    return { items: items.map(listedOf), next };
  }

  async groups(of: readonly string[] | null): Promise<{ groups: QuarantineGroup[]; isExact: boolean }> {
    const rows = this.#groups.all(this.#expired(), of === null ? null : JSON.stringify(of));
    const groups = rows.map((row) => {
      const { first, last, ...group } = parseStored(groupRow, row, "a group of quarantine");
      return { ...group, first: instant(first), last: instant(last) };
    });
    return { groups: newestFirst(groups), isExact: true };
  }

  async get(id: string): Promise<QuarantineRecord | null> {
    const row = this.#get.get(id, this.#expired());
    return row === undefined ? null : this.#withBody(row);
  }

  async #withBody(row: Record<string, unknown>): Promise<QuarantineRecord | null> {
    const { bytes, ...record } = listedOf(row);
    const { body: kept } = parseStored(bodyRow, row, `quarantine record ${record.id}`);
    const body = kept.length < bytes ? await this.#pieces.read(record.id, bytes) : kept;
    return body === null ? null : { ...record, body };
  }

  async isNext(id: string): Promise<boolean> {
    return (this.#isNext.get(id, this.#expired())?.["id"] ?? id) === id;
  }

  async remove(id: string): Promise<void> {
    const hasPieces = await this.#writer.run(() => this.#drop(id));
    if (hasPieces) await this.#pieces.remove(id);
  }

  async setAside(id: string, { events, until }: SetAside): Promise<void> {
    await this.#putEvents(id, events);
    await this.#writer.run(() => this.#setAside.run(id, until, this.#expired(), this.#lifetime()));
  }

  async listAside(records: readonly WhereAside[]): Promise<ListedRecord[]> {
    return this.#aside(records).map(listedOf);
  }

  async getAside(record: WhereAside): Promise<QuarantineRecord | null> {
    const [row] = this.#aside([record]);
    return row === undefined ? null : this.#withBody(row);
  }

  #aside(records: readonly WhereAside[]) {
    return this.#listAside.all(JSON.stringify(records), this.#clock());
  }

  async putBack({ id, receivedAt }: WhereAside): Promise<boolean> {
    await this.#writer.run(() => this.#putBack.run(id, receivedAt, this.#clock()));
    return this.#get.get(id, this.#expired()) !== undefined;
  }

  async countOf(events: readonly string[]): Promise<number> {
    return Number(this.#countOf.get(JSON.stringify(events), this.#expired())?.["n"]);
  }

  async dropped(): Promise<Record<string, number>> {
    const rows = this.#dropped.all().map((row) => parseStored(droppedRow, row, "quarantine_dropped"));
    return Object.fromEntries(rows.map(({ box, records }) => [box, records]));
  }

  /** Uses several transactions, so that other writes get their turns. */
  async #putEvents(id: string, events: readonly string[]): Promise<void> {
    for (let from = 0; from < events.length; from += eventsAtOnce) {
      const some = JSON.stringify(events.slice(from, from + eventsAtOnce));
      await this.#writer.run(() => this.#putEvent.run(some, id));
    }
  }

  /** ms since 1970. Records received up to then have expired. */
  #expired(): number {
    return this.#clock() - this.#lifetime();
  }

  #makeRoom({ id: newest, box }: QuarantineRecord, expired: number): MadeRoom {
    const dropped: string[] = [];
    let records: RecordsOfBox | null = null;
    for (;;) {
      const size = parseStored(sizeRow, this.#sizeOf.get(box, expired), `quarantine of ${box}`);
      if (!this.#quota.isExceeded(size)) return { size, dropped };
      records ??= this.#shapes.of(box, { newest, expired });
      const next = records.next(size);
      if (next === null) return { size, dropped };
      if (next.heir !== null) this.#shapes.inherit(next.heir, next.id);
      if (this.#drop(next.id)) dropped.push(next.id);
      this.#countDropped.run(box);
    }
  }

  /** Drops a record within a transaction. Returns whether it has pieces, which must be removed one after the other. */
  #drop(id: string): boolean {
    if (this.#pieces.hide(id)) return true;
    this.#remove.run(id);
    return false;
  }
}

/** A record from its row. */
export function listedOf(row: Record<string, unknown>): ListedRecord {
  const {
    received_at: receivedAt,
    event_id: id,
    event_fingerprint: fingerprint,
    ...facts
  } = parseStored(recordRow, row, `quarantine record ${row["id"]}`);
  return { ...facts, receivedAt, event: id === null || fingerprint === null ? null : { id, fingerprint } };
}
