import { setTimeout as pause } from "node:timers/promises";
import { storedJson } from "@gatepost/protocol";
import { absent, asRead, type Item, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { chained } from "./chain.ts";
import { type AuditEntry, type AuditRecord, auditRecord } from "./entry.ts";
import { auditKeptMs } from "./ports.ts";

/** Tries to append one entry while others append, too. */
const maxTries = 20;

/** Most ms between two tries. */
const maxPauseMs = 200;

/** Entries that are read in one call. */
const batchSize = 100;

const record = storedJson(auditRecord);

/** `audit`: the end of the chain. It has the whole last entry, which gets its own item with the next one. */
const heads = new RecordKind("audit", z.object({ record }));

/** `audit NUMBER`: an entry that is not the last. */
const entries = new RecordKind("audit ", z.object({ record }));

/** The key of the item of an entry. */
export function auditEntryKey(seq: number): string {
  return entries.pk(`${seq}`);
}

/** The key of the end of the chain. */
export const auditHeadKey = heads.pk("");

/** The last entry, from the item of the end of the chain. */
export function auditEndIn(head: Item): AuditRecord {
  return heads.read(head).record;
}

/** The chain of entries as items. Entries are read by their numbers, so no appended entry is missing. */
export class AuditChain {
  readonly #items: Rows;
  readonly #clock: () => number;
  /** Entries of one process wait for each other, so only entries of other processes cause another try. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param clock ms since 1970 */
  constructor(items: Rows, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /** Null: there is no entry. */
  async last(): Promise<AuditRecord | null> {
    const head = await this.#items.get(auditHeadKey);
    return head === null ? null : auditEndIn(head);
  }

  /**
   * Appends an entry, and resolves with its number. It has been appended once the end of the chain is written, which is
   * one conditional write. If that throws, the entry may still have been appended.
   *
   * @param rows the items that are written: the same as the items that are read
   */
  append(entry: AuditEntry, rows: Rows = this.#items): Promise<number> {
    const appended = this.#turn.then(() => this.#append(entry, rows));
    this.#turn = appended.catch(() => {});
    return appended;
  }

  /** The entries from a number on to the oldest. */
  async *backFrom(begin: number): AsyncGenerator<AuditRecord> {
    const last = await this.last();
    for (let seq = begin; seq > 0; seq -= batchSize) {
      const records = await this.#batch(seq, last);
      if (records.length === 0) return;
      yield* records;
    }
  }

  /** The number of the newest entry before a time (ms); 0: there is none. Entries are in the order of their times. */
  async newestBefore(to = Number.POSITIVE_INFINITY): Promise<number> {
    const last = await this.last();
    if (last === null) return 0;
    if (Date.parse(last.at) < to) return last.seq;
    let [before, after] = [0, last.seq];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      const item = await this.#items.get(auditEntryKey(middle));
      // An entry that has been removed was old.
      if (item === null || Date.parse(entries.read(item).record.at) < to) before = middle;
      else after = middle;
    }
    return before;
  }

  async #append(entry: AuditEntry, rows: Rows): Promise<number> {
    let tried: AuditRecord | null = null;
    for (let tries = 0; tries < maxTries; tries++) {
      const end = await this.#items.get(auditHeadKey);
      const last = end === null ? null : auditEndIn(end);
      if (tried !== null && (await this.#isChained(tried, last))) return tried.seq;
      if (last !== null) await keep(last, rows);
      else if (await this.#isBegun()) continue;
      tried = chained(entry, last, this.#clock());
      const next = heads.record("", { record: JSON.stringify(tried) }, asRead(end, ["record"]));
      const { applied } = await rows.write(next);
      if (applied) return tried.seq;
      await pause(Math.random() * maxPauseMs);
    }
    throw new Error("the audit log was appended to by others all the time");
  }

  /** Whether another process has begun the chain meanwhile. If only the end of the chain is gone, no second one begins. */
  async #isBegun(): Promise<boolean> {
    if ((await this.#items.get(auditEntryKey(1))) === null) return false;
    if ((await this.#items.get(auditHeadKey)) !== null) return true;
    throw new Error("the end of the audit log is missing, so nothing can be appended to it");
  }

  /** Whether an earlier try has appended the entry, and only its answer was lost. */
  async #isChained(tried: AuditRecord, last: AuditRecord | null): Promise<boolean> {
    if (last === null || last.seq < tried.seq) return false;
    const [found] = await this.#batch(tried.seq, last, 1);
    return found?.id === tried.id;
  }

  /** The entries from `seq` backwards, `size` at most. */
  async #batch(seq: number, last: AuditRecord | null, size = batchSize): Promise<AuditRecord[]> {
    const numbers = Array.from({ length: Math.min(size, seq) }, (_, back) => seq - back);
    const items = await this.#items.getAll(numbers.map(auditEntryKey));
    return numbers.flatMap((number) => {
      const item = items.get(auditEntryKey(number));
      if (item !== undefined) return [entries.read(item).record];
      return last?.seq === number ? [last] : [];
    });
  }
}

/** Gives the last entry its own item, before the end of the chain moves to the next. */
async function keep(last: AuditRecord, rows: Rows): Promise<void> {
  const item = { record: JSON.stringify(last), ttl: ttlAt(Date.parse(last.at) + auditKeptMs) };
  await rows.write(entries.record(`${last.seq}`, item, absent()));
}
