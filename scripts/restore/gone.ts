import { type AttributeValue, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { Dynamo } from "../../packages/aws/src/dynamo/dynamo.ts";
import { ttlOver } from "../../packages/aws/src/dynamo/item.ts";

interface Tables {
  from: string;
  to: string;
}

/** ms for one call, tries included. */
const callMs = 60_000;

/** Rows that are looked for at once. */
const batchSize = 100;

/** Counts include erased events, and expired rows are removed by DynamoDB. */
const lasting = "NOT begins_with(pk, :counts) AND (attribute_not_exists(#ttl) OR #ttl > :now)";

/**
 * The keys of the rows that only the restored table has: rows erased since, ended ones, and the rows that the restore
 * is meant to recover.
 */
export async function* goneRows(client: DynamoDBClient, { from, to }: Tables, now: number): AsyncGenerator<string> {
  const values: Record<string, AttributeValue> = { ":counts": { S: "count" }, ":now": { N: String(ttlOver(now)) } };
  const scan = {
    TableName: to,
    ConsistentRead: true,
    ProjectionExpression: "pk",
    FilterExpression: lasting,
    ExpressionAttributeValues: values,
    ExpressionAttributeNames: { "#ttl": "ttl" },
  };
  const old = new Dynamo(client, from, callMs);
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    const keys = Items.map(({ pk }) => pk?.S ?? "");
    for (let first = 0; first < keys.length; first += batchSize)
      yield* await missingIn(old, keys.slice(first, first + batchSize));
  }
}

/** Removes rows from the restored table, unless the old one has them. Gives how many it removed. */
export async function removeRows(client: DynamoDBClient, { from, to }: Tables, keys: readonly string[]) {
  const [old, restored] = [new Dynamo(client, from, callMs), new Dynamo(client, to, callMs)];
  let removed = 0;
  for (let first = 0; first < keys.length; first += batchSize) {
    const gone = await missingIn(old, keys.slice(first, first + batchSize));
    const rows = await Promise.all(gone.map((pk) => restored.remove(pk)));
    removed += rows.filter((row) => row !== null).length;
  }
  return removed;
}

/** Whether functions write to the restored table already: the sweep of boxes writes a row each minute. */
export async function isInUse(client: DynamoDBClient, { from, to }: Tables): Promise<boolean> {
  const [old = 0, restored = 0] = await Promise.all(
    [from, to].map(async (table) => Number((await new Dynamo(client, table, callMs).get("pulse"))?.["time"] ?? 0)),
  );
  return restored > old;
}

async function missingIn(table: Dynamo, keys: readonly string[]): Promise<string[]> {
  const there = await table.getAll(keys);
  return keys.filter((pk) => !there.has(pk));
}
