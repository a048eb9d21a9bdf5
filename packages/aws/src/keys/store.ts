import type { Key, KeyStore, Log } from "@gatepost/ingest";
import { hourMs, parseStored } from "@gatepost/protocol";
import type { BoxSites } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { isOver, type KeyRow, keyIdOf, keyOf, keyRow } from "./row.ts";
import { lastUsedAt, usageRow } from "./usage.ts";

/** ms for which a process trusts a key without reading it again: a revoked key may work for so long. */
const knownForMs = 60_000;

/** ms for which a process takes a token for unknown without reading again: a new key may have to wait for so long. */
const unknownForMs = 10_000;

/**
 * Live keys and unknown tokens have caches of their own, so that guessing tokens removes no live key from the cache.
 */
const maxKnown = 20_000;
const maxUnknown = 1000;

/** `last used` is for people who want to know whether a key is still needed. */
const noteUseEvery = hourMs;

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
  /** When a key was last used, ms, by its id: as it was read, or was to be noted since. */
  readonly #lastUsed = new RecentCache<number>(maxKnown);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const now = this.#deps.clock();
    const known = this.#known.find(tokenHash, now - knownForMs);
    if (known !== undefined) return isOver(known, now) ? null : known;
    if (this.#unknown.find(tokenHash, now - unknownForMs)) return null;
    const read = await this.#read(tokenHash);
    if (read === null) {
      this.#unknown.note(tokenHash, true, now);
      return null;
    }
    const { row, usedAt } = read;
    const key = await this.#withBoxes(keyOf(row));
    this.#known.note(tokenHash, key, now);
    this.#lastUsed.note(key.id, usedAt, now);
    return key;
  }

  /** Once an hour. Where that fails, again when the key is next read. */
  async noteUse({ id }: Key): Promise<void> {
    const now = this.#deps.clock();
    if (now - (this.#lastUsed.find(id, 0) ?? 0) < noteUseEvery) return;
    this.#lastUsed.note(id, now, now);
    try {
      await this.#deps.dynamo.update({
        pk: usageRow(id),
        set: { lastUsedAt: now },
        condition: "attribute_not_exists(#lastUsedAt) OR #lastUsedAt <= :before",
        values: { before: now - noteUseEvery },
      });
    } catch (cause) {
      this.#deps.log.warn("the use of a key was not noted", { cause, id });
    }
  }

  /** The boxes of a site are as old as the key itself: a minute at most. */
  async #withBoxes(key: Key): Promise<Key> {
    return key.site === undefined ? key : { ...key, boxes: await this.#deps.sites.boxesOf(key.site) };
  }

  /** Reads the row of a key, and when it was last used. */
  async #read(tokenHash: string): Promise<{ row: KeyRow; usedAt: number } | null> {
    const id = keyIdOf(tokenHash);
    const rows = await this.#deps.dynamo.getAll([id, usageRow(id)]);
    const found = rows.get(id);
    const row = found === undefined ? null : parseStored(keyRow, found, `key ${id}`);
    if (row?.tokenHash !== tokenHash || row.revokedAt !== undefined || isOver(row, this.#deps.clock())) return null;
    return { row, usedAt: lastUsedAt(row, rows) ?? 0 };
  }
}
