import { DynamoDBClient, paginateListTables } from "@aws-sdk/client-dynamodb";
import { GatepostError, hashToken, newToken, type Scope } from "@gatepost/ingest";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoKeyAdmin } from "./admin.ts";

/** ms for one call. It is made once, from wherever the operator is. */
const timeoutMs = 20_000;

/**
 * Makes a key in the table of a deployed stage, with the AWS credentials and the region of the caller. The first key is
 * made like this, because the API cannot be asked without one. Throws not-found where the stage has no table.
 */
export async function createStageKey(
  stage: string,
  { scope, box }: { scope: Scope; box: string | null },
  client = new DynamoDBClient(),
): Promise<{ id: string; scope: Scope; box: string | null; token: string }> {
  try {
    const table = await tableOf(stage, client);
    const token = newToken(scope);
    const rows = new Dynamo(client, table, timeoutMs);
    const key = await new DynamoKeyAdmin(rows, Date.now).create({ scope, box, tokenHash: hashToken(token) });
    return { ...key, token };
  } finally {
    client.destroy();
  }
}

/** Finds the table of the app in that stage: SST begins its name with both. */
async function tableOf(stage: string, client: DynamoDBClient): Promise<string> {
  const prefix = `gatepost-${stage}-`;
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    const table = TableNames.find((name) => name.startsWith(prefix));
    if (table !== undefined) return table;
  }
  throw new GatepostError(
    "not-found",
    `this account has no stage ${stage} in this region; check AWS_REGION and AWS_PROFILE`,
  );
}
