import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { api } from "@gatepost/api";
import { limits } from "@gatepost/aws";
import { awsBoxSweep } from "@gatepost/aws/boxes";
import { awsApi } from "@gatepost/aws/reads";
import { awsRuntime } from "@gatepost/aws/runtime";
import { awsTally } from "@gatepost/aws/tally";
import { relayOutbox } from "@gatepost/core/actions";
import { receiver } from "@gatepost/receive";
import { answer as answerOfTable } from "../simulation/aws/dynamo-client.ts";
import { answer as answerOfBucket, type Bucket } from "../simulation/aws/s3-client.ts";
import { type StreamImage, Table } from "../simulation/aws/table.ts";
import { Troubles } from "../simulation/aws/troubles.ts";
import { asking, type Side } from "./side.ts";

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

const env = {
  GATEPOST_TABLE: "table",
  GATEPOST_BUCKET: "bucket",
  GATEPOST_BUS: "bus",
  GATEPOST_JOBS_URL: "https://sqs.eu-west-1.amazonaws.com/1/jobs",
  GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
  GATEPOST_FACTOR_KEY: Buffer.alloc(32, 9).toString("base64"),
};

const offline = { region: "eu-west-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } };
const troubles = new Troubles([], () => 0);

/** The rows of the table's stream that the counting function gets, as in stacks/jobs.ts. */
const counted = /^(evt_|notice |qrt_|pulse$)/;

/** The services are the simulated ones, and have no faults: each answers at once. */
export async function awsSide(clock: () => number): Promise<Side> {
  const stream: object[] = [];
  let sequence = 0;
  const changed = ({ pk, before, after }: StreamImage) => {
    if (!counted.test(pk)) return;
    sequence += 1;
    const images = { ...(before && { OldImage: before }), ...(after && { NewImage: after }) };
    stream.push({ dynamodb: { SequenceNumber: `${sequence}`, ...images } });
  };
  const bucket: Bucket = new Map();
  const services = { table: new Table({ clock, lag: () => 0, changed }), random: () => 0, troubles };
  const clients = {
    dynamo: answering(new DynamoDBClient(offline), (command) => answerOfTable(command, services)),
    s3: answering(new S3Client(offline), (command) => answerOfBucket(command, { bucket, clock })),
    events: answering(new EventBridgeClient(offline), taken),
  };
  const ports = awsRuntime(env, { clients, clock, log: quiet, count: () => {} });
  const reads = awsApi(ports, env, { clients, limits, sendJob: async () => {} });
  const tally = awsTally(env, { clients, limits, log: quiet, clock });
  const lookAtBoxes = awsBoxSweep(ports, env, { clients, limits });
  const readStream = async () => {
    while (stream.length > 0) await tally({ shardId: "shard-1", Records: stream.splice(0, 100) });
  };
  const opened = (url: string) => bucket.get(decodeURIComponent(new URL(url).pathname.slice(1)))?.data;
  return {
    ...(await asking({ app: api(reads), receive: receiver(ports), keyAdmin: reads.keyAdmin, opened })),
    async tend() {
      await relayOutbox(ports);
      await reads.eraser.finish();
      await readStream();
      await lookAtBoxes();
      await readStream();
    },
    async close() {},
  };
}

function answering<Client extends object>(client: Client, answer: (command: object) => object): Client {
  return Object.defineProperty(client, "send", { value: async (command: object) => answer(command) });
}

/** The bus takes any entry. */
function taken(command: object): object {
  if (!(command instanceof PutEventsCommand)) throw new Error("the bus does not know this command");
  const Entries = (command.input.Entries ?? []).map(() => ({ EventId: "taken" }));
  return { Entries, FailedEntryCount: 0 };
}
