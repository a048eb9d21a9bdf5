import type { PageRequest } from "@gatepost/core/lists";
import {
  batchTooLong,
  type Quarantine,
  type QuarantineQuota,
  type QuarantineReader,
  type QuarantineRecord,
  type QuarantineSize,
  quarantineGroups,
  RecordsOfBox,
  type SetAside,
  shapeKeyOf,
  type WhereAside,
  type WhichRecords,
} from "@gatepost/core/quarantine";
import { pageOf } from "./page.ts";

interface Deps {
  clock(): number;
  /** ms from the receipt of a record to its expiry, as it now is. */
  lifetime(): number;
  quota: QuarantineQuota;
}

/** A quarantine in memory. Expired records are treated as missing. */
export class MemoryQuarantine implements Quarantine, QuarantineReader {
  /** All records that were kept and not removed, in order of arrival. */
  readonly records = new Map<string, QuarantineRecord>();
  readonly #deps: Deps;
  readonly #dropped = new Map<string, number>();
  /** The ids of the events that a whole batch is kept with, by the id of its record. */
  readonly #eventsOfBatches = new Map<string, ReadonlySet<string>>();

  readonly #aside = new Map<string, { record: QuarantineRecord; until: number }>();

  /** The shapes of records, and how many others of them were dropped, by the ids of the records. */
  readonly #shapes = new Map<string, { key: string; isPassing: boolean; dropped: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async put({ eventsOfBatch = [], shape, ...record }: QuarantineRecord): Promise<void> {
    const { id, box, reason, event } = record;
    if (reason === batchTooLong) {
      const waiting = this.live().filter((one) => one.box === box && one.reason === batchTooLong && one.id !== id);
      this.#deps.quota.requireRoomToWait(waiting.length);
    }
    this.#eventsOfBatches.set(id, new Set([...(this.#eventsOfBatches.get(id) ?? []), ...eventsOfBatch]));
    const known = this.#find(id);
    this.#aside.delete(id);
    if (known === undefined) this.records.delete(id);
    const kept = known ?? { ...record, body: Uint8Array.from(record.body) };
    this.records.set(id, { ...kept, reason, event });
    if (known === undefined) {
      const key = shapeKeyOf({ ...record, ...(shape && { shape }) });
      this.#shapes.set(id, { key, isPassing: shape?.isPassing ?? false, dropped: 0 });
    }
    this.#makeRoom(box, id);
    this.#deps.quota.watch(box, this.#sizeOf(box));
  }

  async groups(of: readonly string[] | null) {
    const records = this.live().filter(({ box }) => of === null || of.includes(box));
    return {
      groups: quarantineGroups(
        records.map(({ body, ...record }) => ({
          ...record,
          bytes: body.length,
          dropped: this.#shapeOf(record).dropped,
        })),
      ),
      isExact: true,
    };
  }

  async list(of: string | readonly string[] | null, page: PageRequest, { reason, path, order }: WhichRecords = {}) {
    const records = this.live()
      .filter(({ box }) => of === null || [of].flat().includes(box))
      .filter((record) => (reason ?? record.reason) === record.reason && (path ?? record.path) === record.path);
    const items = records.map(({ body, ...record }) => ({
      item: { ...record, bytes: body.length },
      at: record.receivedAt,
      id: record.id,
    }));
    return pageOf(items, page, order);
  }

  async get(id: string): Promise<QuarantineRecord | null> {
    return this.#find(id) ?? null;
  }

  async isNext(id: string): Promise<boolean> {
    const box = this.#find(id)?.box;
    const waiting = this.live().filter((one) => one.reason === batchTooLong && one.box === box);
    const inOrder = waiting.sort((a, b) => a.receivedAt - b.receivedAt || (a.id < b.id ? -1 : 1));
    return (inOrder[0]?.id ?? id) === id;
  }

  async remove(id: string): Promise<void> {
    this.records.delete(id);
    this.#aside.delete(id);
  }

  async setAside(id: string, { events, until }: SetAside): Promise<void> {
    const record = this.#find(id);
    if (record === undefined) return;
    this.records.delete(id);
    this.#eventsOfBatches.set(id, new Set([...(this.#eventsOfBatches.get(id) ?? []), ...events]));
    const expiresAt = record.receivedAt + this.#deps.lifetime();
    this.#aside.set(id, { record, until: Math.min(until, expiresAt) });
  }

  async listAside(records: readonly WhereAside[]) {
    const found = await Promise.all(records.map((record) => this.getAside(record)));
    return found.flatMap((record) => {
      if (record === null) return [];
      const { body, ...listed } = record;
      return [{ ...listed, bytes: body.length }];
    });
  }

  async getAside({ id }: WhereAside): Promise<QuarantineRecord | null> {
    const aside = this.#aside.get(id);
    return aside !== undefined && aside.until > this.#deps.clock() ? aside.record : null;
  }

  async putBack({ id }: WhereAside): Promise<boolean> {
    const aside = this.#aside.get(id);
    this.#aside.delete(id);
    if (aside !== undefined && aside.until > this.#deps.clock()) this.records.set(id, aside.record);
    return this.#find(id) !== undefined;
  }

  async countOf(events: readonly string[]): Promise<number> {
    return this.live().filter(({ id, event }) =>
      events.some((one) => event?.id === one || this.#eventsOfBatches.get(id)?.has(one)),
    ).length;
  }

  async dropped(): Promise<Record<string, number>> {
    return Object.fromEntries(this.#dropped);
  }

  /** Removes the records of an event. Returns their number. */
  removeEvent(eventId: string): number {
    const all = [...this.live(), ...[...this.#aside.values()].map(({ record }) => record)];
    const theirs = all.filter(({ id, event }) => event?.id === eventId || this.#eventsOfBatches.get(id)?.has(eventId));
    for (const { id } of theirs) {
      this.records.delete(id);
      this.#aside.delete(id);
    }
    return theirs.length;
  }

  #shapeOf({ id }: Pick<QuarantineRecord, "id">) {
    const shape = this.#shapes.get(id);
    if (shape === undefined) throw new Error(`record ${id} has no shape`);
    return shape;
  }

  #makeRoom(box: string, newest: string): void {
    const { quota } = this.#deps;
    const listed = this.#of(box).map(({ id, body }) => {
      const { key: shape, isPassing } = this.#shapeOf({ id });
      return { id, shape, isPassing, bytes: body.length };
    });
    const records = new RecordsOfBox(listed, newest, quota);
    for (let size = this.#sizeOf(box); quota.isExceeded(size); size = this.#sizeOf(box)) {
      const next = records.next(size);
      if (next === null) return;
      this.records.delete(next.id);
      this.#dropped.set(box, (this.#dropped.get(box) ?? 0) + 1);
      if (next.heir !== null) this.#shapeOf({ id: next.heir }).dropped += this.#shapeOf(next).dropped + 1;
    }
  }

  #sizeOf(box: string): QuarantineSize {
    return sizeOf(this.#of(box));
  }

  /** The records of a box that count, the oldest first. */
  #of(box: string): QuarantineRecord[] {
    return this.live()
      .filter((record) => record.box === box && record.reason !== batchTooLong)
      .sort((a, b) => a.receivedAt - b.receivedAt || (a.id < b.id ? -1 : 1));
  }

  #find(id: string): QuarantineRecord | undefined {
    return this.live().find((record) => record.id === id);
  }

  live(): QuarantineRecord[] {
    const expired = this.#deps.clock() - this.#deps.lifetime();
    return [...this.records.values()].filter(({ receivedAt }) => receivedAt > expired);
  }
}

function sizeOf(records: readonly QuarantineRecord[]): QuarantineSize {
  return { records: records.length, bytes: records.reduce((sum, { body }) => sum + body.length, 0) };
}
