import {
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type ReturnConsumedCapacity,
} from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Clients } from "@gatepost/aws";
import { itemSize } from "../../../prove/simulation/aws/item-size.ts";

/** What one or more reports used, as AWS bills it. */
export interface Used {
  s3Puts: number;
  s3Gets: number;
  s3Bytes: number;
  /** The PUTs and bytes among these in Standard-IA. */
  s3ColdPuts: number;
  s3ColdBytes: number;
  /** The bytes of scenes that end before their events; no others are counted there. */
  s3SceneBytes: number;
  /** The tags, by which the bucket removes scenes. */
  s3Tags: number;
  writeUnits: number;
  readUnits: number;
  busEntries: number;
}

interface Capacity {
  CapacityUnits?: number | undefined;
}

/** There is one counter at a time. */
const counter = "counter";

const reads = new Set(["GetItemCommand", "BatchGetItemCommand", "QueryCommand"]);
const gets = new Set(["GetObjectCommand", "HeadObjectCommand"]);

/** Counts the usage of the clients from now on. Units are as the table reports them, its indexes included. */
export function countUse({ dynamo, s3, events }: Clients): Used {
  const objects = { s3Puts: 0, s3Gets: 0, s3Bytes: 0, s3ColdPuts: 0, s3ColdBytes: 0, s3SceneBytes: 0, s3Tags: 0 };
  const used: Used = { ...objects, writeUnits: 0, readUnits: 0, busEntries: 0 };
  for (const { middlewareStack } of [dynamo, s3, events]) middlewareStack.remove(counter);
  countUnits(dynamo, used);
  countObjects(s3, used);
  events.middlewareStack.add(
    (next) => (args) => {
      used.busEntries += 1;
      return next(args);
    },
    { step: "initialize", name: counter },
  );
  return used;
}

function countUnits(dynamo: DynamoDBClient, used: Used): void {
  dynamo.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const ReturnConsumedCapacity: ReturnConsumedCapacity = "TOTAL";
        try {
          const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity } });
          const units = unitsOf(answer.output);
          if (reads.has(commandName)) used.readUnits += Math.max(units, leastUnits(commandName, args.input));
          else used.writeUnits += units;
          return answer;
        } catch (error) {
          // A write that its condition refuses is billed by the row that it met.
          if (error instanceof ConditionalCheckFailedException) used.writeUnits += refusedUnits(error);
          throw error;
        }
      },
    { step: "initialize", name: counter },
  );
}

/** A row whose size is not known has 1.7 KB, as the row of a passing. */
function refusedUnits({ Item: met }: ConditionalCheckFailedException): number {
  return met === undefined ? 2 : Math.ceil(itemSize(met) / 1024);
}

/** A row that is not there is billed as one unit, and a page without entries as half of one; DynamoDB Local asks nothing. */
function leastUnits(commandName: string, input: object): number {
  if (!("RequestItems" in input)) return commandName === "QueryCommand" ? 0.5 : 1;
  const asked = Object.values(input.RequestItems as BatchGetItemCommandInput["RequestItems"] & object);
  return asked.reduce(
    (sum, { Keys = [], ConsistentRead = false }) => sum + Keys.length * (ConsistentRead ? 1 : 0.5),
    0,
  );
}

function unitsOf(output: unknown): number {
  if (typeof output !== "object" || output === null || !("ConsumedCapacity" in output)) return 0;
  const said = output.ConsumedCapacity as Capacity | Capacity[] | undefined;
  return [said ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

function countObjects(s3: S3Client, used: Used): void {
  s3.middlewareStack.add(
    (next, { commandName = "" }) =>
      (args) => {
        if (commandName === "PutObjectCommand") countPut(args.input, used);
        if (gets.has(commandName)) used.s3Gets += 1;
        return next(args);
      },
    { step: "initialize", name: counter },
  );
}

function countPut(input: object, used: Used): void {
  const bytes = "Body" in input && input.Body instanceof Uint8Array ? input.Body.length : 0;
  used.s3Puts += 1;
  const isTagged = "Tagging" in input && input.Tagging !== undefined;
  used.s3Tags += Number(isTagged);
  if (isTagged) used.s3SceneBytes += bytes;
  else used.s3Bytes += bytes;
  if (!("StorageClass" in input && input.StorageClass === "STANDARD_IA")) return;
  used.s3ColdPuts += 1;
  used.s3ColdBytes += bytes;
}
