import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { headRow } from "../../packages/aws/src/events/feed-writes.ts";
import { auditLogOf } from "./audit-log.ts";
import { joiningInto } from "./join-event.ts";

type Row = Record<string, AttributeValue>;

/** Rows of the old table that the restored one is to have. */
export interface Selection {
  /** What a row must meet to be copied. */
  filter: string;
  values: Row;
  /** The condition on the row in the other table; absent if that row is replaced. */
  condition?(row: Row): Condition;
  /** Whether rows are events: one that the other table has, and that changed in both, gets what it lacks. */
  areEvents?: true;
}

interface Condition {
  expression: string;
  /** Values that it names. */
  values?: Row;
}

/**
 * Everything but events, counts and the head of the feed: counts are made again of the events that are copied, and the
 * head is raised with these.
 */
const allButEvents = {
  filter: "NOT begins_with(pk, :e) AND NOT begins_with(pk, :c) AND pk <> :h",
  values: { ":e": { S: "evt_" }, ":c": { S: "count" }, ":h": { S: headRow } },
};

/** Rows as in the old table, which replace rows of the restored one. */
export const others: Selection = allButEvents;

/**
 * Rows that only the old table has: functions already write to the restored one, and continue its audit log. A key that
 * was revoked in either is revoked.
 */
export const missingOthers: Selection = {
  filter: `${allButEvents.filter} AND NOT begins_with(pk, :a)`,
  values: { ...allButEvents.values, ":a": { S: "audit" } },
  condition: ({ revokedAt }) => ({
    expression: `attribute_not_exists(${revokedAt === undefined ? "pk" : "revokedAt"})`,
  }),
};

/**
 * ms by which the time that an event says of its change may differ from when it was written: it is taken before the write,
 * which may be tried again, and by the clock of a function.
 */
const unsureMs = 60_000;

/** The events that changed since a time (ms), unless the restored table has a newer version. */
export function eventsSince(since: number): Selection {
  return {
    areEvents: true,
    filter: "changed >= :t",
    values: { ":t": changedAt(since - unsureMs) },
    // Restored rows have no later time than the second of the restore; rows written since have one.
    condition: ({ changed }) => ({
      expression: "attribute_not_exists(pk) OR (changed < :old AND changed < :restored)",
      values: { ":old": changed ?? changedAt(0), ":restored": changedAt(since + unsureMs) },
    }),
  };
}

function changedAt(time: number): AttributeValue {
  return { S: String(Math.max(0, time)).padStart(13, "0") };
}

/** How many rows there were: `read` is the sum of the others. */
export interface Copied {
  read: number;
  written: number;
  /** Events that both tables had in part, which are complete in the other table now. */
  joined: number;
  /** Rows of which the other table has one that is to stay. */
  kept: number;
  failed: number;
}

/** Rows that are written at once. */
const batchSize = 50;

/** Copies rows from one table to another, and continues after one that fails. */
export async function copyRows(
  client: DynamoDBClient,
  { from, to }: { from: string; to: string },
  { filter, values, condition, areEvents }: Selection,
  tell: { progress(copied: Copied): void; failed(pk: string, cause: unknown): void },
): Promise<Copied> {
  const copied: Copied = { read: 0, written: 0, joined: 0, kept: 0, failed: 0 };
  if (areEvents === true) await raiseHead(client, to);
  const join = areEvents === true ? joiningInto(client, to) : async () => false;
  const put = async (Item: Row): Promise<"written" | "joined" | "kept"> => {
    const refused = await putUnless(client, { TableName: to, Item, ...whereOf(condition?.(Item)) });
    if (refused === null) return "written";
    const isSame = refused["changed"]?.S === Item["changed"]?.S;
    return !isSame && (await join(Item)) ? "joined" : "kept";
  };
  const count = async (row: Row) => {
    copied.read += 1;
    try {
      copied[await put(row)] += 1;
    } catch (cause) {
      copied.failed += 1;
      tell.failed(row["pk"]?.S ?? "", cause);
    }
  };
  const scan = { TableName: from, ConsistentRead: true, FilterExpression: filter, ExpressionAttributeValues: values };
  const asItWas = await auditLogOf(client, from);
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    const rows = Items.map(asItWas).filter((row) => row !== null);
    for (let first = 0; first < rows.length; first += batchSize)
      await Promise.all(rows.slice(first, first + batchSize).map(count));
    tell.progress(copied);
  }
  return copied;
}

/** Lets readers of the feed look for the events that are copied, and not rely on a head from before the restore. */
async function raiseHead(client: DynamoDBClient, table: string): Promise<void> {
  const newest = { N: String(Date.now()) };
  await client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: headRow }, newest } }));
}

/** Writes a row. Returns the existing row if it does not meet the condition. */
async function putUnless(client: DynamoDBClient, input: PutItemCommandInput): Promise<Row | null> {
  try {
    await client.send(new PutItemCommand({ ...input, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
    return null;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item ?? {};
    throw error;
  }
}

function whereOf(condition: Condition | undefined) {
  if (condition === undefined) return {};
  const { expression, values } = condition;
  return { ConditionExpression: expression, ...(values === undefined ? {} : { ExpressionAttributeValues: values }) };
}
