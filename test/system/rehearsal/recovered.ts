import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { tableShape } from "@gatepost/aws";
import { type Copied, copyRows, eventsSince, missingOthers, others } from "../../../scripts/restore/copy-rows.ts";
import { goneRows, removeRows } from "../../../scripts/restore/gone.ts";

type Row = Record<string, AttributeValue>;

/** Rows that are written at once. */
const batchSize = 20;

/** All rows of a table, as point-in-time recovery would keep them for a second. */
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

interface Tables {
  from: string;
  to: string;
}

/** Before the restored table is taken over: everything but events is taken as it is in the old one. */
export async function takeOthers(client: DynamoDBClient, tables: Tables): Promise<Copied> {
  return copyRows(client, tables, others, aloud);
}

/** And what the old one has not any more is removed. Gives the keys of its rows. */
export async function removeGone(client: DynamoDBClient, tables: Tables): Promise<string[]> {
  const keys: string[] = [];
  for await (const pk of goneRows(client, tables, Date.now())) keys.push(pk);
  await removeRows(client, tables, keys);
  return keys;
}

/**
 * After that: what the old table has got until then, and the events that changed since that second (ms). Gives the events
 * that the old table does not have any more: they were erased, or have expired, and are back.
 */
export async function catchUp(client: DynamoDBClient, tables: Tables, since: number): Promise<string[]> {
  const copied = [
    await copyRows(client, tables, missingOthers, aloud),
    await copyRows(client, tables, eventsSince(since), aloud),
  ];
  if (copied.some(({ failed }) => failed > 0)) throw new Error("rows were not copied");
  const known = new Set((await rowsOf(client, tables.from)).map(idOf));
  return (await rowsOf(client, tables.to)).map(idOf).filter((id) => id.startsWith("evt_") && !known.has(id));
}

const aloud = { progress: () => {}, failed: (pk: string, cause: unknown) => process.stderr.write(`${pk}: ${cause}\n`) };

async function putAll(client: DynamoDBClient, table: string, rows: readonly Row[]): Promise<void> {
  for (let first = 0; first < rows.length; first += batchSize) {
    const some = rows.slice(first, first + batchSize);
    await Promise.all(some.map((Item) => client.send(new PutItemCommand({ TableName: table, Item }))));
  }
}

function idOf({ pk }: Row): string {
  return pk?.S ?? "";
}
