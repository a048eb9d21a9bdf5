import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import * as z from "zod";
import { bundling } from "../scripts/synth/build-function.ts";
import { elsewhere } from "../stacks/elsewhere.ts";
import { pathOf } from "./peer.ts";
import { spread } from "./ratio.ts";

const rounds = 15;

/** The clients of the SDK that a function which takes reports uses, and the calls that it makes. */
const clients = `
  import { BatchGetItemCommand, DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
  import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
  import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
  export const made = [new DynamoDBClient({}), new EventBridgeClient({}), new S3Client({})];
  export const commands = [BatchGetItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand, PutEventsCommand, HeadObjectCommand, PutObjectCommand];
`;

/** Times the import of a bundle and, of a function, its first answer: to a request without a key, for which no store is asked. */
const timing = `
  const began = performance.now();
  const { handler } = await import(process.argv[2]);
  const event = { rawPath: "/HistoryEvent", rawQueryString: "", headers: {}, body: "{}", isBase64Encoded: false,
    requestContext: { http: { method: "POST", sourceIp: "192.0.2.1" } } };
  const answer = await handler?.(event);
  if (answer !== undefined && answer.statusCode !== 401) throw new Error("answered " + answer.statusCode + answer.body);
  console.log(performance.now() - began);
`;

/** The variables of a function. */
export const environment = {
  GATEPOST_TABLE: "gatepost",
  GATEPOST_BUCKET: "gatepost",
  GATEPOST_BUS: "gatepost",
  GATEPOST_RETENTION_DAYS: "90",
  GATEPOST_KEEP_FEATURES: "0",
  GATEPOST_ANNOUNCE_EVENTS: "0",
  GATEPOST_STATISTICS_DAYS: "400",
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
};

/**
 * Import and first answer of the ingest function ÷ import of the clients of the SDK that it uses, bundled as SST does it
 * of itself. The function is bundled as it is deployed, which leaves out ways to credentials, and as the clients are.
 */
export async function coldStart(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  try {
    const { deployed, alike } = await inTurns(folder, await bundledStart(folder));
    const what = "cold start: import and first answer of the ingest function ÷ import of the SDK's clients";
    return `${what}: ${spread(deployed)}, and ${spread(alike)} where it is bundled as they are`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Bundles the ingest function as it is deployed, the same as the clients are, and the clients. */
export async function bundledStart(folder: string): Promise<{ deployed: string; alike: string; clients: string }> {
  const entryPoints = [pathOf("../functions/history-event.ts")];
  const external = [...bundling.external, ...elsewhere];
  const stdin = { contents: clients, resolveDir: pathOf("../packages/aws"), loader: "ts" } as const;
  return {
    deployed: await bundle(folder, "deployed", { entryPoints, external }),
    alike: await bundle(folder, "alike", { entryPoints }),
    clients: await bundle(folder, "clients", { stdin }),
  };
}

/** What each of two bundles takes ÷ what the clients take, round by round. */
async function inTurns(folder: string, bundles: { deployed: string; alike: string; clients: string }) {
  const timer = join(folder, "time.mjs");
  await writeFile(timer, timing);
  const ratios = { deployed: [] as number[], alike: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const [deployed, alike] = [await ms(timer, bundles.deployed), await ms(timer, bundles.alike)];
    const floor = await ms(timer, bundles.clients);
    if (round < 0) continue;
    ratios.deployed.push(deployed / floor);
    ratios.alike.push(alike / floor);
  }
  return ratios;
}

async function bundle(folder: string, name: string, entry: Pick<BuildOptions, "stdin" | "entryPoints" | "external">) {
  const outfile = join(folder, `${name}.mjs`);
  await build({ ...bundling, external: [...bundling.external], ...entry, outfile, minify: true });
  return outfile;
}

async function ms(timer: string, bundled: string): Promise<number> {
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [timer, bundled], { env });
  return z.coerce.number().positive().parse(stdout.trim().split("\n").at(-1));
}

if (import.meta.main) process.stdout.write(`${await coldStart()}\n`);
