import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key } from "@gatepost/ingest";

/** Keys that are kept at most: more than one machine has. */
const maxKept = 10_000;

/**
 * Keys that were found by their token's hash, so that not every request reads its row again. They are forgotten as soon
 * as another program writes to the database; whoever changes a key in this process calls `clear` in the transaction.
 */
export class FoundKeys {
  readonly #kept = new Map<string, Key>();
  readonly #version: StatementSync;
  #readAt: unknown;

  constructor(database: DatabaseSync) {
    // Changes with what others have committed, and never with what this connection writes.
    this.#version = database.prepare("PRAGMA data_version");
  }

  /** Undefined where it is not kept, or has expired. */
  get(tokenHash: string, now: number): Key | undefined {
    const version = this.#version.get()?.["data_version"];
    if (version !== this.#readAt) this.clear();
    this.#readAt = version;
    const key = this.#kept.get(tokenHash);
    return key?.expiresAt !== undefined && key.expiresAt <= now ? undefined : key;
  }

  put(tokenHash: string, key: Key): void {
    if (this.#kept.size >= maxKept) this.clear();
    this.#kept.set(tokenHash, key);
  }

  clear(): void {
    this.#kept.clear();
  }
}
