import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key } from "@gatepost/ingest";

/** Most keys that are kept: more than one machine has. */
const maxKept = 10_000;

/**
 * Keys that were found by the hash of their token, so that not every request reads its row again. Once in each turn of
 * the event loop it checks whether another program has written to the database; then all are forgotten. Code that
 * changes a key in this process calls `clear` in its transaction.
 */
export class FoundKeys {
  readonly #kept = new Map<string, Key>();
  readonly #version: StatementSync;
  #readAt: unknown;
  #isLookedAt = false;

  constructor(database: DatabaseSync) {
    // Changes with the commits of other connections, and never with those of this one.
    this.#version = database.prepare("PRAGMA data_version");
  }

  /** Undefined where the key is not kept, or has expired. */
  get(tokenHash: string, now: number): Key | undefined {
    if (!this.#isLookedAt) this.#lookForOthers();
    const key = this.#kept.get(tokenHash);
    return key?.expiresAt !== undefined && key.expiresAt <= now ? undefined : key;
  }

  put(tokenHash: string, key: Key): void {
    if (this.#kept.size >= maxKept) this.clear();
    this.#kept.set(tokenHash, key);
  }

  #lookForOthers(): void {
    const version = this.#version.get()?.["data_version"];
    if (version !== this.#readAt) this.clear();
    this.#readAt = version;
    this.#isLookedAt = true;
    setImmediate(() => {
      this.#isLookedAt = false;
    });
  }

  clear(): void {
    this.#kept.clear();
  }
}
