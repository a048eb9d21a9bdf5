import {
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateListTables,
} from "@aws-sdk/client-dynamodb";
import { newSetupCode, SetupCodes } from "@gatepost/core/accounts";
import { AuditChain, type AuditEntry } from "@gatepost/core/audit";
import { GatepostError } from "@gatepost/core/errors";
import { exportedKeys, hashToken, type ImportedKey, KeyRecords, newToken, type Scope } from "@gatepost/core/keys";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";

/** ms for the call. It is made once, from the operator's machine. */
const timeoutMs = 20_000;

/**
 * Makes a key in the table of a deployed stage, with the AWS credentials and the region of the caller. This is how the
 * first key is made, because the API refuses requests without a key. Throws not-found if the stage has no table, and
 * bad-request if it has several. A table that is named is used without a check.
 */
export function createStageKey(
  deployed: Deployed,
  { scope, box }: { scope: Scope; box: string | null },
  client = new DynamoDBClient(),
): Promise<{ id: string; scope: Scope; box: string | null; token: string }> {
  return onStage(deployed, client, async (items) => {
    const token = newToken(scope);
    const keys = new KeyRecords({ items, urgent: items, clock, believed: clock });
    const key = await keys.create({ scope, box, tokenHash: hashToken(token) });
    await noteInAudit(items, "key-made", { key: key.id, scope });
    return { ...key, token };
  });
}

/** Makes the code of a first link in the same way. Throws as `createStageKey`. */
export function createStageLink(
  deployed: Deployed,
  client = new DynamoDBClient(),
): Promise<{ code: string; expires: string }> {
  return onStage(deployed, client, async (items) => {
    const code = newSetupCode();
    const expiresAt = await new SetupCodes(items, clock).add(code);
    await noteInAudit(items, "setup-link-made", {});
    return { code, expires: new Date(expiresAt).toISOString() };
  });
}

/**
 * All keys of a deployed stage, with the hashes of their tokens, so that another store takes them over and every URL
 * remains valid. Throws as `createStageKey`.
 */
export function exportStageKeys(deployed: Deployed, client = new DynamoDBClient()): Promise<ImportedKey[]> {
  return onStage(deployed, client, (items) => exportedKeys(items));
}

const clock = Date.now;

/** A deployed stage, and its table if the operator names it. */
interface Deployed {
  stage: string;
  table?: string | undefined;
}

async function onStage<Result>(
  { stage, table: named }: Deployed,
  client: DynamoDBClient,
  use: (items: DynamoItems) => Promise<Result>,
): Promise<Result> {
  try {
    const table = named ?? (await tableOfStage(stage, client));
    return await use(new DynamoItems(new Dynamo(client, table, timeoutMs), clock));
  } finally {
    client.destroy();
  }
}

async function noteInAudit(
  items: DynamoItems,
  action: AuditEntry["action"],
  about: AuditEntry["about"],
): Promise<void> {
  await new AuditChain(items, clock).append({ action, outcome: "done", by: "operator", from: null, about });
}

const app = "gatepost";

/**
 * Finds the table of a deployed stage: the one whose SST tags name this app and exactly this stage. The beginning of
 * its name is not enough, because `gatepost-pr-2-…` is a table of stage `pr-2`. After a restore there may be two, and
 * only the operator knows which one the functions use.
 */
export async function tableOfStage(stage: string, client: DynamoDBClient): Promise<string> {
  const tables: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const name of TableNames) {
      if (name.startsWith(`${app}-${stage}-`) && (await isOf(stage, name, client))) tables.push(name);
    }
  }
  const [table, ...others] = tables;
  if (table === undefined) throw new GatepostError("not-found", notFound(stage));
  if (others.length > 0) throw new GatepostError("bad-request", ambiguous(stage, tables));
  return table;
}

async function isOf(stage: string, table: string, client: DynamoDBClient): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const tags = new Map<string, string>();
  let next: string | undefined;
  do {
    const asked = { ResourceArn: Table?.TableArn, NextToken: next };
    const { Tags = [], NextToken } = await client.send(new ListTagsOfResourceCommand(asked));
    for (const { Key = "", Value = "" } of Tags) tags.set(Key, Value);
    next = NextToken;
  } while (next !== undefined);
  return tags.get("sst:app") === app && tags.get("sst:stage") === stage;
}

function notFound(stage: string): string {
  return (
    `this account has no table with the tags of stage ${stage} in this region; check AWS_REGION and AWS_PROFILE, ` +
    "or give --table with the name that the deployment printed"
  );
}

function ambiguous(stage: string, tables: readonly string[]): string {
  return `stage ${stage} has several tables, as after a restore: ${tables.join(", ")}; give --table with the one that is in use`;
}
