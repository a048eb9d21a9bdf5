import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Erased,
  type ErasureLog,
  Erasures,
  type ErasuresHeld,
  erasedName,
  type ImportedErasure,
  type Suppression,
  suppressionMs,
} from "@gatepost/core/erasure";
import { dayMs, parseStored } from "@gatepost/protocol";
import * as z from "zod";

const secretRow = z.object({ value: z.instanceof(Uint8Array) });
const suppressedRow = z.object({ at: z.int() });

const latestRow = z.object({ at: z.int().nullable() });

/** ms by which the last event of a month may expire after the first. */
const maxMonthMs = 31 * dayMs;

const none = new Erasures([], new Uint8Array());

interface Deps {
  /** The believed time, ms since 1970. */
  clock(): number;
  /** ms from the receipt of an event to its expiry. */
  lifetime(): number;
  /** Resolves once no erasure is dated ahead of a clock that was set back. */
  settleClock?(): Promise<void>;
}

/**
 * Erased reports, which may be sent again. An erasure counts for every report that begins to be stored after it is
 * noted.
 */
export class SqliteSuppression implements Suppression, ErasureLog {
  readonly #clock: () => number;
  readonly #lifetime: () => number;
  readonly #settleClock: () => Promise<void>;
  readonly #key: StatementSync;
  readonly #at: StatementSync;
  readonly #put: StatementSync;
  readonly #first: StatementSync;
  readonly #setKey: StatementSync;
  readonly #latest: StatementSync;
  /** Whether there are no erasures at all, which is the usual case. False while it is not known. */
  #areNone = false;
  /** Reports that are compared and being stored, and other work. Each promise resolves when all of it is stored. */
  readonly #held = new Set<Promise<void>>();

  constructor(database: DatabaseSync, { clock, lifetime, settleClock = async () => {} }: Deps) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#settleClock = settleClock;
    this.#key = database.prepare("SELECT value FROM secrets WHERE name = 'suppression'");
    this.#at = database.prepare("SELECT at FROM suppressed WHERE name = ? AND at > ?");
    this.#latest = database.prepare(
      "SELECT max(at) AS at FROM suppressed WHERE name IN (SELECT value FROM json_each(?)) AND at > ?",
    );
    this.#first = database.prepare("SELECT 1 FROM suppressed WHERE at > ? LIMIT 1");
    this.#setKey = database.prepare("UPDATE secrets SET value = ? WHERE name = 'suppression'");
    this.#put = database.prepare(
      `INSERT INTO suppressed (name, box, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
       SET at = excluded.at WHERE at < excluded.at`,
    );
  }

  /** A name contains its box, so one list has all erasures. They are read one by one when a report is compared. */
  async of(): Promise<ErasuresHeld> {
    await this.#settleClock();
    const held = this.hold();
    return { erasures: this.#erasures(), [Symbol.dispose]: () => held[Symbol.dispose]() };
  }

  /** `settled` waits until it is disposed of. */
  hold(): Disposable {
    const stored = Promise.withResolvers<void>();
    this.#held.add(stored.promise);
    return {
      [Symbol.dispose]: () => {
        this.#held.delete(stored.promise);
        stored.resolve();
      },
    };
  }

  #erasures(): Erasures {
    // Only this connection notes erasures while the store is served.
    this.#areNone ||= this.#first.get(Number.MIN_SAFE_INTEGER) === undefined;
    if (this.#areNone) return none;
    const forgottenAt = this.#forgottenAt();
    if (this.#first.get(forgottenAt) === undefined) return none;
    const get = (name: string) => {
      const row = this.#at.get(name, forgottenAt);
      return row === undefined ? undefined : parseStored(suppressedRow, row, "an erasure").at;
    };
    return new Erasures([{ get, size: 1 }], this.#readKey());
  }

  /** Notes an erasure, within the caller's transaction. Await `settled` once that is durable. */
  note(erased: Erased, box: string | null, at: number): void {
    this.#areNone = false;
    this.#put.run(erasedName(erased, this.#readKey()), box, at);
  }

  /**
   * Notes erasures under the names of another store, within the caller's transaction. Returns false, and notes nothing,
   * if this store has already named some by another key. Await `settled` once that is durable.
   */
  adopt(key: Uint8Array, erased: readonly ImportedErasure[]): boolean {
    const isOther = Buffer.compare(this.#readKey(), key) !== 0;
    if (isOther && this.#first.get(Number.MIN_SAFE_INTEGER) !== undefined) return false;
    if (isOther) this.#setKey.run(key);
    this.#areNone = false;
    for (const { name, box, at } of erased) this.#put.run(name, box, at);
    return true;
  }

  /** Resolves once all is stored that may have been read or compared before. */
  async settled(): Promise<void> {
    await Promise.all(this.#held);
  }

  async suppressedSince(person: string, boxes: readonly (string | null)[]): Promise<number | null> {
    const key = this.#readKey();
    const names = JSON.stringify(boxes.map((box) => erasedName({ person, box }, key)));
    const row = this.#latest.get(names, this.#forgottenAt());
    return parseStored(latestRow, row, "an erasure").at;
  }

  async subjectOf(person: string): Promise<string> {
    return erasedName({ person, box: null }, this.#readKey());
  }

  /**
   * Pictures of reports that were never acknowledged stay in the pack of their month, which is removed after its last
   * event.
   */
  agesOut(now: number) {
    return [
      { what: "packs", goneBy: now + this.#lifetime() + maxMonthMs },
      { what: "backups", goneBy: null },
    ];
  }

  /** Read from the database, so that a failed transaction also takes back a new key. */
  #readKey(): Uint8Array {
    return parseStored(secretRow, this.#key.get(), "secret suppression").value;
  }

  /** Erasures up to this time no longer count. */
  #forgottenAt(): number {
    return this.#clock() - suppressionMs;
  }
}
