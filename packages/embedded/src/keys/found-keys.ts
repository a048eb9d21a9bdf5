import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key } from "@gatepost/ingest";

/** Keys that are kept at most: more than one machine has. */
const maxKept = 10_000;

/**
 * Keys that were found by their token's hash, so that not every request reads its row again. Whether another program has
 * written to the database is looked at once in a turn of the event loop: then they are forgotten. Whoever changes a key
 * in this process calls `clear` in the transaction.
 */
export class FoundKeys {
  readonly #kept = new Map<string, Key>();
  readonly #version: StatementSync;
  #readAt: unknown;
  #isLookedAt = false;

  constructor(database: DatabaseSync) {
    // Changes with what others have committed, and never with what this connection writes.
    this.#version = database.prepare("PRAGMA data_version");
  }

  /** Undefined where it is not kept, or has expired. */
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
