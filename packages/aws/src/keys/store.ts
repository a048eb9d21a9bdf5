import type { Key, KeyStore, Log } from "@gatepost/ingest";
import { hourMs, parseStored } from "@gatepost/protocol";
import type { BoxSites } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { isOver, type KeyRow, keyIdOf, keyOf, keyRow } from "./row.ts";
import { lastUsedAt, usageRow } from "./usage.ts";

/** ms for which a process uses a key without reading it again. A revoked key may work for so long. */
const knownForMs = 60_000;

/** ms for which a process treats a token as unknown without reading again. A new key may have to wait for so long. */
const unknownForMs = 10_000;

/**
 * Live keys and unknown tokens have caches of their own, so that guessing tokens removes no live key from the cache.
 */
const maxKnown = 20_000;
const maxUnknown = 1000;

/** `last used` shows people whether a key is still needed. To the hour is enough. */
const noteUseEveryMs = hourMs;

interface Deps {
  dynamo: Dynamo;
  sites: BoxSites;
  log: Log;
  clock(): number;
}

/** The keys in DynamoDB. Each process reads a key once a minute. */
export class DynamoKeyStore implements KeyStore {
  readonly #deps: Deps;
  readonly #known = new RecentCache<Key>(maxKnown);
  readonly #unknown = new RecentCache<true>(maxUnknown);
  /** When each key was last used (ms since 1970), by its id: as it was read or noted by this process. */
  readonly #lastUsed = new RecentCache<number>(maxKnown);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const now = this.#deps.clock();
    const known = this.#known.find(tokenHash, now - knownForMs);
    if (known !== undefined) return known;
    if (this.#unknown.find(tokenHash, now - unknownForMs)) return null;
    const read = await this.#read(tokenHash);
    if (read === null) {
      this.#unknown.note(tokenHash, true, now);
      return null;
    }
    const { row, usedAt } = read;
    const key = await this.#withBoxes(keyOf(row));
    // The row of a key with an end is read each time: the answer has the time with which the end is compared.
    if (key.expiresAt === undefined) this.#known.note(tokenHash, key, now);
    this.#lastUsed.note(key.id, usedAt, now);
    return key;
  }

  /** Once an hour. If that fails, it is tried again when the key is next read. */
  async noteUse({ id }: Key): Promise<void> {
    const now = this.#deps.clock();
    if (now - (this.#lastUsed.find(id, 0) ?? 0) < noteUseEveryMs) return;
    this.#lastUsed.note(id, now, now);
    try {
      await this.#deps.dynamo.update({
        pk: usageRow(id),
        set: { lastUsedAt: now },
        condition: "NOT (#lastUsedAt > :before)",
        values: { before: now - noteUseEveryMs },
      });
    } catch (cause) {
      this.#deps.log.warn("the use of a key was not noted", { cause, id });
    }
  }

  /** The boxes of a site are as old as the key itself: a minute at most. */
  async #withBoxes(key: Key): Promise<Key> {
    return key.site === undefined ? key : { ...key, boxes: await this.#deps.sites.boxesOf(key.site) };
  }

  /** Reads the row of a key, and the time of its last use. */
  async #read(tokenHash: string): Promise<{ row: KeyRow; usedAt: number } | null> {
    const id = keyIdOf(tokenHash);
    const rows = await this.#deps.dynamo.getAll([id, usageRow(id)]);
    const found = rows.get(id);
    const row = found === undefined ? null : parseStored(keyRow, found, `key ${id}`);
    if (row?.tokenHash !== tokenHash || row.revokedAt !== undefined || isOver(row, this.#deps.clock())) return null;
    return { row, usedAt: lastUsedAt(row, rows) ?? 0 };
  }
}
