import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { tableShape } from "@gatepost/aws";

type Row = Record<string, AttributeValue>;

/** Rows that are written at once. */
const batchSize = 20;

/** All rows of a table, as point-in-time recovery knows those of a second. */
export async function rowsOf(client: DynamoDBClient, table: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    rows.push(...Items);
  return rows;
}

/** Restores rows as DynamoDB does: into a new table, with the indexes, and without expiry, stream and tags. */
export async function restoreInto(client: DynamoDBClient, table: string, rows: readonly Row[]): Promise<void> {
  await client.send(new CreateTableCommand({ TableName: table, ...tableShape }));
  await putAll(client, table, rows);
}

/**
 * What the guide has done with the old table, where that can still be read: keys are taken as they are there, so that
 * what was revoked stays so, and events and the rest where they are newer. Gives the events that the old table does not
 * have any more: they were erased, or have expired, and are back.
 */
export async function catchUp(client: DynamoDBClient, { from, to }: { from: string; to: string }): Promise<string[]> {
  const [current, back] = [await rowsOf(client, from), await rowsOf(client, to)];
  await putAll(client, to, current);
  const known = new Set(current.map(idOf));
  return back.map(idOf).filter((id) => id.startsWith("evt_") && !known.has(id));
}

async function putAll(client: DynamoDBClient, table: string, rows: readonly Row[]): Promise<void> {
  for (let first = 0; first < rows.length; first += batchSize) {
    const some = rows.slice(first, first + batchSize);
    await Promise.all(some.map((Item) => client.send(new PutItemCommand({ TableName: table, Item }))));
  }
}

function idOf({ pk }: Row): string {
  return pk?.S ?? "";
}
