import { createServer } from "node:http";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { DeviceSeats } from "../../../packages/aws/src/boxes/devices.ts";
import { Dynamo, type KeyPage, type KeyRange } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { textOf } from "../../../packages/aws/src/dynamo/item.ts";
import { DynamoSuppression, noteErased } from "../../../packages/aws/src/erasure/suppression.ts";
import { keysUnder } from "../../../packages/aws/src/jobs/exports.ts";
import { ErasureEpoch } from "../../../packages/aws/src/pictures/erasure-epoch.ts";
import { connect, limits } from "../../../packages/aws/src/runtime/clients.ts";
import { Objects, sha256Of } from "../../../packages/aws/src/s3/objects.ts";
import { history, received, understood } from "../../support/reports.ts";
import { FakeTable } from "./fake-table.ts";

interface Answer {
  status: number;
  body?: string;
}

const options = {
  region: "eu-west-1",
  maxAttempts: 1,
  credentials: { accessKeyId: "AKID", secretAccessKey: "secret" },
};

/** Answers the calls of a client one after the other; the last answer again and again. */
function answering<Client extends DynamoDBClient | S3Client>(client: Client, answers: readonly Answer[]) {
  const left = [...answers];
  const handle = vi.fn(async () => {
    const { status, body = "" } = (left.length > 1 ? left.shift() : left[0]) ?? expect.fail("a call without an answer");
    return { response: { statusCode: status, headers: {}, body: Buffer.from(body) } };
  });
  client.config.requestHandler.handle = handle;
  return { client, handle };
}

const s3Error = (status: number, code: string): Answer => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

describe("an object that is written once", () => {
  const putOnce = async (...answers: Answer[]) => {
    const { client, handle } = answering(new S3Client(options), answers);
    const body = Buffer.from("body");
    const file = { sha256: sha256Of(body), contentType: "text/plain" };
    await new Objects(client, "bucket", { head: 60_000, object: 60_000 }).putOnce("key", body, file);
    return handle.mock.calls.length;
  };
  const conflict = s3Error(409, "ConditionalRequestConflict");

  it("is there if S3 says that it exists", async () => {
    expect(await putOnce(s3Error(412, "PreconditionFailed"))).toBe(1);
  });

  it.each([
    ["stored then", { status: 200 }],
    ["found then", s3Error(412, "PreconditionFailed")],
  ])("is tried again after a conflict, and %s", async (_, answer) => {
    expect(await putOnce(conflict, conflict, answer)).toBe(3);
  });

  it.each([
    [409, "ConditionalRequestConflict"],
    [400, "BadDigest"],
    [403, "AccessDenied"],
    [404, "NoSuchBucket"],
    [409, "OperationAborted"],
    [500, "InternalError"],
    [503, "SlowDown"],
  ])("is not acknowledged after %i %s", async (status, code) => {
    await expect(putOnce(s3Error(status, code))).rejects.toMatchObject({ name: code });
  });
});

it("the keys of a bucket are read to the last page", async () => {
  const page = (key: string, next: string) => ({
    status: 200,
    body: `<ListBucketResult><IsTruncated>${next !== ""}</IsTruncated><Contents><Key>${key}</Key></Contents>${next}</ListBucketResult>`,
  });
  const token = "<NextContinuationToken>more</NextContinuationToken>";
  const { client } = answering(new S3Client(options), [page("a", token), page("b", token), page("c", "")]);
  const keys: string[] = [];
  for await (const key of keysUnder(client, { bucket: "bucket", prefix: "" })) keys.push(key);
  expect(keys).toEqual(["a", "b", "c"]);
});

