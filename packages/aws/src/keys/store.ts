import type { Key, KeyStore, Log } from "@gatepost/ingest";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { type ErasureSeal, sealRow } from "../pictures/erasure-epoch.ts";
import { type KeyRow, keyIdOf, keyRow } from "./row.ts";
import { Lately } from "../dynamo/recent-cache.ts";

/** ms for which a key counts as live without asking: how long a revoked one may go on. */
const knownFor = 60_000;

/** ms for which a token counts as unknown without asking: how long a new key may have to wait. */
const unknownFor = 10_000;

/** Live keys and unknown tokens are remembered apart, so that guessing at tokens pushes out no live key. */
const mostKnown = 20_000;
const mostUnknown = 1000;

/** `last used` is for people who wonder whether a key is still needed. */
const noteUseEvery = 60 * 60 * 1000;

interface Needed {
  dynamo: Dynamo;
  seal: ErasureSeal;
  log: Log;
  clock(): number;
}

/** The keys in DynamoDB, each read once a minute by each process. */
export class DynamoKeyStore implements KeyStore {
  readonly #on: Needed;
  readonly #known = new Lately<Key>(mostKnown);
  readonly #unknown = new Lately<true>(mostUnknown);

  constructor(on: Needed) {
    this.#on = on;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const now = this.#on.clock();
    const known = this.#known.find(tokenHash, now - knownFor);
    if (known !== undefined) return known;
    if (this.#unknown.find(tokenHash, now - unknownFor)) return null;
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
    const rows = await this.#on.dynamo.getAll([id, sealRow]);
    this.#on.seal.learn(rows.get(sealRow));
    const row = keyRow.safeParse(rows.get(id)).data;
    return row?.tokenHash === tokenHash && row.revokedAt === undefined ? row : null;
  }

  async #noteUse({ pk, lastUsedAt = 0 }: KeyRow, now: number): Promise<void> {
    if (now - lastUsedAt < noteUseEvery) return;
    try {
      const condition = "attribute_exists(#pk) AND (attribute_not_exists(#lastUsedAt) OR #lastUsedAt <= :before)";
      await this.#on.dynamo.change({ pk, set: { lastUsedAt: now }, condition, values: { before: now - noteUseEvery } });
    } catch (cause) {
      this.#on.log.warn("the use of a key was not noted", { cause, id: pk });
    }
  }
}
