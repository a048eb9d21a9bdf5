import { pathToFileURL } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/ingest";
import { Dynamo } from "../packages/aws/src/dynamo.ts";
import { DynamoKeyAdmin } from "../packages/aws/src/key-admin.ts";

/** ms that one call may take: it is made once, over whatever line an operator has. */
const patience = 20_000;

/** Puts an admin key into the table of a deployment, with the credentials of its account; gives the key's token. */
export async function firstKey(client: DynamoDBClient, table: string): Promise<string> {
  const token = newToken("admin");
  const rows = new Dynamo(client, { table, bucket: "", bus: "" }, patience);
  await new DynamoKeyAdmin(rows, Date.now).create({ scope: "admin", box: null, tokenHash: hashToken(token) });
  return token;
}

async function main(table: string | undefined): Promise<void> {
  if (table === undefined) throw new Error("node scripts/first-key.ts TABLE, which is an output of sst deploy");
  process.stdout.write(`${await firstKey(new DynamoDBClient(), table)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv[2]);
