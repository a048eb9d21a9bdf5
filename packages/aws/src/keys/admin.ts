import { GatepostError, type Key } from "@gatepost/ingest";
import { instantOrNull, parseStored } from "@gatepost/protocol";
import type { ImportedKey, KeyAdmin, KeyFault, KeyListing, NewKey, Page, PageRequest } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { indexKey } from "../dynamo/index-keys.ts";
import * as lists from "../dynamo/lists.ts";
import { readPage } from "../dynamo/page.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { isOver, type KeyRow, keyIdOf, keyOf, keyRow } from "./row.ts";
import { lastUsedAt, usageRow } from "./usage.ts";

/** Keys whose rows are read in one call of 100 rows: a key has a second row, for its last use. */
const batchSize = 50;

/** ms for which a process remembers why a token is refused, and for how many tokens. */
const faultKnownForMs = 10_000;
const maxFaults = 1000;

/**
 * A process of a Lambda function counts only its own requests, and each concurrent request has a process of its own.
 */
const noLimits =
  "rate and dailyBytes limit a key on one machine only; leave them out, and throttle the stage of the API instead";

export class DynamoKeyAdmin implements KeyAdmin {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #faults = new RecentCache<KeyFault>(maxFaults);

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async create({ tokenHash, note, rate, dailyBytes, ...wanted }: NewKey): Promise<Key> {
    if (rate !== undefined || dailyBytes !== undefined) throw new GatepostError("bad-request", noLimits);
    // Tells this call from another one for the same token.
    const mark = crypto.randomUUID();
    const row = { ...rowOf({ ...wanted, tokenHash, note, createdAt: this.#clock() }), mark };
    const { applied } = await this.#dynamo.put(row, "attribute_not_exists(#pk)");
    if (!applied) throw new Error("there is a key for this token already");
    return { id: row.pk, ...wanted };
  }

  /** Reads the table at most once in ten seconds for each token, so that guessing does not keep it busy. */
  async faultOf(tokenHash: string): Promise<KeyFault> {
    const now = this.#clock();
    const known = this.#faults.find(tokenHash, now - faultKnownForMs);
    if (known !== undefined) return known;
    const fault = await this.#readFault(tokenHash);
    this.#faults.note(tokenHash, fault, now);
    return fault;
  }

  async #readFault(tokenHash: string): Promise<KeyFault> {
    const id = keyIdOf(tokenHash);
    const found = await this.#dynamo.get(id);
    if (found === null) return "unknown";
    const row = parseStored(keyRow, found, `key ${id}`);
    if (row.tokenHash !== tokenHash) return "unknown";
    if (row.revokedAt !== undefined) return "revoked";
    return isOver(row, this.#clock()) ? "expired" : "unknown";
  }

  async list(): Promise<KeyListing[]> {
    const listed: KeyListing[] = [];
    const shards = [{ index: "byTime" as const, hash: lists.keys }];
    for await (const group of chunk(queryShards(this.#dynamo, { shards, order: "ascending" }), () => batchSize)) {
      const rows = await this.#dynamo.getAll(group.flatMap(({ pk }) => [pk, usageRow(pk)]));
      for (const { pk } of group) {
        const row = rows.get(pk);
        if (row === undefined) continue;
        const key = parseStored(keyRow, row, `key ${pk}`);
        listed.push(listingOf(key, lastUsedAt(key, rows)));
      }
    }
    return listed;
  }

  async page(page: PageRequest): Promise<Page<KeyListing>> {
    const range = { shards: [{ index: "byTime" as const, hash: lists.keys }], order: "ascending" as const };
    const { items: keys, next } = await readPage(this.#dynamo, range, page, (row) =>
      parseStored(keyRow, row, `key ${row["pk"]}`),
    );
    const uses = await this.#dynamo.getAll(keys.map(({ pk }) => usageRow(pk)));
    return { items: keys.map((key) => listingOf(key, lastUsedAt(key, uses))), next };
  }

  async revoke(id: string): Promise<boolean> {
    if (!id.startsWith("key_")) return false;
    const { applied } = await this.#dynamo.update({
      pk: id,
      setIfAbsent: { revokedAt: this.#clock() },
      condition: "attribute_exists(#pk)",
    });
    return applied;
  }
}

/**
 * Stores a key of another store, under the id that follows from its hash. A key that exists here is revoked if it is
 * revoked there. Limits are left out: see `create`.
 */
export async function takeKey(
  dynamo: Pick<Dynamo, "put" | "update">,
  key: ImportedKey,
): Promise<"made" | "known" | "unlimited"> {
  const { revokedAt } = key;
  const row = { ...rowOf(key), ...(revokedAt === null ? {} : { revokedAt }) };
  const { applied } = await dynamo.put(row, "attribute_not_exists(#pk)");
  if (!applied && revokedAt !== null) {
    await dynamo.update({ pk: row.pk, setIfAbsent: { revokedAt }, condition: "attribute_exists(#pk)" });
  }
  if (!applied) return "known";
  return key.rate === undefined && key.dailyBytes === undefined ? "made" : "unlimited";
}

/** The row of a key. It has no limits: see `create`. */
function rowOf(key: Omit<NewKey, "note" | "rate" | "dailyBytes"> & { note?: string | undefined; createdAt: number }) {
  const { tokenHash, scope, createdAt, box, note, expiresAt, boxes, site } = key;
  const id = keyIdOf(tokenHash);
  return {
    ...{ pk: id, tokenHash, scope, createdAt, byTime: lists.keys, at: indexKey(createdAt, id) },
    ...(box === null ? {} : { box }),
    ...(note === undefined ? {} : { note }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(boxes === undefined ? {} : { boxes: JSON.stringify(boxes) }),
    ...(site === undefined ? {} : { site }),
  };
}

function listingOf(row: KeyRow, usedAt: number | undefined): KeyListing {
  const { expiresAt, ...key } = keyOf(row);
  return {
    ...key,
    ...(row.note === undefined ? {} : { note: row.note }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    createdAt: new Date(row.createdAt).toISOString(),
    lastUsedAt: instantOrNull(usedAt),
    revokedAt: instantOrNull(row.revokedAt),
  };
}
