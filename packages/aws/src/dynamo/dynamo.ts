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
import { type Change, namesIn, updateOf, valuesOf } from "./item-update.ts";
import type { Names } from "../runtime/names.ts";
import { fromItem, type Row, toItem } from "./item.ts";
import { type IndexName, indexKeys } from "./table.ts";

/** Whether a conditional write took place, and the row as it was before it (null: there was none). */
export interface Tried {
  done: boolean;
  before: Row | null;
}

/** A part of one key of an index, in the order of its range. */
export interface Stretch {
  index: IndexName;
  hash: string;
  /** Both included. */
  from: string;
  to: string;
  order: "ascending" | "descending";
  limit: number;
}

export interface Stored {
  keys: Row[];
  /** Where to go on; undefined at the end. */
  next: Record<string, AttributeValue> | undefined;
}

const rowsAtOnce = 100;

/** The table as its adapters use it. Every call ends within `limit` ms, retries included. */
export class Dynamo {
  readonly #client: DynamoDBClient;
  readonly #names: Names;
  readonly #limit: number;

  constructor(client: DynamoDBClient, names: Names, limit: number) {
    this.#client = client;
    this.#names = names;
    this.#limit = limit;
  }

  async get(pk: string): Promise<Row | null> {
    const input = { TableName: this.#names.table, Key: { pk: { S: pk } }, ConsistentRead: true };
    const { Item } = await this.#client.send(new GetItemCommand(input), this.#inTime());
    return Item === undefined ? null : fromItem(Item);
  }

  /** The rows that are there, by their keys. */
  async getAll(pks: readonly string[]): Promise<Map<string, Row>> {
    const rows = new Map<string, Row>();
    let left = [...new Set(pks)];
    while (left.length > 0) {
      const asked = left.slice(0, rowsAtOnce);
      const { found, unread } = await this.#getSome(asked);
      for (const row of found) rows.set(String(row["pk"]), row);
      if (unread.length === asked.length) throw new Error("DynamoDB read none of the rows asked for");
      left = [...unread, ...left.slice(rowsAtOnce)];
    }
    return rows;
  }

  change(change: Change): Promise<Tried> {
    const input = { TableName: this.#names.table, ...updateOf(change), ...tellingTheRow };
    return tried(this.#client.send(new UpdateItemCommand(input), this.#inTime()));
  }

  /** Writes a whole row, in the place of what may be there. */
  put(row: Row, condition: string, values: Row = {}): Promise<Tried> {
    const input = {
      TableName: this.#names.table,
      Item: toItem(row),
      ...conditionOf(condition, values),
      ...tellingTheRow,
    };
    return tried(this.#client.send(new PutItemCommand(input), this.#inTime()));
  }

  /** Removes a row and gives it back, to one caller alone; null where there is none, or where it does not meet a condition. */
  async remove(pk: string, condition = "attribute_exists(#pk)", values: Row = {}): Promise<Row | null> {
    const input = {
      TableName: this.#names.table,
      Key: { pk: { S: pk } },
      ...conditionOf(condition, values),
      ...tellingTheRow,
    };
    const { done, before } = await tried(this.#client.send(new DeleteItemCommand(input), this.#inTime()));
    return done ? before : null;
  }

  async keys({ index, hash, from, to, order, limit }: Stretch, after: Stored["next"]): Promise<Stored> {
    const condition = "#hash = :hash AND #range BETWEEN :from AND :to";
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#names.table,
        IndexName: index,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: { "#hash": indexKeys[index].hash, "#range": indexKeys[index].range },
        ExpressionAttributeValues: valuesOf({ hash, from, to }),
        ScanIndexForward: order === "ascending",
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: after }),
      }),
      this.#inTime(),
    );
    return { keys: Items.map(fromItem), next: LastEvaluatedKey };
  }

  async #getSome(pks: readonly string[]): Promise<{ found: Row[]; unread: string[] }> {
    const Keys = pks.map((pk) => ({ pk: { S: pk } }));
    const { table } = this.#names;
    const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
    const { Responses = {}, UnprocessedKeys = {} } = await this.#client.send(command, this.#inTime());
    return {
      found: (Responses[table] ?? []).map(fromItem),
      unread: (UnprocessedKeys[table]?.Keys ?? []).map((key) => String(fromItem(key)["pk"])),
    };
  }

  #inTime() {
    return { abortSignal: AbortSignal.timeout(this.#limit) };
  }
}

function conditionOf(condition: string, values: Row) {
  return {
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(condition),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: valuesOf(values) }),
  };
}

/** The row before a write tells all that may be asked of it, also of one that was refused. */
const tellingTheRow = { ReturnValues: "ALL_OLD", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

async function tried(sent: Promise<{ Attributes?: Record<string, AttributeValue> | undefined }>): Promise<Tried> {
  try {
    const { Attributes } = await sent;
    return { done: true, before: Attributes === undefined ? null : fromItem(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { done: false, before: error.Item === undefined ? null : fromItem(error.Item) };
  }
}
