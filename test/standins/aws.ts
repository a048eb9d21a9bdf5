import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from "@aws-sdk/client-dynamodb";
import { CreateEventBusCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type Clients, connect, type Environment, type Limits, tableShape } from "@gatepost/aws";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { Dynamo } from "../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoItems } from "../../packages/aws/src/dynamo/items.ts";
import { isLong } from "../support/seeded.ts";
import { engine, missingForDynamo } from "./dynamo.ts";
import { useEndpoints } from "./endpoints.ts";
import { type EventBridge, startEventBridge } from "./event-bridge.ts";
import { type Gate, gateBefore } from "./gate.ts";
import type { Listening } from "./listen.ts";
import { askWithoutHttp } from "./memory-dynamo/without-http.ts";
import { missingForMoto, motoUrl, oneAtATime } from "./moto.ts";
import { startS3 } from "./s3.ts";
import { freshAccessKey, sharedDynamo, tablesAt } from "./shared-dynamo.ts";

/** What a deployment would call its resources. */
export interface Names {
  table: string;
  bucket: string;
  bus: string;
}

/** The variables that name them to a function. */
export function environmentOf({ table, bucket, bus }: Names): Environment {
  const GATEPOST_JOBS_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs";
  return { GATEPOST_TABLE: table, GATEPOST_BUCKET: bucket, GATEPOST_BUS: bus, GATEPOST_JOBS_URL };
}

/** A table and a bucket that no other test knows. */
interface Fresh {
  clients: Clients;
  names: Names;
  /** Removes the table: DynamoDB Local does everything more slowly with each that it has. */
  remove?(): Promise<void>;
}

/** The services a test file has; with moto there is no bus to look into. */
export interface StandIns<Store = Listening> {
  readonly dynamo: Store;
  readonly s3: Store;
  readonly bus: EventBridge;
  /**
   * Only a table whose stream is read has one: DynamoDB Local looks through all streams in every operation.
   *
   * @param options.overHttp whether calls of the table are sent over HTTP, though it is in this process
   */
  fresh(options?: { streams?: boolean; overHttp?: boolean }): Promise<Fresh>;
}

/** After so many tables another access key is taken, with which nothing slows DynamoDB Local down that was removed. */
const tablesOfKey = 20;

/** Far more than a Lambda waits: a machine that is busy with other work carries all of AWS here. */
export const patient: Limits = {
  key: 40_000,
  head: 40_000,
  object: 40_000,
  index: 40_000,
  bus: 40_000,
  read: 60_000,
};

/** The table as adapters have it. */
export function tableOf({ clients, names }: { clients: Pick<Clients, "dynamo">; names: Pick<Names, "table"> }): Dynamo {
  return new Dynamo(clients.dynamo, names.table, patient.read);
}

/** The items of a table, also expired ones. */
export function itemsOf(deployed: Parameters<typeof tableOf>[0]): DynamoItems {
  return new DynamoItems(tableOf(deployed), () => 0);
}

/**
 * Runs a suite on AWS's local servers, which are started for its file. Skips if one cannot run, unless all are
 * required.
 */
export function onStandIns(suite: (deps: StandIns) => void): void {
  whereTheyRun(suite, bare);
}

/** The same if AWS's own DynamoDB Local is requested, with which the other one is compared. */
export function onDynamoLocal(suite: (deps: StandIns) => void): void {
  whereTheyRun(suite, bare, engine === "local" ? null : "it runs with GATEPOST_DYNAMO=local, as in .ci/run");
}

/** The same with a gate before each store: every call is sent twice then. */
export function onGatedStandIns(suite: (deps: StandIns<Gate>) => void): void {
  whereTheyRun(suite, gateBefore);
}

async function bare(url: string): Promise<Listening> {
  return { url, close: async () => {} };
}

