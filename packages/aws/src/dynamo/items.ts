import { randomBytes } from "node:crypto";
import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import {
  all,
  type Change,
  type Condition,
  changed,
  checkChange,
  compare,
  type Entry,
  equals,
  type Item,
  type Items,
  ItemTooLarge,
  indexes,
  isExpired,
  isIn,
  type ListedItem,
  meets,
  not,
  present,
  type Range,
  type Rows,
  type Written,
} from "@gatepost/store";
import type { Dynamo } from "./dynamo.ts";
import { chunk } from "./groups.ts";
import { ttlOver } from "./item.ts";
import { hashesOf, hashIn, listOfHash } from "./lists.ts";
import { queryShards } from "./query-shards.ts";

/**
 * The attribute that marks the last write of an item. If the answer to a write is lost, the SDK writes again, and the
 * mark shows that the first one was applied. No reader sees it.
 */
const mark = "w";

/** Items that a list reads at first, and later at a time. */
const firstBatch = 25;
const batchSize = 100;

/** Items by their keys, in DynamoDB. */
export class DynamoRows implements Rows {
  protected readonly dynamo: Dynamo;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(dynamo: Dynamo, clock: () => number) {
    this.dynamo = dynamo;
    this.#clock = clock;
  }

  async get(pk: string): Promise<Item | null> {
    return this.#shown(await this.dynamo.get(pk));
  }

  async getAll(pks: readonly string[]): Promise<Map<string, Item>> {
    const found = new Map<string, Item>();
    for (const [pk, row] of await this.dynamo.getAll(pks)) {
      const item = this.#shown(row);
      if (item !== null) found.set(pk, item);
    }
    return found;
  }

  async write(change: Change): Promise<Written> {
    checkChange(change);
    const { pk, when } = change;
    const writeMark = randomBytes(10).toString("base64url").slice(0, 13);
    const marked = this.#marked(change, writeMark);
    for (;;) {
      const { applied, previous } = await sized(pk, this.dynamo.update(marked));
      const held = this.#shown(previous);
      // A row that is expired and still there refuses the update.
      const isNew = !applied && previous !== null && held === null;
      if (!isNew) return { applied, previous: held };
      if (when !== undefined && !meets(when, null)) return { applied: false, previous: null };
      if (await this.#replace(previous, { ...spread(changed(change, null), pk), [mark]: writeMark }))
        return { applied: true, previous: null };
    }
  }

  async remove(pk: string, when: Condition = all()): Promise<Item | null> {
    return this.#shown(await this.dynamo.remove(pk, all(present(), this.#isLive(), when)));
  }

  #marked({ set = {}, setIfAbsent = {}, when = all(), ...change }: Change, own: string): Change {
    const { pk } = change;
    return {
      ...change,
      set: { ...spread(set, pk), [mark]: own },
      setIfAbsent: spread(setIfAbsent, pk),
      when: all(this.#isLive(), compare(mark, "<>", own), when),
    };
  }

  /** Puts a new row in the place of an expired one, unless that has been replaced meanwhile. */
  async #replace(expired: Item, row: Item): Promise<boolean> {
    const { ttl = 0 } = expired;
    return (await sized(String(row["pk"]), this.dynamo.put(row, equals("ttl", ttl)))).applied;
  }

  /** A row that has not expired, or is missing. */
  #isLive(): Condition {
    return not(compare("ttl", "<=", ttlOver(this.#clock())));
  }

  /** The item of a row as all drivers return it: without the mark, and with the names of lists as they were written. */
  #shown(row: Item | null): Item | null {
    if (row === null || isExpired(row, this.#clock())) return null;
    const { [mark]: _, ...item } = row;
    for (const index of indexes) {
      const name = item[index];
      if (typeof name === "string") item[index] = listOfHash(name);
    }
    return item;
  }
}

/** The record store in DynamoDB. */
export class DynamoItems extends DynamoRows implements Items {
  async *entries({ lists, ...range }: Range): AsyncGenerator<Entry> {
    const shards = lists.flatMap(({ index, name }) => hashesOf(name).map((hash) => ({ index, hash })));
    yield* queryShards(this.dynamo, { ...range, shards });
  }

  async *list(range: Range): AsyncGenerator<ListedItem> {
    let size = firstBatch;
    for await (const entries of chunk(this.entries(range), () => size)) {
      size = batchSize;
      const items = await this.getAll(entries.map(({ pk }) => pk));
      for (const { pk, at } of entries) {
        const item = items.get(pk);
        if (item !== undefined && isIn(range.lists, { pk, at, item })) yield { pk, at, item };
      }
    }
  }
}

/** Replaces the lists of an item by the keys of indexes that it is stored under. */
function spread(attributes: Item, pk: string): Item {
  const stored = { ...attributes };
  for (const index of indexes) {
    const name = stored[index];
    if (typeof name === "string") stored[index] = hashIn(name, pk);
  }
  return stored;
}

/** Throws ItemTooLarge if DynamoDB refuses an item for its size. */
async function sized<Answer>(pk: string, sent: Promise<Answer>): Promise<Answer> {
  try {
    return await sent;
  } catch (cause) {
    const isSize = cause instanceof DynamoDBServiceException && cause.name === "ValidationException";
    if (isSize && /Item size/i.test(cause.message)) throw new ItemTooLarge(pk, { cause });
    throw cause;
  }
}
