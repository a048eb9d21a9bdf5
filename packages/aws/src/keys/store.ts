import type { Key, KeyStore, Log } from "@gatepost/ingest";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { type ErasureEpoch, epochRow } from "../pictures/erasure-epoch.ts";
import { type KeyRow, keyIdOf, keyRow } from "./row.ts";

/** ms for which a key counts as live without asking: how long a revoked one may go on. */
const knownForMs = 60_000;

/** ms for which a token counts as unknown without asking: how long a new key may have to wait. */
const unknownForMs = 10_000;

/** Live keys and unknown tokens are remembered apart, so that guessing at tokens pushes out no live key. */
const maxKnown = 20_000;
const maxUnknown = 1000;

/** `last used` is for people who wonder whether a key is still needed. */
const noteUseEvery = 60 * 60 * 1000;

interface Deps {
  dynamo: Dynamo;
  epoch: ErasureEpoch;
  log: Log;
  clock(): number;
}

/** The keys in DynamoDB, each read once a minute by each process. */
export class DynamoKeyStore implements KeyStore {
  readonly #deps: Deps;
  readonly #known = new RecentCache<Key>(maxKnown);
  readonly #unknown = new RecentCache<true>(maxUnknown);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const now = this.#deps.clock();
    const known = this.#known.find(tokenHash, now - knownForMs);
    if (known !== undefined) return known;
    if (this.#unknown.find(tokenHash, now - unknownForMs)) return null;
    const row = await this.#read(tokenHash);
    if (row === null) {
      this.#unknown.note(tokenHash, true, now);
      return null;
    }
    const key = { id: row.pk, scope: row.scope, box: row.box ?? null };
    this.#known.note(tokenHash, key, now);
    await this.#noteUse(row, now);
    return key;
  }

  /** The row of a live key. The seal of erasures is read with it, at no cost of time. */
  async #read(tokenHash: string): Promise<KeyRow | null> {
    const id = keyIdOf(tokenHash);
    const rows = await this.#deps.dynamo.getAll([id, epochRow]);
    this.#deps.epoch.learn(rows.get(epochRow));
    const row = keyRow.safeParse(rows.get(id)).data;
    return row?.tokenHash === tokenHash && row.revokedAt === undefined ? row : null;
  }

  async #noteUse({ pk, lastUsedAt = 0 }: KeyRow, now: number): Promise<void> {
    if (now - lastUsedAt < noteUseEvery) return;
    try {
      const condition = "attribute_exists(#pk) AND (attribute_not_exists(#lastUsedAt) OR #lastUsedAt <= :before)";
      await this.#deps.dynamo.update({
        pk,
        set: { lastUsedAt: now },
        condition,
        values: { before: now - noteUseEvery },
      });
    } catch (cause) {
      this.#deps.log.warn("the use of a key was not noted", { cause, id: pk });
    }
  }
}
