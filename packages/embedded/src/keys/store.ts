import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DailyUsage, Key, KeyStore, KeyUsage, Log } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import type { BoxSites, ImportedKey, KeyAdmin, KeyFault, KeyListing, NewKey, Page, PageRequest } from "@gatepost/query";
import type { Reserve, Writer } from "@gatepost/sqlite";
import { cursorValues, pageOf } from "../db/page.ts";
import type { Signal } from "../events/signal.ts";
import { FoundKeys } from "./found-keys.ts";
import { insertValues, keyOf, keyRow, listingOf, stateRow, usageRow } from "./row.ts";

/** `last used` shows people whether a key is still needed. To the minute is enough. */
const noteUseEveryMs = 60_000;

interface Deps {
  clock(): number;
  /** The believed time, ms since 1970, by which keys end. */
  believed(): number;
  log: Log;
  revocations: Signal<string>;
  reserve: Reserve;
  sites: BoxSites;
}

/** The keys of one machine. Found keys are kept in memory only until a key is changed: a revoked one stops at once. */
export class SqliteKeyStore implements KeyStore, KeyAdmin, KeyUsage {
  readonly #writer: Writer;
  readonly #reserve: Reserve;
  readonly #sites: BoxSites;
  readonly #clock: () => number;
  readonly #believed: () => number;
  readonly #log: Log;
  readonly #revocations: Signal<string>;
  readonly #lastNoted = new Map<string, number>();
  readonly #found: FoundKeys;
  readonly #find: StatementSync;
  readonly #state: StatementSync;
  readonly #idOf: StatementSync;
  readonly #hasId: StatementSync;
  readonly #noteUse: StatementSync;
  readonly #create: StatementSync;
  readonly #list: StatementSync;
  readonly #page: StatementSync;
  readonly #revoke: StatementSync;
  readonly #readUsage: StatementSync;
  readonly #noteUsage: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { clock, believed, log, revocations, reserve, sites }: Deps) {
    this.#writer = writer;
    this.#revocations = revocations;
    this.#reserve = reserve;
    this.#sites = sites;
    this.#clock = clock;
    this.#believed = believed;
    this.#log = log;
    this.#found = new FoundKeys(database);
    this.#find = database.prepare(
      `SELECT id, scope, box, rate, burst, daily_bytes, expires_at, boxes, site FROM keys
       WHERE token_hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)`,
    );
    this.#state = database.prepare("SELECT revoked_at, expires_at FROM keys WHERE token_hash = ?");
    this.#idOf = database.prepare("SELECT id FROM keys WHERE token_hash = ?");
    this.#hasId = database.prepare("SELECT 1 FROM keys WHERE id = ?");
    this.#noteUse = database.prepare("UPDATE keys SET last_used_at = ? WHERE id = ?");
    this.#create = database.prepare(
      `INSERT INTO keys (id, token_hash, scope, box, created_at, rate, burst, daily_bytes, note, expires_at, boxes, site)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#list = database.prepare("SELECT * FROM keys ORDER BY created_at, id");
    this.#page = database.prepare(
      "SELECT *, created_at AS at FROM keys WHERE (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?",
    );
    this.#revoke = database.prepare("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?");
    this.#readUsage = database.prepare("SELECT used_day, used_bytes FROM keys WHERE id = ? AND used_day IS NOT NULL");
    this.#noteUsage = database.prepare("UPDATE keys SET used_day = ?, used_bytes = ? WHERE id = ?");
  }

  async find(tokenHash: string): Promise<Key | null> {
    const now = this.#believed();
    const key = this.#found.get(tokenHash, now) ?? this.#read(tokenHash, now);
    if (key === null) return null;
    return key.site === undefined ? key : { ...key, boxes: await this.#sites.boxesOf(key.site) };
  }

  #read(tokenHash: string, now: number): Key | null {
    const row = this.#find.get(tokenHash, now);
    if (row === undefined) return null;
    const key = keyOf(parseStored(keyRow, row, `key ${row["id"]}`));
    this.#found.put(tokenHash, key);
    return key;
  }

  /** Nobody waits for the note to be durable. */
  async noteUse({ id }: Key): Promise<void> {
    const now = this.#clock();
    if (Math.abs(now - (this.#lastNoted.get(id) ?? Number.NEGATIVE_INFINITY)) < noteUseEveryMs) return;
    this.#lastNoted.set(id, now);
    this.#writer
      .run(() => this.#noteUse.run(now, id))
      .catch((cause: unknown) => this.#log.warn("the use of a key was not noted", { cause }));
  }

  async read(keyId: string): Promise<DailyUsage | null> {
    const row = this.#readUsage.get(keyId);
    if (row === undefined) return null;
    const { used_day: day, used_bytes: bytes } = parseStored(usageRow, row, `key ${keyId}`);
    return { day, bytes };
  }

  async note(keyId: string, { day, bytes }: DailyUsage): Promise<void> {
    try {
      await this.#writer.run(() => this.#noteUsage.run(day, bytes, keyId));
    } catch (cause) {
      this.#log.warn("what a key has delivered was not noted", { cause });
    }
  }

  async faultOf(tokenHash: string): Promise<KeyFault> {
    const row = this.#state.get(tokenHash);
    if (row === undefined) return "unknown";
    const { revoked_at, expires_at } = parseStored(stateRow, row, "the state of a key");
    if (revoked_at !== null) return "revoked";
    return expires_at !== null && expires_at <= this.#believed() ? "expired" : "unknown";
  }

  create(key: NewKey): Promise<Key> {
    const { tokenHash: _hash, note: _note, ...made } = key;
    const id = `key_${randomBytes(9).toString("hex")}`;
    return this.#writer.run(() => {
      this.#create.run(...insertValues({ id, createdAt: this.#clock(), ...key }));
      return { id, ...made };
    });
  }

  /**
   * Stores a key of another store. A key that exists here is revoked if it is revoked there. `conflict`: another key
   * has its id here, so it is not stored.
   */
  async take(key: ImportedKey): Promise<"made" | "known" | "conflict"> {
    const { outcome, known } = await this.#writer.run(() => this.#takeNew(key));
    if (known !== undefined && key.revokedAt !== null) await this.revoke(known);
    return outcome;
  }

  /** Runs in a transaction of the writer: of two requests with the same key, the second finds it. */
  #takeNew(key: ImportedKey): { outcome: "made" | "known" | "conflict"; known?: string } {
    const { id, tokenHash, revokedAt } = key;
    const known = this.#idOf.get(tokenHash)?.["id"];
    if (known !== undefined) return { outcome: "known", known: String(known) };
    if (this.#hasId.get(id) !== undefined) return { outcome: "conflict" };
    this.#found.clear();
    this.#create.run(...insertValues(key));
    if (revokedAt !== null) this.#revoke.run(revokedAt, id);
    return { outcome: "made" };
  }

  async list(): Promise<KeyListing[]> {
    return this.#list.all().map(listingOf);
  }

  async page({ cursor, ...request }: PageRequest): Promise<Page<KeyListing>> {
    const after = cursor === null ? ([Number.MIN_SAFE_INTEGER, ""] as const) : cursorValues(cursor);
    const { items, next } = pageOf(this.#page.iterate(...after, request.limit + 1), request);
    return { items: items.map(listingOf), next };
  }

  async revoke(id: string): Promise<boolean> {
    const isKnown = await this.#reserve.run(() =>
      this.#writer.run(() => {
        this.#found.clear();
        return this.#revoke.run(this.#clock(), id).changes === 1;
      }),
    );
    if (isKnown) this.#revocations.send(id);
    return isKnown;
  }
}
