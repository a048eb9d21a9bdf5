import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Random } from "@gatepost/simulator";
import { type Bindings, meets, type Row, updated } from "./expressions.ts";
import { itemSize } from "./item-size.ts";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import type { Table } from "./table.ts";
import type { Troubles } from "./troubles.ts";

/** Bytes of an item at most. */
const maxItemBytes = 400 * 1024;

interface Ports {
  table: Table;
  random: Random;
  troubles: Troubles;
}

/** A client of the table in memory, for one process. It takes the commands that the product sends, and no other. */
export function dynamoClient(process: Process, deps: Ports & { network: Network }): DynamoDBClient {
  const client: DynamoDBClient = Object.create(DynamoDBClient.prototype);
  const send = (command: object, { abortSignal: signal }: { abortSignal?: AbortSignal } = {}) =>
    deps.network.call(process, {
      service: "dynamo",
      name: nameOf(command),
      signal,
      apply: () => answer(command, deps),
    });
  Object.defineProperty(client, "send", { value: send });
  Object.defineProperty(client, "destroy", { value: () => {} });
  return client;
}

/** The immediate effect of a command on the service. */
export function answer(command: object, deps: Ports): object {
  if (command instanceof GetItemCommand) {
    const row = deps.table.get(keyOf(command.input.Key));
    return row === undefined ? {} : { Item: row };
  }
  if (command instanceof BatchGetItemCommand) return batchGet(command, deps);
  if (command instanceof QueryCommand) return query(command, deps);
  if (command instanceof UpdateItemCommand) return update(command, deps);
  if (command instanceof PutItemCommand) {
    const row = command.input.Item ?? {};
    return write(command.input, row["pk"]?.S ?? "", () => row, deps);
  }
  if (command instanceof DeleteItemCommand)
    return write(command.input, keyOf(command.input.Key), () => undefined, deps);
  throw new Error(`the table in memory does not know ${nameOf(command)}`);
}

function nameOf(command: object): string {
  return command.constructor.name.replace(/Command$/, "");
}

function keyOf(key: Record<string, AttributeValue> | undefined): string {
  return key?.["pk"]?.S ?? "";
}

/** Rows may be left unread; one is always read. */
function batchGet({ input }: BatchGetItemCommand, { table, random, troubles }: Ports): object {
  const [name = "", asked] = Object.entries(input.RequestItems ?? {})[0] ?? [];
  const keys = asked?.Keys ?? [];
  const partial = troubles.strength("dynamo-partial");
  const isRead = keys.map((_, index) => index === 0 || random() >= partial);
  const read = keys
    .filter((_, index) => isRead[index])
    .map((key) => table.get(keyOf(key)))
    .filter((row) => row !== undefined);
  const unread = keys.filter((_, index) => !isRead[index]);
  return {
    Responses: { [name]: read },
    UnprocessedKeys: unread.length === 0 ? {} : { [name]: { Keys: unread } },
  };
}

const knownQuery = "#hash = :hash AND #range BETWEEN :from AND :to";

/** A page may be shorter than asked for, and the last one may be empty. */
function query({ input }: QueryCommand, { table, random, troubles }: Ports): object {
  if (input.KeyConditionExpression !== knownQuery) {
    throw new Error(`the table in memory does not know the query ${input.KeyConditionExpression}`);
  }
  const textOf = (name: string) => input.ExpressionAttributeValues?.[name]?.S ?? "";
  const { "#hash": hashName = "", "#range": rangeName = "" } = input.ExpressionAttributeNames ?? {};
  const { IndexName = "", Limit: asked = 1000, ExclusiveStartKey: start } = input;
  const isShort = random() < troubles.strength("dynamo-partial");
  const { entries, isEnd, names } = table.query(IndexName, {
    hash: textOf(":hash"),
    from: textOf(":from"),
    to: textOf(":to"),
    isAscending: input.ScanIndexForward !== false,
    limit: isShort ? Math.ceil(random() * Math.min(asked, 3)) : asked,
    after: start === undefined ? null : { range: start[rangeName]?.S ?? "", pk: keyOf(start) },
  });
  if (names.hash !== hashName || names.range !== rangeName) throw new Error(`${IndexName} has other keys`);
  const Items = entries.map(({ pk, hash, range }) => ({
    pk: { S: pk },
    [hashName]: { S: hash },
    [rangeName]: { S: range },
  }));
  // A full page has a key behind it, even if nothing follows.
  const isLast = isEnd && entries.length < asked && !(isShort && random() < 0.5);
  const last = Items.at(-1);
  return { Items, Count: Items.length, ...(isLast || last === undefined ? {} : { LastEvaluatedKey: last }) };
}

function update({ input }: UpdateItemCommand, deps: Ports): object {
  const pk = keyOf(input.Key);
  const bindings = bindingsOf(input);
  const change = (before: Row) => ({
    ...updated(input.UpdateExpression ?? "", before, bindings),
    pk: { S: pk },
  });
  return write(input, pk, change, deps);
}

interface Write {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  ReturnValuesOnConditionCheckFailure?: string | undefined;
  ReturnValues?: string | undefined;
}

function bindingsOf({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Write): Bindings {
  return { names, values };
}

function write(input: Write, pk: string, change: (before: Row) => Row | undefined, { table }: Ports): object {
  const before = table.get(pk);
  if (!meets(input.ConditionExpression, before ?? {}, bindingsOf(input))) {
    const isTold = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && before !== undefined;
    throw new ConditionalCheckFailedException({
      message: "The conditional request failed",
      $metadata: {},
      ...(isTold ? { Item: before } : {}),
    });
  }
  const after = change(before ?? {});
  if (after !== undefined && itemSize(after) > maxItemBytes) throw new Error("Item size has exceeded the maximum");
  table.write(pk, after);
  return input.ReturnValues === "ALL_OLD" && before !== undefined ? { Attributes: before } : {};
}
