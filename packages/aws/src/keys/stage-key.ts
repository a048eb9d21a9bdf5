import {
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateListTables,
} from "@aws-sdk/client-dynamodb";
import { AuditChain } from "@gatepost/core/audit";
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
    const keys = new KeyRecords({ items, urgent: items, clock, believed: clock });
    const key = await keys.create({ scope, box, tokenHash: hashToken(token) });
    const about = { key: key.id, scope };
    const audit = new AuditChain(items, clock);
    await audit.append({ action: "key-made", outcome: "done", by: "operator", from: null, about });
    return { ...key, token };
  } finally {
    client.destroy();
  }
}

/**
 * All keys of a deployed stage, with the hashes of their tokens, so that another store takes them over and every URL
 * remains valid. Throws as `createStageKey`.
 */
export async function exportStageKeys(
  { stage, table: named }: { stage: string; table?: string | undefined },
  client = new DynamoDBClient(),
): Promise<ImportedKey[]> {
  try {
    const table = named ?? (await tableOfStage(stage, client));
    return await exportedKeys(new DynamoItems(new Dynamo(client, table, timeoutMs), Date.now));
  } finally {
    client.destroy();
  }
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
