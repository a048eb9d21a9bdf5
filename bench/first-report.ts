import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { tableShape } from "@gatepost/aws";
import { hashToken, KeyRecords, newToken } from "@gatepost/core/keys";
import * as z from "zod";
import { Dynamo } from "../packages/aws/src/dynamo/dynamo.ts";
import { DynamoItems } from "../packages/aws/src/dynamo/items.ts";
import { startMemoryDynamo } from "../test/standins/memory-dynamo/server.ts";
import { startS3 } from "../test/standins/s3.ts";
import { httpEvent } from "../test/support/http-event.ts";
import { bigReport } from "./body.ts";
import { spread } from "./ratio.ts";
import { bundledStart, environment } from "./start.ts";

const rounds = 9;
const name = "gatepost";
const region = environment.AWS_REGION;
const credentials = { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: "none" };

/** CPU (ms) of importing a bundle and, of a function, of its first report until it is acknowledged. */
const timing = `
  import { readFileSync } from "node:fs";
  const event = JSON.parse(readFileSync(process.argv[3], "utf8"));
  const before = process.cpuUsage();
  const { handler } = await import(process.argv[2]);
  const answer = await handler?.(event);
  if (answer !== undefined && answer.statusCode !== 200) throw new Error("answered " + answer.statusCode + answer.body);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write("\\n" + (user + system) / 1000);
  process.exit();
`;

/** CPU of a function's process until its first report is acknowledged ÷ CPU of importing the SDK's clients; in ms, too. */
export async function firstReport(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const [dynamo, s3] = [await startMemoryDynamo(), await startS3()];
  try {
    const { deployed, clients } = await bundledStart(folder);
    const timer = join(folder, "time.mjs");
    await writeFile(timer, timing);
    const token = await deploy(dynamo.url, s3.url);
    const env = { AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_S3: s3.url };
    const [ratios, ms]: [number[], number[]] = [[], []];
    for (let round = -1; round < rounds; round++) {
      const event = join(folder, "event.json");
      const sent = httpEvent({ path: `/${token}/HistoryEvent`, body: bigReport(round + 2) });
      await writeFile(event, JSON.stringify(sent));
      const cpu = await cpuOf([timer, deployed, event], env);
      const floor = await cpuOf([timer, clients, event], env);
      if (round < 0) continue;
      ratios.push(cpu / floor);
      ms.push(cpu);
    }
    return `first report: CPU of its process ÷ import of the SDK's clients: ${spread(ratios)}; ms: ${spread(ms)}`;
  } finally {
    await Promise.all([dynamo.close(), s3.close(), rm(folder, { recursive: true })]);
  }
}

/** Makes table, bucket and a key. Returns the token of the key. */
async function deploy(dynamoUrl: string, s3Url: string): Promise<string> {
  const tables = new DynamoDBClient({ region, credentials, endpoint: dynamoUrl });
  const buckets = new S3Client({ region, credentials, endpoint: s3Url, forcePathStyle: true });
  await tables.send(new CreateTableCommand({ TableName: name, ...tableShape }));
  await buckets.send(new CreateBucketCommand({ Bucket: name }));
  const items = new DynamoItems(new Dynamo(tables, name, 10_000), Date.now);
  const keys = new KeyRecords({ items, urgent: items, clock: Date.now, believed: Date.now });
  const token = newToken("ingest");
  await keys.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  return token;
}

async function cpuOf(args: string[], variables: Record<string, string>): Promise<number> {
  const env = { ...process.env, ...environment, ...variables };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return z.coerce.number().positive().parse(stdout.trim().split("\n").at(-1));
}

if (import.meta.main) process.stdout.write(`${await firstReport()}\n`);