/** @param unfit the reason why not, if everything else that it needs is there */
function whereTheyRun<Store extends Listening>(
  suite: (deps: StandIns<Store>) => void,
  before: (url: string) => Promise<Store>,
  unfit: string | null = null,
): void {
  const lacking = missingForDynamo();
  if (lacking !== null && process.env["GATEPOST_REQUIRE_ALL"] === "1") throw new Error(lacking);
  const missing = lacking ?? unfit;
  describe.skipIf(missing !== null)(missing === null ? "on the stand-ins" : `skipped: ${missing}`, () => {
    const started: { dynamo?: Store; s3?: Store; bus?: EventBridge } = {};
    const running: Listening[] = [];
    const keep = <Server extends Listening>(server: Server): Server => {
      running.unshift(server);
      return server;
    };
    beforeAll(async () => {
      started.dynamo = keep(await before(await sharedDynamo()));
      started.s3 = keep(await before(keep(await startS3()).url));
      started.bus = keep(await startEventBridge());
      const { dynamo, s3, bus } = started;
      useEndpoints({ dynamo: dynamo.url, s3: s3.url, bus: bus.url, accessKey: freshAccessKey() });
    });
    // Never within a test: a process that it opens later finds the existing tables.
    let tables = 0;
    beforeEach(() => {
      if (tables < tablesOfKey) return;
      tables = 0;
      useEndpoints({ accessKey: freshAccessKey() });
    });
    afterAll(async () => {
      for (const server of running) await server.close();
    });
    const begun = <One>(one: One | undefined): One => {
      if (one === undefined) throw new Error("the stand-ins are not running yet");
      return one;
    };
    suite({
      get dynamo() {
        return begun(started.dynamo);
      },
      get s3() {
        return begun(started.s3);
      },
      get bus() {
        return begun(started.bus);
      },
      fresh(options) {
        tables += 1;
        return freshNames(connect(patient), options);
      },
    });
  });
}

/** Runs a suite against a moto server if one is named, else like `onStandIns`. */
export function onMotoOrStandIns(suite: (deps: Pick<StandIns, "fresh">) => void): void {
  if (motoUrl === null) onStandIns(suite);
  else onMoto(motoUrl, suite);
}

function onMoto(url: string, suite: (deps: Pick<StandIns, "fresh">) => void): void {
  describe("on moto", () => {
    let server: Listening | undefined;
    beforeAll(async () => {
      const missing = await missingForMoto(url);
      if (missing !== null) throw new Error(missing);
      server = await oneAtATime(url);
      // DynamoDB Local judges the tables. Moto does, too, only in `npm run test:long`: each call takes it milliseconds.
      const dynamo = isLong ? server.url : await sharedDynamo();
      useEndpoints({ dynamo, s3: server.url, bus: server.url });
    });
    afterAll(() => server?.close());
    suite({
      async fresh(options) {
        const clients = connect(patient);
        const fresh = await freshNames(clients, options);
        await clients.events.send(new CreateEventBusCommand({ Name: fresh.names.bus }));
        return fresh;
      },
    });
  });
}

let made = 0;

const streamed = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } } as const;

/** Makes a table and a bucket at the endpoints of this process. */
export async function freshNames(clients: Clients, { streams = false, overHttp = false } = {}): Promise<Fresh> {
  made += 1;
  const name = `gatepost-${process.pid}-${Date.now()}-${made}`;
  // Kept by the client from here on: these find their table whichever key is taken later.
  const credentials = await clients.dynamo.config.credentials();
  const tables = overHttp ? null : await tablesAt(process.env["AWS_ENDPOINT_URL_DYNAMODB"]);
  if (tables !== null) askWithoutHttp(clients.dynamo, tables);
  const shape = { TableName: name, ...tableShape, ...(streams && streamed) };
  const inItsTime = (act: (dynamo: DynamoDBClient) => Promise<unknown>) =>
    tables === null ? unhurried(credentials, act) : act(clients.dynamo);
  await inItsTime((dynamo) => dynamo.send(new CreateTableCommand(shape)));
  await clients.s3.send(new CreateBucketCommand({ Bucket: name }));
  return {
    clients,
    names: { table: name, bucket: name, bus: name },
    async remove() {
      await inItsTime((dynamo) => dynamo.send(new DeleteTableCommand({ TableName: name })));
    },
  };
}

/** A table may take longer than any call of the product, and a second try would find it made, or gone. */
async function unhurried(
  credentials: NonNullable<DynamoDBClientConfig["credentials"]>,
  act: (dynamo: DynamoDBClient) => Promise<unknown>,
): Promise<void> {
  const dynamo = new DynamoDBClient({ maxAttempts: 1, credentials });
  await act(dynamo);
  dynamo.destroy();
}
