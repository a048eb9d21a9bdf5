import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { AuditChain } from "@gatepost/core/audit";
import { hashToken, KeyRecords, newToken, type Scope } from "@gatepost/core/keys";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { tableOfStage } from "../dynamo/stage-table.ts";

/** ms for the call. It is made once, from the operator's machine. */
const timeoutMs = 20_000;

/**
 * Makes a key in the table of a deployed stage, with the AWS credentials and the region of the caller. This is how the
 * first key is made, because the API answers nobody without a key. Throws not-found where the stage has no table, and
 * bad-request where it has several. A table that is named is used without a check.
 */
export async function createStageKey(
  { stage, table: named }: { stage: string; table?: string | undefined },
  { scope, box }: { scope: Scope; box: string | null },
  client = new DynamoDBClient(),
): Promise<{ id: string; scope: Scope; box: string | null; token: string }> {
  try {
    const table = named ?? (await tableOfStage(stage, client));
    const token = newToken(scope);
    const clock = Date.now;
    const items = new DynamoItems(new Dynamo(client, table, timeoutMs), clock);
    const keys = new KeyRecords({ ...{ items, urgent: items, clock, believed: clock }, holdsLimits: false });
    const key = await keys.create({ scope, box, tokenHash: hashToken(token) });
    const about = { key: key.id, scope };
    const audit = new AuditChain(items, clock);
    await audit.append({ action: "key-made", outcome: "done", by: "operator", from: null, about });
    return { ...key, token };
  } finally {
    client.destroy();
  }
}
