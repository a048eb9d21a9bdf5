import { setTimeout as pause } from "node:timers/promises";
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type Change, type Condition, type Item, present, type Written } from "@gatepost/store";
import { conditionOf, rangeOf, updateOf } from "./expressions.ts";
import { fromAttributes, numberOf, textOf, toAttributes } from "./item.ts";
import type { IndexName } from "./table.ts";

/** A range of one hash key of an index, in the order of the range key. */
export interface KeyRange {
  index: IndexName;
  hash: string;
  /** Both included. */
  from: string;
  to: string;
  order: "ascending" | "descending";
  limit: number;
}

export interface KeyPage {
  keys: Item[];
  /** The start of the next page; undefined on the last page. */
  next: Record<string, AttributeValue> | undefined;
}

const batchSize = 100;

/**
 * How many times DynamoDB may return nothing of a batch, and ms of the first pause after that. Reports wait for these
 * calls, so pauses are short.
 */
const maxRefusals = 3;
const firstPauseMs = 20;

/**
 * The table, as the adapters use it. Every call ends within `limit` ms, retries included.
 *
 * If the answer to a write is lost, the SDK writes again, and the condition may refuse that because of the first write.
 * If the row is as this write leaves it, the write counts as applied. The row before it is then known in part.
 */
export class Dynamo {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #limit: number;

  constructor(client: DynamoDBClient, table: string, limit: number) {
    this.#client = client;
    this.#table = table;
    this.#limit = limit;
  }

  async get(pk: string): Promise<Item | null> {
    const input = { TableName: this.#table, Key: { pk: { S: pk } }, ConsistentRead: true };
    const { Item } = await this.#client.send(new GetItemCommand(input), this.#inTime());
    return Item === undefined ? null : fromAttributes(Item);
  }

  /**
   * Reads many rows, by their keys. Rows that do not exist are not in the answer.
   *
   * @param isConsistent false: at half the price, a row may be as it was within the last second
   */
  async getAll(pks: readonly string[], isConsistent = true): Promise<Map<string, Item>> {
    const rows = new Map<string, Item>();
    let left = [...new Set(pks)];
    let refused = 0;
    let inTime = this.#inTime();
    while (left.length > 0) {
      const asked = left.slice(0, batchSize);
      const { found, unread } = await this.#getSome(asked, { isConsistent, inTime });
      for (const row of found) rows.set(textOf(row, "pk"), row);
      refused = unread.length === asked.length ? refused + 1 : 0;
      if (refused === maxRefusals) throw new Error("DynamoDB read none of the rows asked for");
      if (refused === 0) inTime = this.#inTime();
      // Rows that were not read were throttled.
      if (unread.length > 0) await pause(Math.random() * firstPauseMs * 2 ** refused);
      left = [...unread, ...left.slice(batchSize)];
    }
    return rows;
  }

  update(change: Change): Promise<Written> {
    const input = { TableName: this.#table, ...updateOf(change), ...returnPrevious };
    const sent = this.#client.send(new UpdateItemCommand(input), this.#inTime());
    return conditionalResult(sent, (row) => (isLeftBy(change, row) ? undone(change, row) : undefined));
  }

  /** Writes a whole row and replaces the one that may exist. */
  put(row: Item, when: Condition): Promise<Written> {
    const input = { TableName: this.#table, Item: toAttributes(row), ...conditionOf(when), ...returnPrevious };
    const sent = this.#client.send(new PutItemCommand(input), this.#inTime());
    return conditionalResult(sent, (held) => (isLeftBy({ set: row }, held) ? null : undefined));
  }

  /**
   * Deletes a row and returns it. Only one of several callers gets it. Null if there is no row, or it does not meet the
   * condition.
   */
  async remove(pk: string, when: Condition = present()): Promise<Item | null> {
    const input = { TableName: this.#table, Key: { pk: { S: pk } }, ...conditionOf(when), ...returnPrevious };
    const sent = this.#client.send(new DeleteItemCommand(input), this.#inTime());
    const { applied, previous } = await conditionalResult(sent);
    return applied ? previous : null;
  }

  async keys({ order, limit, ...range }: KeyRange, after: KeyPage["next"]): Promise<KeyPage> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        ...rangeOf(range),
        ScanIndexForward: order === "ascending",
        Limit: limit,
        ExclusiveStartKey: after,
      }),
      this.#inTime(),
    );
    return { keys: Items.map(fromAttributes), next: LastEvaluatedKey };
  }

  async #getSome(
    pks: readonly string[],
    { isConsistent, inTime }: { isConsistent: boolean; inTime: { abortSignal: AbortSignal } },
  ): Promise<{ found: Item[]; unread: string[] }> {
    const Keys = pks.map((pk) => ({ pk: { S: pk } }));
    const table = this.#table;
    const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: isConsistent } } });
    const { Responses = {}, UnprocessedKeys = {} } = await this.#client.send(command, inTime);
    return {
      found: (Responses[table] ?? []).map(fromAttributes),
      unread: (UnprocessedKeys[table]?.Keys ?? []).map((key) => textOf(fromAttributes(key), "pk")),
    };
  }

  #inTime() {
    return { abortSignal: AbortSignal.timeout(this.#limit) };
  }
}

/** Makes DynamoDB return the row from before the write, even if the condition refused the write. */
const returnPrevious = { ReturnValues: "ALL_OLD", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

/** @param ownBefore the row before this call, from the row that it left; undefined if another call has left that row */
async function conditionalResult(
  sent: Promise<{ Attributes?: Record<string, AttributeValue> | undefined }>,
  ownBefore?: (row: Item) => Item | null | undefined,
): Promise<Written> {
  try {
    const { Attributes } = await sent;
    return { applied: true, previous: Attributes === undefined ? null : fromAttributes(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const previous = error.Item === undefined ? null : fromAttributes(error.Item);
    const isRetried = (error.$metadata.attempts ?? 1) > 1;
    const previousOwn = isRetried && previous !== null ? ownBefore?.(previous) : undefined;
    return previousOwn === undefined ? { applied: false, previous } : { applied: true, previous: previousOwn };
  }
}

/* How a row shows whether a write to it was applied, if the answer to the write was lost. */

/** Whether a row has the values of a change. A change that only adds or removes leaves nothing that shows it. */
function isLeftBy({ set = {}, add = {} }: Pick<Change, "set" | "add">, row: Item): boolean {
  const written = Object.entries(set);
  const isWritten = written.length > 0 && written.every(([name, value]) => row[name] === value);
  return isWritten && Object.keys(add).every((name) => Number.isFinite(row[name]));
}

/**
 * The row before a change, as far as the row after it shows: values that the change replaced are missing. Null if
 * nothing is left.
 */
function undone({ set = {}, setIfAbsent = {}, add = {} }: Change, after: Item): Item | null {
  const before = { ...after };
  for (const name of Object.keys(set)) delete before[name];
  for (const [name, value] of Object.entries(setIfAbsent)) if (after[name] === value) delete before[name];
  for (const [name, by] of Object.entries(add)) {
    if (after[name] === by) delete before[name];
    else before[name] = numberOf(after, name) - by;
  }
  // Its key is left of each row.
  return Object.keys(before).length > 1 ? before : null;
}
