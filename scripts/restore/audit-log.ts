import { type AttributeValue, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { auditEndIn, auditHeadKey } from "@gatepost/core/audit";
import { fromAttributes } from "../../packages/aws/src/dynamo/item.ts";

type Row = Record<string, AttributeValue>;

/**
 * Reads the end of the audit log of a table. The function that it returns gives each row of the table as the log had it
 * then, and null for later entries: a later entry would occupy the place of the next one, and the log would seem to
 * have been tampered with.
 */
export async function auditLogOf(client: DynamoDBClient, table: string): Promise<(row: Row) => Row | null> {
  const read = new GetItemCommand({ TableName: table, Key: { pk: { S: auditHeadKey } }, ConsistentRead: true });
  const { Item: head } = await client.send(read);
  const last = head === undefined ? 0 : auditEndIn(fromAttributes(head)).seq;
  return (row) => {
    const pk = row["pk"]?.S ?? "";
    if (pk === auditHeadKey) return head ?? null;
    const [, seq = "0"] = /^audit (\d+)$/.exec(pk) ?? [];
    return Number(seq) > last ? null : row;
  };
}
