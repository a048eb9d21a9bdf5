import { DeleteItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { expiryAttribute } from "@gatepost/aws";
import type { TestRuntime } from "./runtime.ts";

/** Removes the rows that have expired by a time (ms), as DynamoDB does within days; its stand-in does not. */
export async function removeExpired({ clients: { dynamo }, names }: TestRuntime, now: number): Promise<void> {
  const TableName = names.table;
  for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName })) {
    for (const { pk, [expiryAttribute]: ttl } of Items) {
      const hasExpired = Number(ttl?.N) * 1000 <= now;
      if (pk !== undefined && hasExpired) await dynamo.send(new DeleteItemCommand({ TableName, Key: { pk } }));
    }
  }
}
