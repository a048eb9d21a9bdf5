import {
  type AttributeValue,
  ConditionalCheckFailedException,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { tableShape } from "@gatepost/aws";

type Row = Record<string, AttributeValue>;

/** Rows that are written at once. */
const batchSize = 20;

/** All rows of a table, as point-in-time recovery knows those of a second, or those that meet a filter. */
export async function rowsOf(
  client: DynamoDBClient,
  table: string,
  filter?: { of: string; values: Row },
): Promise<Row[]> {
  const filtered = filter && { FilterExpression: filter.of, ExpressionAttributeValues: filter.values };
  const rows: Row[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true, ...filtered }))
    rows.push(...Items);
  return rows;
}

/** Restores rows as DynamoDB does: into a new table, with the indexes, and without expiry, stream and tags. */
export async function restoreInto(client: DynamoDBClient, table: string, rows: readonly Row[]): Promise<void> {
  await client.send(new CreateTableCommand({ TableName: table, ...tableShape }));
  await putAll(client, table, rows);
}

/** What the guide copies but events: counts are made again of the events that are copied. As it is written there. */
export const ofAllButEvents = "NOT begins_with(pk, :e) AND NOT begins_with(pk, :c)";
const prefixes = { ":e": { S: "evt_" }, ":c": { S: "count" } };

/** As it is written there, too. */
export const ofChangedEvents = "changed >= :t";
export const whereOlder = "attribute_not_exists(pk) OR changed < :t";
export const whereMissing = "attribute_not_exists(pk)";

interface Tables {
  from: string;
  to: string;
}

/** Before the restored table is taken over: everything but events is taken as it is in the old one. */
export async function takeOthers(client: DynamoDBClient, { from, to }: Tables): Promise<void> {
  await putAll(client, to, await rowsOf(client, from, { of: ofAllButEvents, values: prefixes }));
}

/**
 * After that: what the old table has got until then, and the events that changed since that second (ms). Gives the events
 * that the old table does not have any more: they were erased, or have expired, and are back.
 */
export async function catchUp(client: DynamoDBClient, { from, to }: Tables, since: number): Promise<string[]> {
  const others = await rowsOf(client, from, { of: ofAllButEvents, values: prefixes });
  await putAll(client, to, others, { where: whereMissing });
  const values = { ":t": { S: String(since).padStart(13, "0") } };
  const changed = await rowsOf(client, from, { of: ofChangedEvents, values });
  await putAll(client, to, changed, { where: whereOlder, values });
  const known = new Set((await rowsOf(client, from)).map(idOf));
  return (await rowsOf(client, to)).map(idOf).filter((id) => id.startsWith("evt_") && !known.has(id));
}

async function putAll(
  client: DynamoDBClient,
  table: string,
  rows: readonly Row[],
  condition?: { where: string; values?: Row },
): Promise<void> {
  const put = (Item: Row) =>
    new PutItemCommand({
      ...{ TableName: table, Item },
      ...(condition && { ConditionExpression: condition.where }),
      ...(condition?.values && { ExpressionAttributeValues: condition.values }),
    });
  for (let first = 0; first < rows.length; first += batchSize) {
    const some = rows.slice(first, first + batchSize);
    const puts = await Promise.allSettled(some.map((row) => client.send(put(row))));
    for (const done of puts) {
      if (done.status === "rejected" && !(done.reason instanceof ConditionalCheckFailedException)) throw done.reason;
    }
  }
}

function idOf({ pk }: Row): string {
  return pk?.S ?? "";
}
