import {
  type AuditEntry,
  type AuditHead,
  type AuditLog,
  type AuditReader,
  type AuditRecord,
  auditKeptMs,
  chained,
  hourOf,
  picturesRead,
  signInEveryMs,
} from "@gatepost/core/audit";
import { GatepostError } from "@gatepost/core/errors";
import type { PageRequest } from "@gatepost/core/lists";

/** An audit log in memory. */
export class MemoryAudit implements AuditLog, AuditReader {
  readonly #clock: () => number;
  readonly records: AuditRecord[] = [];
  readonly #counts = new Map<string, { by: string; hour: number; count: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async note(entry: AuditEntry): Promise<number> {
    for (const [name, { by, hour, count }] of this.#counts) {
      if (hour >= hourOf(this.#clock())) continue;
      this.#counts.delete(name);
      this.#chain(picturesRead(by, hour, count));
    }
    return this.#chain(entry);
  }

  async noteSignIn({ by, from }: { by: string; from: string | null }): Promise<void> {
    const since = this.#clock() - signInEveryMs;
    const isNoted = this.records.some(
      (one) => one.action === "signed-in" && one.by === by && one.from === from && Date.parse(one.at) > since,
    );
    if (!isNoted) await this.note({ action: "signed-in", outcome: "done", by, from, about: {} });
  }

  async countPictures(by: string, pictures: number): Promise<void> {
    const hour = hourOf(this.#clock());
    const name = `${by} ${hour}`;
    this.#counts.set(name, { by, hour, count: (this.#counts.get(name)?.count ?? 0) + pictures });
  }

  async list({ from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }, { limit, cursor }: PageRequest) {
    if (cursor !== null && !/^\d+$/.test(cursor)) throw new GatepostError("bad-request", "not a cursor of mine");
    const isAsked = ({ at, seq }: AuditRecord) =>
      Date.parse(at) >= from && Date.parse(at) < to && (cursor === null || seq < Number(cursor));
    const found = this.records.filter(isAsked).reverse();
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? `${items.at(-1)?.seq}` : null };
  }

  async head(): Promise<AuditHead | null> {
    const last = this.records.at(-1);
    return last === undefined ? null : { seq: last.seq, hash: last.hash };
  }

  removeOld(): void {
    const old = this.records.filter(({ at }) => Date.parse(at) < this.#clock() - auditKeptMs);
    this.records.splice(0, old.length);
  }

  #chain(entry: AuditEntry): number {
    const record = chained(entry, this.records.at(-1) ?? null, this.#clock());
    this.records.push(record);
    return record.seq;
  }
}
