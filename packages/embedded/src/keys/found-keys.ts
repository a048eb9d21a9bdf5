import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key, KeyCache } from "@gatepost/core/keys";

/** Most keys that are kept: more than one machine has. */
const maxKept = 10_000;

/**
 * Keys that were found by the hash of their token, so that not every request reads its record again. Once in each turn
 * of the event loop it checks whether another program has written to the database; then all are forgotten. Code that
 * revokes a key in this process calls `clear` in its transaction. A key to a site is not kept, because the boxes of the
 * site change.
 */
export class FoundKeys implements KeyCache {
  readonly #kept = new Map<string, Key>();
  readonly #version: StatementSync;
  readonly #clock: () => number;
  #readAt: unknown;
  #isLookedAt = false;
  /** Rises when all are forgotten: a key that was read before is then not kept. */
  #round = 0;

  /** @param clock the time at which keys expire, ms since 1970 */
  constructor(database: DatabaseSync, clock: () => number) {
    // Changes with the commits of other connections, and never with commits of this one.
    this.#version = database.prepare("PRAGMA data_version");
    this.#clock = clock;
  }

  find(tokenHash: string): Key | undefined {
    if (!this.#isLookedAt) this.#lookForOthers();
    const key = this.#kept.get(tokenHash);
    return key?.expiresAt !== undefined && key.expiresAt <= this.#clock() ? undefined : key;
  }

  reading(tokenHash: string): (found: Key | null) => void {
    const round = this.#round;
    return (found) => {
      if (found === null || found.site !== undefined || round !== this.#round) return;
      if (this.#kept.size >= maxKept) this.clear();
      this.#kept.set(tokenHash, found);
    };
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
    this.#round += 1;
  }
}
