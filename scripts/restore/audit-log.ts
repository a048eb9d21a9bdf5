import { type AttributeValue, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { fromAttributes } from "../../packages/aws/src/dynamo/item.ts";
import { headRow, recordOf } from "../../packages/aws/src/keys/audit-row.ts";

type Row = Record<string, AttributeValue>;

/**
 * Reads where the audit log of a table ends now. The function that it returns gives each row of the table as the log had
 * it then, and null for the entries that came since: one that the end of the log does not know of would stand where the
 * next entry is to be written, and the log would seem to have been changed by somebody.
 */
export async function auditLogOf(client: DynamoDBClient, table: string): Promise<(row: Row) => Row | null> {
  const read = new GetItemCommand({ TableName: table, Key: { pk: { S: headRow } }, ConsistentRead: true });
  const { Item: head } = await client.send(read);
  const last = head === undefined ? 0 : recordOf(fromAttributes(head)).seq;
  return (row) => {
    const pk = row["pk"]?.S ?? "";
    if (pk === headRow) return head ?? null;
    const [, seq = "0"] = /^audit (\d+)$/.exec(pk) ?? [];
    return Number(seq) > last ? null : row;
  };
}
