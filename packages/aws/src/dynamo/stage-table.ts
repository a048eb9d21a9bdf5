import {
  DescribeTableCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateListTables,
} from "@aws-sdk/client-dynamodb";
import { GatepostError } from "@gatepost/core/errors";

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
