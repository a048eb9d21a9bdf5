import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { answer } from "../../../prove/simulation/aws/dynamo-client.ts";
import { answer as answerOfBucket, type Bucket } from "../../../prove/simulation/aws/s3-client.ts";
import { Table } from "../../../prove/simulation/aws/table.ts";
import { Troubles } from "../../../prove/simulation/aws/troubles.ts";
import { onDynamoLocal, type StandIns } from "../../standins/aws.ts";

/** Compares the simulated stores with AWS's local ones: the same commands must have the same outcomes. */
type Send = (command: object) => Promise<object>;

interface Wish {
  condition: string;
  values?: Record<string, { S: string } | { N: string }>;
}

const row = {
  pk: { S: "evt_1" },
  ttl: { N: "100" },
  rev: { N: "3" },
  a_1001: { S: "pending#2" },
  box: { S: "gate-1" },
};

const conditions: Wish[] = [
  { condition: "attribute_not_exists(#ttl)" },
  { condition: "attribute_exists(#pk)" },
  { condition: "#rev = :rev", values: { ":rev": { N: "3" } } },
  { condition: "#rev = :rev", values: { ":rev": { S: "3" } } },
  { condition: "NOT (#rev = :rev AND #box = :box)", values: { ":rev": { N: "3" }, ":box": { S: "gate-1" } } },
  {
    condition: "attribute_not_exists(#none) AND (attribute_not_exists(#ttl) OR #ttl > :now)",
    values: { ":now": { N: "99" } },
  },
  { condition: "attribute_not_exists(#ttl) OR #ttl > :now", values: { ":now": { N: "100" } } },
  { condition: "#ttl <= :now", values: { ":now": { N: "100" } } },
  { condition: "#none <= :now", values: { ":now": { N: "100" } } },
  { condition: "#none <> :now", values: { ":now": { N: "100" } } },
  {
    condition: "(#a_1001 = :a OR #a_1001 = :b) AND #ttl > :now",
    values: { ":a": { S: "announced#2" }, ":b": { S: "pending#2" }, ":now": { N: "9" } },
  },
  { condition: "#ttl >= :from AND #ttl <= :to", values: { ":from": { N: "100" }, ":to": { N: "200" } } },
  { condition: "#a_1001 = :a OR #a_1001 = :b AND #box = :a", values: { ":a": { S: "x" }, ":b": { S: "pending#2" } } },
];

