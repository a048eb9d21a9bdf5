import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Erased,
  Erasures,
  type ErasuresHeld,
  type ErasureTimes,
  erasedName,
  type Suppression,
  suppressionMs,
} from "@gatepost/ingest";
import { dayMs, parseStored } from "@gatepost/protocol";
import type { ErasureLog, ImportedErasure } from "@gatepost/query";
import * as z from "zod";

/** ms after which a list is read again, so that expired erasures leave it. */
const knownForMs = 60_000;

/** More boxes than one machine receives from. */
const maxKnown = 10_000;

const secretRow = z.object({ value: z.instanceof(Uint8Array) });
const suppressedRow = z.object({ name: z.string(), at: z.int() });

const latestRow = z.object({ at: z.int().nullable() });

/** ms by which the last event of a month may expire after the first. */
const maxMonthMs = 31 * dayMs;

interface Deps {
  clock(): number;
  /** ms from the receipt of an event to its expiry. */
  lifetime(): number;
  /** Whether the clock may be wrongly ahead: then no erasure is too old to count. */
  isAhead?(): boolean;
}

interface Known {
  times: ErasureTimes;
  /** The key of the names. */
  key: Uint8Array;
  readAt: number;
}

/**
 * What was erased and may be sent again. An erasure counts for every report that begins to be stored after it is noted.
 */
export class SqliteSuppression implements Suppression, ErasureLog {
  readonly #clock: () => number;
  readonly #lifetime: () => number;
  readonly #isAhead: () => boolean;
  readonly #key: StatementSync;
  readonly #list: StatementSync;
  readonly #put: StatementSync;
  readonly #first: StatementSync;
  readonly #setKey: StatementSync;
  readonly #latest: StatementSync;
  /** By box; null for the erasures that count at every box. */
  readonly #known = new Map<string | null, Known>();
  /** Reports that were compared with a list and are being stored. Each promise resolves when its report is stored. */
  readonly #held = new Set<Promise<void>>();

  constructor(database: DatabaseSync, { clock, lifetime, isAhead = () => false }: Deps) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#isAhead = isAhead;
    this.#key = database.prepare("SELECT value FROM secrets WHERE name = 'suppression'");
    this.#list = database.prepare("SELECT name, at FROM suppressed WHERE box IS ? AND at > ?");
    this.#latest = database.prepare(
      "SELECT max(at) AS at FROM suppressed WHERE name IN (SELECT value FROM json_each(?)) AND at > ?",
    );
    this.#first = database.prepare("SELECT 1 FROM suppressed LIMIT 1");
    this.#setKey = database.prepare("UPDATE secrets SET value = ? WHERE name = 'suppression'");
    this.#put = database.prepare(
      `INSERT INTO suppressed (name, box, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
       SET at = excluded.at WHERE at < excluded.at`,
    );
  }

  async of(box: string): Promise<ErasuresHeld> {
    const stored = Promise.withResolvers<void>();
    const release = () => {
      this.#held.delete(stored.promise);
      stored.resolve();
    };
    const [ofBox, everywhere] = [this.#find(box), this.#find(null)];
    const erasures = new Erasures([ofBox.times, everywhere.times], everywhere.key);
    this.#held.add(stored.promise);
    return { erasures, [Symbol.dispose]: release };
  }

  /** Notes an erasure, within the caller's transaction. Await `settled` once that is durable. */
  note(erased: Erased, box: string | null, at: number): void {
    this.#put.run(erasedName(erased, this.#readKey()), box, at);
  }

  /**
   * Notes erasures under the names of another store, within the caller's transaction. Returns false, and notes nothing,
   * where this store has already named some by a key of its own. Await `settled` once that is durable.
   */
  adopt(key: Uint8Array, erased: readonly ImportedErasure[]): boolean {
    const isOther = Buffer.compare(this.#readKey(), key) !== 0;
    if (isOther && this.#first.get() !== undefined) return false;
    if (isOther) this.#setKey.run(key);
    for (const { name, box, at } of erased) this.#put.run(name, box, at);
    return true;
  }

  /** Resolves once every report is stored that was compared with an older list. */
  async settled(): Promise<void> {
    this.#known.clear();
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
    return this.#isAhead() ? 0 : this.#clock() - suppressionMs;
  }

  #find(box: string | null): Known {
    const now = this.#clock();
    const known = this.#known.get(box);
    if (known !== undefined && now - known.readAt < knownForMs) return known;
    const rows = this.#list.all(box, this.#forgottenAt()).map((row) => parseStored(suppressedRow, row, "an erasure"));
    const times = new Map(rows.map(({ name, at }) => [name, at]));
    if (this.#known.size >= maxKnown) this.#known.clear();
    const read = { times, key: this.#readKey(), readAt: now };
    this.#known.set(box, read);
    return read;
  }
}