it("rows are read to the last one, after three partial answers", async () => {
  const found = (pk: string, unread: readonly string[]) => ({
    status: 200,
    body: JSON.stringify({
      Responses: { table: [{ pk: { S: pk } }] },
      UnprocessedKeys: unread.length === 0 ? {} : { table: { Keys: unread.map((one) => ({ pk: { S: one } })) } },
    }),
  });
  const answers = [found("a", ["b", "c", "d"]), found("b", ["c", "d"]), found("c", ["d"]), found("d", [])];
  const { client, handle } = answering(new DynamoDBClient(options), answers);
  const rows = await new Dynamo(client, "table", 60_000).getAll(["a", "b", "c", "d"]);
  expect([...rows.keys()]).toEqual(["a", "b", "c", "d"]);
  expect(handle).toHaveBeenCalledTimes(4);
});

describe("erasures", () => {
  /** A table whose lists have one entry a page. */
  class PagedTable extends FakeTable {
    override async keys(range: KeyRange, from?: KeyPage["next"]): Promise<KeyPage> {
      const { keys } = await super.keys(range);
      const at = from === undefined ? 0 : keys.findIndex((row) => textOf(row, "pk") === from["pk"]?.S) + 1;
      const key = keys[at];
      if (key === undefined) return { keys: [], next: undefined };
      return { keys: [key], next: at + 1 < keys.length ? { pk: { S: textOf(key, "pk") } } : undefined };
    }
  }

  const later = received + 60_000;
  const suppressed = async (table: FakeTable, person: string, sentAt: number) => {
    const dynamo = table.asDynamo();
    const clock = () => later + 60_000;
    const log = { info() {}, warn() {}, error() {} };
    const epoch = new ErasureEpoch({ dynamo, log, clock });
    using held = await new DynamoSuppression({ dynamo, clock, epoch }).of("gate-1");
    const passing = understood(history({ identity_id: person, timestamp: sentAt }), { receivedAt: sentAt });
    return held.erasures.include(passing, { box: "gate-1", event: null });
  };

  it("are known to the last page of the list of a box", async () => {
    const table = new PagedTable();
    const people = ["1", "2", "3"];
    for (const person of people) await noteErased(table, { person, box: "gate-1" }, { box: "gate-1", at: later });
    for (const person of people) expect(await suppressed(table, person, received)).toBe(true);
    expect(await suppressed(table, "4", received)).toBe(false);
  });

  it("count from the latest one of a person, in any order of notes", async () => {
    const table = new FakeTable();
    for (const at of [later, received - 60_000])
      await noteErased(table, { person: "1", box: "gate-1" }, { box: "gate-1", at });
    expect(await suppressed(table, "1", received)).toBe(true);
  });
});

it("two processes that seat devices of one box at once both keep their seats", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const table = new FakeTable({ seed });
    const names = ["device a", "device b", "device c", "device d"];
    const seats = names.map(() => new DeviceSeats(table.asDynamo()));
    await Promise.all(names.map((name, n) => seats[n]?.take("gate-1", name, received)));
    const rows: unknown = JSON.parse(textOf(table.rows.get("devices gate-1") ?? {}, "rows"));
    expect(rows).toHaveLength(names.length);
    expect(rows).toEqual(expect.arrayContaining(names));
  }
});

it.each([
  ["the table", "dynamo", "{}"],
  ["the bucket", "s3", ""],
  ["the bus", "events", '{"FailedEntryCount":0,"Entries":[]}'],
] as const)("a call of %s that hangs is tried again", async (_, service, body) => {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume();
    calls += 1;
    if (calls > 1) response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllEnvs();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: "eu-west-1" };
  for (const [name, value] of Object.entries({ ...env, AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" }))
    vi.stubEnv(name, value);
  // A try has 60 % of the limit.
  const limit = 1500;
  const clients = connect({ ...limits, index: limit, object: limit, bus: limit });
  onTestFinished(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  const send = {
    dynamo: () => clients.dynamo.send(new GetItemCommand({ TableName: "table", Key: { pk: { S: "a" } } })),
    s3: () => clients.s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "a" })),
    events: () => clients.events.send(new PutEventsCommand({ Entries: [] })),
  };
  await send[service]();
  expect(calls).toBe(2);
});