function namesIn(text: string) {
  return Object.fromEntries([...text.matchAll(/#(\w+)/g)].map(([name, word = ""]) => [name, word]));
}

/** The outcome of a command, without the parts that only a real service adds. */
async function outcomeOf(send: Send, command: object): Promise<unknown> {
  try {
    const {
      $metadata: _,
      ConsumedCapacity: __,
      ...said
    } = { $metadata: null, ConsumedCapacity: null, ...(await send(command)) };
    return said;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { refused: error.Item ?? null };
    return { failed: error instanceof Error ? error.name : error };
  }
}

function inMemory(): Send {
  const table = new Table({ clock: () => 0, lag: () => 0, changed: () => {} });
  const deps = { table, random: () => 0, troubles: new Troubles([], () => 0) };
  return async (command) => answer(command, deps);
}

async function both(standIns: StandIns) {
  const { clients, names } = await standIns.fresh();
  const real: Send = (command) => clients.dynamo.send(command as GetItemCommand);
  return { sends: [real, inMemory()], TableName: names.table, clients, names };
}

onDynamoLocal((standIns) => {
  describe("the table of the simulation", () => {
    it("decides every condition as DynamoDB does, and returns the row as it was", async () => {
      const { sends, TableName } = await both(standIns);
      const written = new PutItemCommand({ TableName, Item: row });
      for (const send of sends) await send(written);
      for (const { condition, values } of conditions) {
        const change = new UpdateItemCommand({
          TableName,
          Key: { pk: row.pk },
          UpdateExpression: "SET #seen = :seen",
          ConditionExpression: condition,
          ExpressionAttributeNames: { ...namesIn(condition), "#seen": "seen" },
          ExpressionAttributeValues: { ...values, ":seen": { S: condition } },
          ReturnValues: "ALL_OLD",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        });
        const [real, simulated] = await Promise.all(sends.map((send) => outcomeOf(send, change)));
        expect(simulated, condition).toEqual(real);
      }
    });

    it("changes, replaces and removes rows as DynamoDB does", async () => {
      const { sends, TableName } = await both(standIns);
      const Key = { pk: row.pk };
      const commands = [
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: "SET #a = :a, #b = if_not_exists(#b, :b) ADD #n :one REMOVE #c, #d",
          ExpressionAttributeNames: { "#a": "a", "#b": "b", "#c": "c", "#d": "d", "#n": "n" },
          ExpressionAttributeValues: { ":a": { S: "1" }, ":b": { S: "2" }, ":one": { N: "1" } },
          ReturnValues: "ALL_OLD",
        }),
        new GetItemCommand({ TableName, Key, ConsistentRead: true }),
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: "SET #b = if_not_exists(#b, :b) ADD #n :one REMOVE #a",
          ExpressionAttributeNames: { "#a": "a", "#b": "b", "#n": "n" },
          ExpressionAttributeValues: { ":b": { S: "3" }, ":one": { N: "-4" } },
          ReturnValues: "ALL_OLD",
        }),
        new GetItemCommand({ TableName, Key, ConsistentRead: true }),
        new PutItemCommand({ TableName, Item: row, ReturnValues: "ALL_OLD" }),
        new BatchGetItemCommand({
          RequestItems: { [TableName]: { Keys: [Key, { pk: { S: "none" } }], ConsistentRead: true } },
        }),
        new DeleteItemCommand({ TableName, Key, ReturnValues: "ALL_OLD" }),
        new DeleteItemCommand({
          TableName,
          Key,
          ConditionExpression: "attribute_exists(#pk)",
          ExpressionAttributeNames: { "#pk": "pk" },
        }),
        new GetItemCommand({ TableName, Key, ConsistentRead: true }),
      ];
      for (const command of commands) {
        const [real, simulated] = [
          await outcomeOf(sends[0] as Send, command),
          await outcomeOf(sends[1] as Send, command),
        ];
        expect(simulated, command.constructor.name).toEqual(real);
      }
    });

    it("pages through an index as DynamoDB does, in both orders", async () => {
      const { sends, TableName } = await both(standIns);
      for (const send of sends) {
        for (const at of ["3", "1", "2", "5", "4"]) {
          const Item = { pk: { S: `evt_${at}` }, byTime: { S: "events#1" }, at: { S: at } };
          await send(new PutItemCommand({ TableName, Item }));
        }
        await send(new PutItemCommand({ TableName, Item: { pk: { S: "evt_9" }, byTime: { S: "events#1" } } }));
      }
      for (const ScanIndexForward of [true, false]) {
        const pages = sends.map(async (send) => {
          const seen: unknown[] = [];
          let ExclusiveStartKey: QueryCommandOutput["LastEvaluatedKey"];
          do {
            const page = (await send(
              new QueryCommand({
                TableName,
                IndexName: "byTime",
                KeyConditionExpression: "#hash = :hash AND #range BETWEEN :from AND :to",
                ExpressionAttributeNames: { "#hash": "byTime", "#range": "at" },
                ExpressionAttributeValues: { ":hash": { S: "events#1" }, ":from": { S: "1" }, ":to": { S: "4" } },
                ScanIndexForward,
                Limit: 2,
                ...(ExclusiveStartKey && { ExclusiveStartKey }),
              }),
            )) as QueryCommandOutput;
            seen.push(page.Items, page.LastEvaluatedKey ?? null);
            ExclusiveStartKey = page.LastEvaluatedKey;
          } while (ExclusiveStartKey !== undefined);
          return seen;
        });
        const [real, simulated] = await Promise.all(pages);
        expect(simulated).toEqual(real);
      }
    });
  });

  describe("the bucket of the simulation", () => {
    it("keeps, gives and removes objects as S3 does", async () => {
      const { clients, names } = await both(standIns);
      const bucket: Bucket = new Map();
      const object = { Bucket: names.bucket, Key: "pictures/2026-11/a" };
      const Body = Buffer.from("picture");
      const commands = [
        new GetObjectCommand(object),
        new HeadObjectCommand(object),
        new PutObjectCommand({ ...object, Body, IfNoneMatch: "*" }),
        new PutObjectCommand({ ...object, Body, IfNoneMatch: "*" }),
        new PutObjectCommand({ ...object, Body }),
        new DeleteObjectCommand(object),
        new DeleteObjectCommand(object),
        new GetObjectCommand(object),
      ];
      const simulated: Send = async (command) => answerOfBucket(command, { bucket, clock: () => 0 });
      for (const command of commands) {
        const failureOf = async (send: Send) => {
          const said = await outcomeOf(send, command);
          return typeof said === "object" && said !== null && "failed" in said ? said.failed : null;
        };
        const real: Send = (sent) => clients.s3.send(sent as GetObjectCommand);
        expect(await failureOf(simulated), command.constructor.name).toBe(await failureOf(real));
      }
    });
  });
});
