import {
  type AuditEntry,
  type AuditHead,
  type AuditLog,
  type AuditReader,
  type AuditRecord,
  hourOf,
  picturesRead,
} from "@gatepost/core/audit";
import { GatepostError } from "@gatepost/core/errors";
import { type Page, type PageRequest, PageRoom } from "@gatepost/core/lists";
import type { Log } from "@gatepost/core/log";
import { hourMs } from "@gatepost/protocol";
import { all, equals, present, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { isFree } from "../dynamo/lease-each.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { append, lastOf } from "./audit-chain.ts";
import { countIn, countOf, entryRow, recordOf } from "./audit-row.ts";
import { noteFirst } from "./sign-ins.ts";

/** Entries that are read in one call. */
const batchSize = 100;

/** ms for which only one process may note a count. */
const leaseMs = 60_000;

interface Deps {
  dynamo: Dynamo;
  log: Log;
  clock(): number;
}

/** The audit log in DynamoDB. Entries are read by their numbers, so a page is never behind the table. */
export class DynamoAuditLog implements AuditLog, AuditReader {
  readonly #deps: Deps;
  /** The hour up to which this process knows that counts are noted. */
  #notedUpTo = 0;
  /** Entries of one process wait for each other, so only entries of other processes cause another try. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async note(entry: AuditEntry): Promise<number> {
    await this.#noteEndedHours();
    return this.#append(entry);
  }

  async noteSignIn({ by, from }: { by: string; from: string | null }): Promise<void> {
    const entry: AuditEntry = { action: "signed-in", outcome: "done", by, from, about: {} };
    await noteFirst({ by, from }, this.#deps, () => this.note(entry));
  }

  async countPictures(keyId: string, pictures: number): Promise<void> {
    const { dynamo, clock, log } = this.#deps;
    const now = clock();
    try {
      await dynamo.update(countOf(keyId, pictures, now));
      if (hourOf(now) > this.#notedUpTo) await this.#noteEndedHours();
    } catch (cause) {
      log.warn("pictures that a key read were not counted", { cause, key: keyId, pictures });
    }
  }

  async list(
    { from, to }: { from?: number; to?: number },
    { limit, cursor, maxBytes }: PageRequest,
  ): Promise<Page<AuditRecord>> {
    const room = new PageRoom(maxBytes);
    const begin = cursor === null ? await this.#newestBefore(to) : seqOf(cursor) - 1;
    const items: AuditRecord[] = [];
    for await (const record of this.#backFrom(begin)) {
      if (from !== undefined && Date.parse(record.at) < from) break;
      if (items.length === limit || !room.takesItem(record)) return { items, next: `${items.at(-1)?.seq}` };
      items.push(record);
    }
    return { items, next: null };
  }

  async head(): Promise<AuditHead | null> {
    const last = await lastOf(this.#deps.dynamo);
    return last === null ? null : { seq: last.seq, hash: last.hash };
  }

  #append(entry: AuditEntry): Promise<number> {
    const appended = this.#turn.then(() => append(entry, this.#deps));
    this.#turn = appended.catch(() => {});
    return appended;
  }

  /** Entries from a number on to the oldest. An expired entry is treated as missing. */
  async *#backFrom(begin: number): AsyncGenerator<AuditRecord> {
    const last = await lastOf(this.#deps.dynamo);
    for (let seq = begin; seq > 0; seq -= batchSize) {
      const records = await this.#records(seq, last);
      if (records.length === 0) return;
      yield* records;
    }
  }

  /** The entries from `seq` backwards, as many as one call reads. */
  async #records(seq: number, last: AuditRecord | null): Promise<AuditRecord[]> {
    const { dynamo, clock } = this.#deps;
    const numbers = Array.from({ length: Math.min(batchSize, seq) }, (_, back) => seq - back);
    const rows = await dynamo.getAll(numbers.map(entryRow));
    return numbers.flatMap((number) => {
      const row = rows.get(entryRow(number));
      if (row !== undefined) return isExpired(row, clock()) ? [] : [recordOf(row)];
      return last?.seq === number ? [last] : [];
    });
  }

  /** The number of the newest entry before a time. Entries are in the order of their times. */
  async #newestBefore(to: number | undefined): Promise<number> {
    const last = await lastOf(this.#deps.dynamo);
    if (last === null) return 0;
    if (to === undefined || Date.parse(last.at) < to) return last.seq;
    let [before, after] = [0, last.seq];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      const [record] = (await this.#records(middle, last)).filter(({ seq }) => seq === middle);
      // An entry that has been removed was old.
      if (record === undefined || Date.parse(record.at) < to) before = middle;
      else after = middle;
    }
    return before;
  }

  /**
   * Notes the counts of hours that have ended. If a process ends after noting a count and before removing its row, the
   * count is noted twice: both notes name the same key and hour.
   */
  async #noteEndedHours(): Promise<void> {
    const { dynamo, clock } = this.#deps;
    const hour = hourOf(clock());
    const range = { shards: [{ index: "byTime" as const, hash: lists.pictureReads }], to: timeText(hour * hourMs) };
    for await (const { pk } of queryShards(dynamo, { ...range, order: "ascending" })) await this.#noteCount(pk);
    this.#notedUpTo = hour;
  }

  async #noteCount(pk: string): Promise<void> {
    const { dynamo, clock } = this.#deps;
    const now = clock();
    const until = now + leaseMs;
    const { applied, previous } = await dynamo.update({
      pk,
      set: { leasedUntil: until },
      when: all(present("pictures"), isFree("leasedUntil", now)),
    });
    if (!applied || previous === null) return;
    const { keyId, hour, pictures } = countIn(previous);
    await this.#append(picturesRead(keyId, hour, pictures));
    // A row that was removed and counted again has no lease: nothing in it is noted yet.
    const isMine = equals("leasedUntil", until);
    const removed = await dynamo.remove(pk, all(equals("pictures", pictures), isMine));
    // A slow process has counted again meanwhile: the rest is noted later.
    if (removed === null) await dynamo.update({ pk, add: { pictures: -pictures }, when: isMine });
  }
}

function seqOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
}
