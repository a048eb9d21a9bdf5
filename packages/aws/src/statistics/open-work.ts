import { type OpenActions, type OpenWork, openStates, type WorkFilter } from "@gatepost/core/statistics";
import { wantActions } from "@gatepost/protocol";
import { type Item, timeText } from "@gatepost/store";
import type { Dynamo, KeyPage, KeyRange } from "../dynamo/dynamo.ts";
import { isExpired, textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { actionShardsOf, shardsOf } from "../dynamo/lists.ts";
import { actionOf } from "../events/action-attributes.ts";
import { sizeAt } from "../quarantine/quota.ts";

/** Most of each kind that are counted. */
const maxCounted = 1000;

type Shard = Pick<KeyRange, "index" | "hash">;

/**
 * Counts the work that waits for people on AWS. For all boxes it counts only entries of indexes and reads no row. So
 * for up to two days it also counts expired rows that DynamoDB has not removed yet.
 */
export class DynamoOpenWork implements OpenWork {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #lifetime: number;

  /** @param lifetime ms from receipt to expiry */
  constructor(dynamo: Dynamo, { clock, lifetime }: { clock(): number; lifetime: number }) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** One state after the other: each takes a query for every shard. */
  async actions({ boxes }: Pick<WorkFilter, "boxes">): Promise<OpenActions> {
    const counts: OpenActions = { pending: 0, announced: 0, failed: 0 };
    for (const state of openStates) counts[state] = await this.#inState(state, boxes);
    return counts;
  }

  async quarantined({ boxes, since }: WorkFilter): Promise<number> {
    if (boxes !== null && since === null) return this.#inQuarantineOf(boxes);
    const shards = shardsOf(lists.quarantine).map((hash) => ({ index: "byTime" as const, hash }));
    const keys = await this.#keys(shards, Math.max(since ?? 0, this.#clock() - this.#lifetime));
    if (boxes === null) return keys.length;
    return this.#countRows(keys, (row) => boxes.includes(textOf(row, "box")));
  }

  async deadLetters(): Promise<null> {
    return null;
  }

  async #inState(state: (typeof openStates)[number], boxes: WorkFilter["boxes"]): Promise<number> {
    const counts = wantActions.map(async (want) => {
      const shards = actionShardsOf(state).map((hash) => ({ index: `actions${want}` as const, hash }));
      const keys = await this.#keys(shards, this.#clock() - this.#lifetime);
      if (boxes === null) return keys.length;
      return this.#countRows(keys, (row) => boxes.includes(textOf(row, "box")) && actionOf(row, want)?.state === state);
    });
    return Math.min(
      (await Promise.all(counts)).reduce((sum, count) => sum + count, 0),
      maxCounted,
    );
  }

  /** From the counts that quarantine keeps for each box. */
  async #inQuarantineOf(boxes: readonly string[]): Promise<number> {
    const rows = await this.#dynamo.getAll(boxes.map((box) => `quarantine ${box}`));
    const records = [...rows.values()].reduce((sum, row) => sum + sizeAt(row, this.#clock()).records, 0);
    return Math.min(records, maxCounted);
  }

  /**
   * The keys of the rows of the newest entries of a sharded list. Entries are spread evenly: of each shard so many are
   * read that together they are as many as are counted; more are read only if a shard has fewer.
   */
  async #keys(shards: readonly Shard[], since: number): Promise<string[]> {
    const limit = Math.ceil(maxCounted / shards.length);
    const range = { from: timeText(since), to: "~", order: "descending", limit } as const;
    const found: string[] = [];
    let unread: { shard: Shard; after: KeyPage["next"] }[] = shards.map((shard) => ({ shard, after: undefined }));
    while (unread.length > 0 && found.length < maxCounted) {
      const read = unread.map(async ({ shard, after }) => {
        const { keys, next } = await this.#dynamo.keys({ ...shard, ...range }, after);
        found.push(...keys.map((key) => textOf(key, "pk")));
        return { shard, after: next };
      });
      unread = (await Promise.all(read)).filter(({ after }) => after !== undefined);
    }
    return found.slice(0, maxCounted);
  }

  async #countRows(keys: readonly string[], isWanted: (row: Item) => boolean): Promise<number> {
    const rows = await this.#dynamo.getAll(keys);
    return [...rows.values()].filter((row) => !isExpired(row, this.#clock()) && isWanted(row)).length;
  }
}
