import { type Log, LogOnce } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import {
  maxRemovals,
  type Removal,
  type RemovalEnd,
  type RemovalStore,
  removalLifetimeMs,
  removalSchema,
} from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, ttlAt, ttlOver } from "../dynamo/expiry.ts";
import { indexKey } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { chunk, queryShards, type ShardedRange } from "../dynamo/query-shards.ts";

const removalRow = z.object({
  ...removalSchema.shape,
  // `person` is absent once the order has ended, `reason` until then.
  person: z.string().nullable().default(null),
  reason: z.string().nullable().default(null),
});
const batchSize = 50;

/** For more boxes than this, reading the list of all removals takes fewer queries. */
const maxLists = 50;

/**
 * Orders to boxes to remove erased persons: one row for each. While it waits, it is in the list of all orders and in the
 * list of its box: a bridge reads the orders of its own boxes every ten seconds, and hundreds of others may wait.
 */
export class DynamoRemovals implements RemovalStore {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #unreadable: LogOnce;

  constructor({ dynamo, log, clock }: { dynamo: Dynamo; log: Log; clock(): number }) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#unreadable = new LogOnce(log, "a removal from a box cannot be read, and nobody is removed by it");
  }

  async ask({ id, box, person, at }: Parameters<RemovalStore["ask"]>[0]): Promise<void> {
    await this.#dynamo.update({
      pk: rowOf(id),
      set: { id, box, person, state: "waiting", askedAt: at, ttl: ttlAt(at + removalLifetimeMs) },
      setIfAbsent: { byTime: lists.removals, byBox: lists.removalsOf(box), at: indexKey(at, id) },
      condition: "attribute_not_exists(#pk)",
    });
  }

  /** One that is broken is left out, so that it does not keep others from their boxes. */
  async waiting(boxes: readonly string[] | null): Promise<Removal[]> {
    if (boxes?.length === 0) return [];
    const shards = [...listsOf(boxes), { index: "byTime" as const, hash: lists.earlierRemovals }];
    const found: Removal[] = [];
    for await (const entries of chunk(queryShards(this.#dynamo, { shards, order: "ascending" }), () => batchSize)) {
      const rows = await this.#dynamo.getAll(entries.map(({ pk }) => pk));
      for (const { pk } of entries) {
        const removal = this.#readable(rows.get(pk) ?? null);
        if (removal?.state !== "waiting" || boxes?.includes(removal.box) === false) continue;
        if (found.push(removal) === maxRemovals) return found;
      }
    }
    return found;
  }

  async get(id: string): Promise<Removal | null> {
    return this.#read(await this.#dynamo.get(rowOf(id)));
  }

  async end(id: string, { state, reason }: RemovalEnd): Promise<boolean> {
    const { applied, previous } = await this.#dynamo.update({
      pk: rowOf(id),
      set: { state, ...(reason === null ? {} : { reason }) },
      remove: ["person", "byTime", "byBox", "at", ...(reason === null ? ["reason"] : [])],
      condition: "attribute_exists(#pk) AND #ttl > :now AND #state <> :done",
      values: { now: ttlOver(this.#clock()), done: "done" },
    });
    return applied || this.#read(previous) !== null;
  }

  #readable(row: Item | null): Removal | null {
    try {
      return this.#read(row);
    } catch (cause) {
      const name = `${row?.["pk"]}`;
      this.#unreadable.error(name, { row: name, todo: "erase the person once more, and delete the row", cause });
      return null;
    }
  }

  #read(row: Item | null): Removal | null {
    if (row === null || isExpired(row, this.#clock())) return null;
    return parseStored(removalRow, { ...row, at: row["askedAt"] }, `${row["pk"]}`);
  }
}

function listsOf(boxes: readonly string[] | null): ShardedRange["shards"] {
  if (boxes === null || boxes.length > maxLists) return [{ index: "byTime", hash: lists.removals }];
  return boxes.map((box) => ({ index: "byBox", hash: lists.removalsOf(box) }));
}

function rowOf(id: string): string {
  return `removal ${id}`;
}
