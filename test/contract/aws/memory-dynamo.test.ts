import {
  type AttributeValue,
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
  type ScanCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { tableShape } from "@gatepost/aws";
import { expect, it, onTestFinished } from "vitest";
import { pick, type Random, seeded } from "../../../packages/simulator/src/random.ts";
import { onDynamoLocal, type StandIns } from "../../standins/aws.ts";
import { startMemoryDynamo } from "../../standins/memory-dynamo/server.ts";

/** Compares the in-memory DynamoDB of a test with DynamoDB Local: the same commands must have the same outcomes. */
type Send = (command: object) => Promise<object>;

const ReturnConsumedCapacity = "TOTAL";

async function both(standIns: StandIns): Promise<{ sends: [real: Send, inMemory: Send]; TableName: string }> {
  const { clients, names, remove } = await standIns.fresh();
  const server = await startMemoryDynamo();
  const inMemory = new DynamoDBClient({ endpoint: server.url });
  onTestFinished(async () => {
    inMemory.destroy();
    await Promise.all([remove?.(), server.close()]);
  });
  await inMemory.send(new CreateTableCommand({ TableName: names.table, ...tableShape }));
  const sends = [clients.dynamo, inMemory].map(
    (client): Send =>
      (command) =>
        client.send(command as GetItemCommand),
  );
  return { sends: sends as [Send, Send], TableName: names.table };
}

/** The answer, or the name of the error with the row that it shows. */
async function outcomeOf(send: Send, command: object): Promise<object> {
  try {
    const { $metadata: _, ...said } = { $metadata: null, ...(await send(command)) };
    return said;
  } catch (error) {
    const { name, Item } = error as Error & { Item?: object };
    return { refused: name, Item };
  }
}

const keys = ["evt_1", "evt_2", "notice a", "counts b", "évt_3"] as const;
const words = ["", "a", "b", "events#1", "小明", "x".repeat(3000)] as const;
const numbers = ["0", "1", "-7", "1793836800000"] as const;
const attributes = ["one", "two", "byTime", "at", "a_1001", "t_1001", "ttl"] as const;

function valueBy(random: Random): AttributeValue {
  const others: [AttributeValue, ...AttributeValue[]] = [
    { BOOL: true },
    { NULL: true },
    { L: [{ S: "in a list" }, { N: "5" }] },
    { M: { of: { S: "a map" } } },
  ];
  const kind = random();
  if (kind < 0.6) return { S: pick(words, random) };
  return kind < 0.85 ? { N: pick(numbers, random) } : pick(others, random);
}

function conditionBy(random: Random) {
  const [name, other] = [pick(attributes, random), pick(attributes, random)];
  const [value, second] = [valueBy(random), valueBy(random)];
  const now = { ":now": { N: pick(numbers, random) } };
  const conditions: [string, ...string[]] = [
    "attribute_exists(#n)",
    "attribute_not_exists(#n)",
    "#n = :v OR attribute_not_exists(#n)",
    "NOT #n = :v",
    "#n <> :v",
    "#n > :v",
    "begins_with(#n, :e)",
    "#n = :v AND #o = :w",
    "attribute_exists(#n) AND NOT (#n >= :v OR #n >= :w) AND #o = :v",
    "attribute_exists(#pk) AND NOT #ttl <= :now AND #n = :v",
    "NOT #ttl <= :now AND #n <> :v",
    "NOT #ttl <= :now AND #n <> :v AND attribute_not_exists(#pk)",
  ];
  const ConditionExpression = pick(conditions, random);
  const isUsed = ([word]: [string, unknown]) => new RegExp(`${word}\\b`).test(ConditionExpression);
  const used = <Value>(all: Record<string, Value>): Record<string, Value> =>
    Object.fromEntries(Object.entries(all).filter(isUsed));
  return {
    ConditionExpression,
    names: used({ "#n": name, "#o": other, "#pk": "pk", "#ttl": "ttl" }),
    values: used<AttributeValue>({ ":v": value, ":w": second, ":e": { S: "e" }, ...now }),
  };
}

function commandBy(random: Random, TableName: string): object {
  const pk = { S: pick(keys, random) };
  const told = { TableName, ReturnValues: "ALL_OLD" } as const;
  const onFailure = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  const { ConditionExpression, names, values } = conditionBy(random);
  const given = Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values };
  const condition = random() < 0.5 ? {} : { ConditionExpression, ExpressionAttributeNames: names, ...given };
  const kind = random();
  if (kind < 0.3) {
    const some = attributes.filter(() => random() < 0.5).map((name) => [name, valueBy(random)] as const);
    return new PutItemCommand({ ...told, ...onFailure, ...condition, Item: { ...Object.fromEntries(some), pk } });
  }
  if (kind < 0.65) {
    const [set, add, gone] = [pick(attributes, random), pick(["two", "ttl"], random), pick(["one", "a_1001"], random)];
    const parts = [
      [`SET #s = :s, #i = if_not_exists(#i, :s)`, { "#s": set, "#i": "if" }, { ":s": valueBy(random) }],
      ["ADD #a :a", { "#a": add }, { ":a": { N: pick(numbers, random) } }],
      ["REMOVE #r", { "#r": gone }, {}],
    ] as const;
    const chosen = parts.filter(([, used]) => random() < 0.6 && !("#a" in used && add === set) && gone !== set);
    const [first = parts[2]] = chosen;
    const taken = chosen.length === 0 ? [first] : chosen;
    const isConditional = random() < 0.5;
    const all = Object.assign({}, ...taken.map(([, , bound]) => bound), isConditional ? values : {});
    return new UpdateItemCommand({
      ...told,
      ...onFailure,
      Key: { pk },
      UpdateExpression: taken.map(([text]) => text).join(" "),
      ExpressionAttributeNames: Object.assign({}, ...taken.map(([, used]) => used), isConditional ? names : {}),
      ...(Object.keys(all).length === 0 ? {} : { ExpressionAttributeValues: all }),
      ...(isConditional && { ConditionExpression }),
    });
  }
  if (kind < 0.75) return new DeleteItemCommand({ ...told, ...onFailure, ...condition, Key: { pk } });
  if (kind < 0.85) return new GetItemCommand({ TableName, Key: { pk }, ConsistentRead: true });
  const asked = keys.filter(() => random() < 0.6).map((key) => ({ pk: { S: key } }));
  return new BatchGetItemCommand({
    RequestItems: { [TableName]: { Keys: asked, ConsistentRead: random() < 0.5 } },
  });
}

