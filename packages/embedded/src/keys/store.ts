import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key, KeyStore, Log, Scope } from "@gatepost/ingest";
import { scopes } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import type { KeyAdmin, KeyListing } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { Signal } from "../signal.ts";

/** `last used` is for people who want to know whether a key is still needed: to the minute is enough. */
const noteUseEvery = 60_000;

const keyRow = z.object({ id: z.string(), scope: z.enum(scopes), box: z.string().nullable() });
const listedRow = keyRow.extend({
  created_at: z.int(),
  last_used_at: z.int().nullable(),
  revoked_at: z.int().nullable(),
});

/** The keys of one machine. A key is read again for each request, so a revoked one stops working at once. */
export class SqliteKeyStore implements KeyStore, KeyAdmin {
  readonly #writer: Writer;
  readonly #clock: () => number;
  readonly #log: Log;
  readonly #revocations: Signal<string>;
  readonly #lastNoted = new Map<string, number>();
  readonly #find: StatementSync;
  readonly #noteUse: StatementSync;
  readonly #create: StatementSync;
  readonly #list: StatementSync;
  readonly #revoke: StatementSync;

  constructor(
    database: DatabaseSync,
    writer: Writer,
    { clock, log, revocations }: { clock: () => number; log: Log; revocations: Signal<string> },
  ) {
    this.#writer = writer;
    this.#revocations = revocations;
    this.#clock = clock;
    this.#log = log;
    this.#find = database.prepare("SELECT id, scope, box FROM keys WHERE token_hash = ? AND revoked_at IS NULL");
    this.#noteUse = database.prepare("UPDATE keys SET last_used_at = ? WHERE id = ?");
    this.#create = database.prepare("INSERT INTO keys (id, token_hash, scope, box, created_at) VALUES (?, ?, ?, ?, ?)");
    this.#list = database.prepare("SELECT * FROM keys ORDER BY created_at, id");
    this.#revoke = database.prepare("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?");
  }

  async find(tokenHash: string): Promise<Key | null> {
    const row = this.#find.get(tokenHash);
    return row === undefined ? null : parseStored(keyRow, row, `key ${row["id"]}`);
  }

  /** Nobody waits for the note to be durable. */
  async noteUse({ id }: Key): Promise<void> {
    const now = this.#clock();
    if (now - (this.#lastNoted.get(id) ?? Number.NEGATIVE_INFINITY) < noteUseEvery) return;
    this.#lastNoted.set(id, now);
    this.#writer
      .run(() => this.#noteUse.run(now, id))
      .catch((cause: unknown) => this.#log.warn("the use of a key was not noted", { cause }));
  }

  create({ scope, box, tokenHash }: { scope: Scope; box: string | null; tokenHash: string }): Promise<Key> {
    const id = `key_${randomBytes(9).toString("hex")}`;
    return this.#writer.run(() => {
      this.#create.run(id, tokenHash, scope, box, this.#clock());
      return { id, scope, box };
    });
  }

  async list(): Promise<KeyListing[]> {
    return this.#list.all().map((row) => {
      const { created_at, last_used_at, revoked_at, ...key } = parseStored(listedRow, row, `key ${row["id"]}`);
      return {
        ...key,
        createdAt: new Date(created_at).toISOString(),
        lastUsedAt: instantOrNull(last_used_at),
        revokedAt: instantOrNull(revoked_at),
      };
    });
  }

  async revoke(id: string): Promise<boolean> {
    const isKnown = await this.#writer.run(() => this.#revoke.run(this.#clock(), id).changes === 1);
    if (isKnown) this.#revocations.send(id);
    return isKnown;
  }
}

function instantOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
