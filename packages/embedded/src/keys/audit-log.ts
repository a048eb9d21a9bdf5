import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type AuditEntry,
  type AuditHead,
  type AuditLog,
  type AuditReader,
  type AuditRecord,
  auditKeptMs,
  auditRecord,
  chained,
  hourOf,
  picturesRead,
} from "@gatepost/core/audit";
import { GatepostError } from "@gatepost/core/errors";
import type { Page, PageRequest } from "@gatepost/core/lists";
import type { Log } from "@gatepost/core/log";
import { parseStored, storedJson } from "@gatepost/protocol";
import type { Reserve, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { type Condition, fitting } from "../db/page.ts";
import { SignIns } from "./sign-ins.ts";

interface Deps {
  clock(): number;
  log: Log;
  reserve: Reserve;
}

/** ms between two writes of counts. A crash loses the counts of at most this time. */
const writeCountsEveryMs = 60_000;

/** Most old entries that one transaction removes. */
const batchSize = 500;

const recordRow = z.object({ record: storedJson(auditRecord) });
const countRow = z.object({ hour: z.int(), key_id: z.string(), pictures: z.int() });

/** What is noted also in the last of the reserved room: whoever revokes a key may have to sign in first. */
const urgent: readonly AuditEntry["action"][] = ["key-revoked", "signed-in"];

/** The audit log of one machine. It may use the reserved room of a full disk: nothing is done that cannot be noted. */
export class SqliteAuditLog implements AuditLog, AuditReader {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #deps: Deps;
  readonly #signIns: SignIns;
  readonly #readHead: StatementSync;
  readonly #writeHead: StatementSync;
  readonly #append: StatementSync;
  readonly #count: StatementSync;
  readonly #endedCounts: StatementSync;
  readonly #removeCounts: StatementSync;
  readonly #removeOld: StatementSync;
  /** Counts that are not written yet, by hour and key. */
  #counted = new Map<string, { hour: number; keyId: string; pictures: number }>();
  #countsWrittenAt = Number.NEGATIVE_INFINITY;
  #headSaid: { hour: number; seq: number } = { hour: 0, seq: 0 };

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#deps = deps;
    this.#signIns = new SignIns(database);
    const prepare = (sql: string) => database.prepare(sql);
    this.#readHead = prepare("SELECT record FROM audit_head");
    this.#writeHead = prepare("INSERT OR REPLACE INTO audit_head VALUES (1, ?)");
    this.#append = prepare("INSERT INTO audit (seq, at, record) VALUES (?, ?, ?)");
    this.#count = prepare(
      `INSERT INTO picture_reads (hour, key_id, pictures) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET pictures = pictures + excluded.pictures`,
    );
    this.#endedCounts = prepare(
      "SELECT hour, key_id, pictures FROM picture_reads WHERE hour < ? ORDER BY hour, key_id",
    );
    this.#removeCounts = prepare("DELETE FROM picture_reads WHERE hour < ?");
    this.#removeOld = prepare(
      "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE at < ? ORDER BY seq LIMIT ?)",
    );
  }

  async note(entry: AuditEntry): Promise<number> {
    const counted = this.#takeCounts();
    return this.#written(counted, () => this.#chain(entry).seq, urgent.includes(entry.action));
  }

  async noteSignIn({ by, from }: { by: string; from: string | null }): Promise<void> {
    const now = this.#deps.clock();
    if (this.#signIns.isNoted({ by, from }, now)) return;
    this.#signIns.note({ by, from }, now);
    try {
      await this.note({ action: "signed-in", outcome: "done", by, from, about: {} });
    } catch (error) {
      this.#signIns.forget({ by, from });
      throw error;
    }
  }

  /** Nobody waits for the count to be durable. */
  async countPictures(keyId: string, pictures: number): Promise<void> {
    const now = this.#deps.clock();
    this.#add([{ hour: hourOf(now), keyId, pictures }]);
    if (now - this.#countsWrittenAt < writeCountsEveryMs) return;
    this.flush().catch((cause: unknown) => this.#deps.log.warn("pictures that keys read were not counted", { cause }));
  }

  /** Writes the counts, and adds entries for hours that have ended. */
  async flush(): Promise<void> {
    const counted = this.#takeCounts();
    if (counted.length === 0 && this.#endedCounts.get(hourOf(this.#deps.clock())) === undefined) return;
    await this.#written(counted, () => {});
  }

  /** Writes the counts, and logs the end of the chain once an hour. */
  async tidy(): Promise<void> {
    await this.flush();
    await this.#sayHead();
  }

  /** Removes entries that are too old. */
  async removeOld(): Promise<void> {
    const before = this.#deps.clock() - auditKeptMs;
    let removed: number | bigint;
    do {
      removed = await this.#writer.run(() => this.#removeOld.run(before, batchSize).changes);
    } while (removed === batchSize);
  }

  async list({ from, to }: { from?: number; to?: number }, page: PageRequest): Promise<Page<AuditRecord>> {
    const conditions: Condition[] = [
      ...(from === undefined ? [] : [{ sql: "at >= ?", values: [from] }]),
      ...(to === undefined ? [] : [{ sql: "at < ?", values: [to] }]),
      ...(page.cursor === null ? [] : [{ sql: "seq < ?", values: [seqOf(page.cursor)] }]),
    ];
    const where = conditions.map(({ sql }) => sql).join(" AND ") || "1";
    const rows = this.#database
      .prepare(`SELECT record FROM audit WHERE ${where} ORDER BY seq DESC LIMIT ?`)
      .iterate(...conditions.flatMap(({ values }) => values), page.limit + 1);
    const { items: found, isEnd } = fitting(rows, page);
    const items = found.map((row) => parseStored(recordRow, row, "an entry of the audit log").record);
    const last = items.at(-1);
    return { items, next: isEnd || last === undefined ? null : `${last.seq}` };
  }

  async head(): Promise<AuditHead | null> {
    const last = this.#last();
    return last === null ? null : { seq: last.seq, hash: last.hash };
  }

  /** Writes in one transaction: the counts, the entries for hours that have ended, and `work`. */
  async #written<Result>(counted: readonly Counted[], work: () => Result, isUrgent = false): Promise<Result> {
    const { reserve } = this.#deps;
    const write = () => {
      for (const { hour, keyId, pictures } of counted) this.#count.run(hour, keyId, pictures);
      this.#chainEndedHours();
      return work();
    };
    try {
      return await (isUrgent ? reserve.run(() => this.#writer.run(write)) : reserve.write(this.#writer, write));
    } catch (error) {
      this.#add(counted);
      throw error;
    }
  }

  #chainEndedHours(): void {
    const hour = hourOf(this.#deps.clock());
    const ended = this.#endedCounts.all(hour).map((row) => parseStored(countRow, row, "a count of pictures"));
    for (const one of ended) this.#chain(picturesRead(one.key_id, one.hour, one.pictures));
    if (ended.length > 0) this.#removeCounts.run(hour);
  }

  #chain(entry: AuditEntry): AuditRecord {
    const record = chained(entry, this.#last(), this.#deps.clock());
    const text = JSON.stringify(record);
    this.#append.run(record.seq, Date.parse(record.at), text);
    this.#writeHead.run(text);
    return record;
  }

  #last(): AuditRecord | null {
    const row = this.#readHead.get();
    return row === undefined ? null : parseStored(recordRow, row, "the head of the audit log").record;
  }

  #takeCounts(): Counted[] {
    const counted = [...this.#counted.values()];
    this.#counted = new Map();
    this.#countsWrittenAt = this.#deps.clock();
    return counted;
  }

  #add(counted: readonly Counted[]): void {
    for (const { hour, keyId, pictures } of counted) {
      const name = `${hour} ${keyId}`;
      this.#counted.set(name, { hour, keyId, pictures: pictures + (this.#counted.get(name)?.pictures ?? 0) });
    }
  }

  /** A copy of the log elsewhere then shows when the end of the chain was cut off. */
  async #sayHead(): Promise<void> {
    const hour = hourOf(this.#deps.clock());
    const head = await this.head();
    if (head === null || head.seq === this.#headSaid.seq || hour === this.#headSaid.hour) return;
    this.#headSaid = { hour, seq: head.seq };
    this.#deps.log.info("the audit log ends here", { ...head });
  }
}

interface Counted {
  hour: number;
  keyId: string;
  pictures: number;
}

function seqOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
}