/** A command that is invalid and also fails its condition is refused for either reason. */
function sameRefusal(outcomes: readonly object[]): readonly object[] {
  const names = outcomes.map((outcome) => ("refused" in outcome ? outcome.refused : null));
  const isBoth = names.includes("ValidationException") && names.includes("ConditionalCheckFailedException");
  return isBoth ? outcomes.map(() => ({ refused: "for one or the other" })) : outcomes;
}

/** Rows of a batch are in any order. DynamoDB Local may report, unasked, the capacity that a removal consumed. */
function plain(outcome: object): object {
  const { ConsumedCapacity: _, ...said } = { ConsumedCapacity: null, ...outcome };
  if (!("Responses" in said)) return said;
  const { Responses, ...others } = said as { Responses: Record<string, Record<string, AttributeValue>[]> };
  const pkOf = (row: Record<string, AttributeValue>) => row["pk"]?.S ?? "";
  const sorted = Object.values(Responses).flatMap((rows) => rows.toSorted((a, b) => (pkOf(a) < pkOf(b) ? -1 : 1)));
  return { ...others, sorted };
}

onDynamoLocal((standIns) => {
  it.each([1, 2, 3, 4])("answers any commands as DynamoDB does: seed %i", async (seed) => {
    const random = seeded(seed);
    const { sends, TableName } = await both(standIns);
    for (let n = 0; n < 400; n++) {
      const command = commandBy(random, TableName);
      const outcomes = await Promise.all(sends.map((send) => outcomeOf(send, command)));
      const [real, inMemory] = sameRefusal(outcomes);
      expect(plain(inMemory ?? {}), `${n}: ${JSON.stringify(command)}`).toEqual(plain(real ?? {}));
    }
  });

  it("asks as many units as DynamoDB does", async () => {
    const { sends, TableName } = await both(standIns);
    const asked = { TableName, ReturnConsumedCapacity } as const;
    const Key = { pk: { S: "evt_1" } };
    const listed = { byTime: { S: "events#1" }, at: { S: "1" } };
    const more = { more: { S: "x".repeat(1500) }, n: { N: "1793836800000" }, list: { L: [{ S: "小明" }] } };
    const put = (row: object) => new PutItemCommand({ ...asked, Item: { ...Key, ...row } });
    const set = (name: string, S: string) =>
      new UpdateItemCommand({
        ...asked,
        Key,
        UpdateExpression: "SET #n = :v",
        ExpressionAttributeNames: { "#n": name },
        ExpressionAttributeValues: { ":v": { S } },
      });
    const several = [Key, { pk: { S: "evt_2" } }];
    const RequestItems = { [TableName]: { Keys: several, ConsistentRead: true } };
    const commands = [
      ...[put({}), put({}), put(listed), put({ ...listed, ...more }), set("at", "1"), set("at", "2")],
      ...[set("other", "one"), set("byBox", "gate-1"), set("other", "x".repeat(9000)), put(more)],
      ...[true, false].map((ConsistentRead) => new GetItemCommand({ ...asked, Key, ConsistentRead })),
      new GetItemCommand({ ...asked, Key: { pk: { S: "none" } }, ConsistentRead: true }),
      new BatchGetItemCommand({ ReturnConsumedCapacity, RequestItems }),
      ...[0, 1].map(() => new DeleteItemCommand({ ...asked, Key })),
    ];
    for (const [n, command] of commands.entries()) {
      const [real, inMemory] = await Promise.all(sends.map((send) => outcomeOf(send, command)));
      expect(real).toHaveProperty("ConsumedCapacity");
      expect(inMemory, `${n}: ${command.constructor.name}`).toEqual(real);
    }
  });

  it("pages through an index and through all rows as DynamoDB does", async () => {
    const { sends, TableName } = await both(standIns);
    const more = { S: "x".repeat(300_000) };
    for (const send of sends) {
      for (let n = 0; n < 9; n++) {
        const Item = { pk: { S: `evt_${n}` }, byTime: { S: "events#1" }, at: { S: String(9 - n) }, more };
        await send(new PutItemCommand({ TableName, Item }));
      }
    }
    const pages = sends.map(async (send) => {
      const [read, ids]: [object[], string[]] = [[], []];
      let ExclusiveStartKey: QueryCommandOutput["LastEvaluatedKey"];
      do {
        const page = (await send(
          new QueryCommand({
            TableName,
            IndexName: "byTime",
            ScanIndexForward: false,
            Limit: 3,
            ReturnConsumedCapacity,
            KeyConditionExpression: "#hash = :hash AND #range BETWEEN :from AND :to",
            ExpressionAttributeNames: { "#hash": "byTime", "#range": "at" },
            ExpressionAttributeValues: { ":hash": { S: "events#1" }, ":from": { S: "2" }, ":to": { S: "7" } },
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          }),
        )) as QueryCommandOutput;
        const { Items, Count, ConsumedCapacity } = page;
        read.push({ Items, Count, ConsumedCapacity });
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      do {
        const page = (await send(
          new ScanCommand({
            TableName,
            ProjectionExpression: "pk",
            FilterExpression: "NOT begins_with(pk, :but)",
            ExpressionAttributeValues: { ":but": { S: "evt_4" } },
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          }),
        )) as ScanCommandOutput;
        ids.push(...(page.Items ?? []).map(({ pk }) => pk?.S ?? ""));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return { read, ids: ids.sort() };
    });
    const [real, inMemory] = await Promise.all(pages);
    expect(inMemory).toEqual(real);
  });

  it("refuses the same commands as DynamoDB", async () => {
    const { sends, TableName } = await both(standIns);
    const Key = { pk: { S: "evt_1" } };
    const named = { ExpressionAttributeNames: { "#a": "a" }, ExpressionAttributeValues: { ":a": { S: "a" } } };
    const commands = [
      new PutItemCommand({ TableName, Item: { pk: { S: "" } } }),
      new PutItemCommand({ TableName, Item: { pk: { N: "1" } } }),
      new PutItemCommand({ TableName, Item: { ...Key, at: { N: "1" }, byTime: { S: "events#1" } } }),
      new PutItemCommand({ TableName, Item: { ...Key, byTime: { S: "" } } }),
      new PutItemCommand({ TableName, Item: { ...Key, more: { S: "x".repeat(400 * 1024) } } }),
      new PutItemCommand({ TableName: "none", Item: Key }),
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "SET #a = :a, #b = :a", ...named }),
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "SET #a = :b", ...named }),
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "REMOVE #a", ...named }),
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "ADD #a :a", ...named }),
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "SET #a = #none", ...named }),
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "SET #a = ", ...named }),
      new DeleteItemCommand({ TableName, Key, ConditionExpression: "#a = :a AND", ...named }),
      new GetItemCommand({ TableName, Key: { pk: { S: "" } } }),
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key, Key] } } }),
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [] } } }),
      new BatchGetItemCommand({
        RequestItems: { [TableName]: { Keys: Array.from({ length: 101 }, (_, n) => ({ pk: { S: `${n}` } })) } },
      }),
      new CreateTableCommand({ TableName, ...tableShape }),
    ];
    for (const command of commands) {
      const [real, inMemory] = await Promise.all(sends.map((send) => outcomeOf(send, command)));
      expect(real, JSON.stringify(command.input).slice(0, 300)).toHaveProperty("refused");
      expect(inMemory, JSON.stringify(command.input).slice(0, 300)).toEqual(real);
    }
  });
});
