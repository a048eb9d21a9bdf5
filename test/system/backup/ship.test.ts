import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { startS3 } from "../../standins/s3.ts";
import { Box, Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { jpeg, sha256 } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { gatepost } from "../cli/support.ts";

const { closers } = openedByTests();
const bucket = "gatepost-ship";
const place = `s3://${bucket}/gate`;

beforeEach(async () => {
  const s3 = await startS3();
  closers.push(() => s3.close());
  vi.stubEnv("AWS_ENDPOINT_URL_S3", s3.url);
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const client = new S3Client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
});
afterEach(() => vi.unstubAllEnvs());

function passing(number: number) {
  const face = Buffer.concat([jpeg(`face ${number}`), Buffer.alloc(20_000, number)]);
  const facts = { timestamp: noon + number * 1000, identity_id: `person ${number}` };
  return { face: sha256(face), body: history(facts, { recognize_face: face.toString("base64") }) };
}

async function facesIn(server: GatepostProcess): Promise<string[]> {
  const client = new Client(server);
  const events = await client.events();
  return Promise.all(events.map(async (event) => sha256(await client.picture(event, "face"))));
}

it("a shipped store is restored after its server and disk are lost, and continues", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const acknowledged: string[] = [];
  let token = "";
  const deliver = async (server: GatepostProcess, from: number, to: number) => {
    const box = new Box(server.url, token);
    for (let number = from; number < to; number++) {
      const { face, body } = passing(number);
      if ((await box.post("/HistoryEvent", body)).status === 200) acknowledged.push(face);
    }
  };
  const restored = async (name: string) => {
    const data = join(folder.path, name);
    const { code, stderr } = await gatepost("restore", place, "--data", data, "--json");
    return { code, stderr, data };
  };
  const first = await startGatepost(join(folder.path, "first"), ["--ship", place]);
  closers.push(() => first.kill());
  token = (await new Client(first).createKey("gate-1")).token;
  await deliver(first, 0, 40);
  // The machine may be busy: the pictures arrive at some time, all at once.
  let tried = 0;
  const faces = async () => {
    tried += 1;
    const { code, data } = await restored(`try-${tried}`);
    if (code !== 0) return [];
    const server = await startGatepost(data);
    const found = await facesIn(server);
    await server.stop();
    return found.sort();
  };
  await expect.poll(faces, { interval: 2000 }).toEqual([...acknowledged].sort());
  await deliver(first, 40, 60);
  await first.kill();
  // The last seconds may be missing, and nothing else.
  const { data, code, stderr } = await restored("second");
  expect(code, stderr).toBe(0);
  const second = await startGatepost(data, ["--ship", place]);
  closers.push(() => second.stop());
  const kept = await facesIn(second);
  expect(acknowledged.slice(0, 40).filter((face) => !kept.includes(face))).toEqual([]);
  // Boxes deliver again, and more.
  await deliver(second, 30, 70);
  await second.stop();
  expect(await faces()).toEqual([...new Set(acknowledged)].sort());
  expect(second.log()).not.toMatch(/"level":"error"/);
});

it("shipping reports the fault of a place in one line", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const data = join(folder.path, "data");
  const nothing = await gatepost("restore", place, "--data", data);
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringMatching(/nothing was shipped to s3:\/\//)]);
  const noBucket = await gatepost("restore", "s3://no-such-bucket/x", "--data", data);
  expect(noBucket.stderr).toMatch(/gatepost: cannot use .*: .*bucket/i);
  expect((await gatepost("serve", "--ship", "file:///tmp", "--data", data)).code).toBe(2);
  expect((await gatepost("restore", place, "--at", "yesterday", "--data", data)).code).toBe(2);
});
