import { join } from "node:path";
import { parseConfig, startBridge } from "@gatepost/bridge";
import { type Clock, Gate, systemClock } from "@gatepost/simulator";
import { expect, it } from "vitest";
import * as z from "zod";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { album, atEnd, temporary, until } from "../../unit/simulator/support.ts";

const silent = { info() {}, warn() {}, error() {} };
const hourMs = 3_600_000;

/** A clock on which an hour is over in seconds. */
function fastClock(times: number): Clock {
  const began = Date.now();
  const now = () => began + (Date.now() - began) * times;
  return { now, sleep: (ms, signal) => systemClock.sleep(ms / times, signal) };
}

const versions = { one: "V5R6", full: "V6", away: "V2R4" } as const;
type Name = keyof typeof versions;
const names = Object.keys(versions) as Name[];
const detail = z.object({
  state: z.string(),
  reason: z.string().nullable(),
  approval: z.object({
    boxes: z.array(z.object({ box: z.string(), state: z.string(), reason: z.string().nullable() })),
  }),
});
const listed = z.object({ actions: z.array(z.object({ id: z.string(), box: z.string() })) });
const withToken = z.object({ token: z.string() });

it("a full or absent box registers a person once, or gives a reason", {
  timeout: 180_000,
}, async () => {
  const folder = await temporary();
  const server = await startGatepost(join(folder, "data"));
  atEnd(() => server.stop());
  const client = new Client(server);
  const post = async (path: string, body: unknown) =>
    withToken.parse(await (await client.post(path, body)).json()).token;
  const tokens = new Map<Name, string>();
  const ports = new Map<Name, number>();
  for (const name of names) {
    tokens.set(name, await post("/v1/keys", { scope: "ingest", box: name }));
    ports.set(name, await freePort());
  }
  const open = async (name: Name) => {
    const at = { port: ports.get(name) ?? 0, url: new URL(`${server.url}/${tokens.get(name)}`) };
    const file = join(folder, `${name}.json`);
    const gate = await Gate.open({ name, version: versions[name], seed: 5, album, file, ...at });
    atEnd(() => gate.close());
    return gate;
  };
  const [one, full] = [await open("one"), await open("full")];
  full.library.settings.capacity = full.library.size;

  const config = {
    cloud: { url: server.url },
    spool: { folder: join(folder, "bridge") },
    metrics: "127.0.0.1:0",
    acting: { token: await post("/v1/keys", { scope: "read", boxes: names }) },
    boxes: names.map((name) => ({
      name,
      token: tokens.get(name),
      people: { host: "127.0.0.1", port: ports.get(name), group: "visitors" },
    })),
  };
  const clock = fastClock(600);
  const bridge = await startBridge({
    config: parseConfig(JSON.stringify(config), ""),
    clock,
    random: Math.random,
    log: silent,
  });
  atEnd(() => bridge.stop());

  const look = one.stranger();
  const asked = async () => listed.parse(await (await client.get("/v1/actions?want=1001")).json()).actions[0];
  await until(async () => (await asked()) !== undefined);
  const id = (await asked())?.id ?? "";
  const approval = { name: "Wang Fang 王芳", type: "vip", boxes: names };
  expect((await client.post(`/v1/actions/${id}/approval`, approval)).status).toBe(200);
  const action = async () => detail.parse(await (await client.get(`/v1/actions/${id}`)).json());
  const stateOf = async (name: Name) => (await action()).approval.boxes.find(({ box }) => box === name);

  await until(async () => (await stateOf("one"))?.state === "done");
  await until(async () => (await stateOf("full"))?.state === "failed");
  expect(await stateOf("full")).toMatchObject({ reason: expect.stringContaining("The library of the box is full") });
  expect((await stateOf("away"))?.state).not.toBe("done");
  const began = clock.now();
  await until(() => clock.now() - began > hourMs);
  expect(await stateOf("away")).toMatchObject({ state: "failed", reason: expect.stringContaining("ECONNREFUSED") });

  const away = await open("away");
  await until(async () => (await stateOf("away"))?.state === "done");
  expect(await action()).toMatchObject({ state: "failed", reason: expect.stringContaining("full") });
  full.library.settings.capacity += 1;
  expect((await client.post(`/v1/actions/${id}/approval`, approval)).status).toBe(200);
  await until(async () => (await action()).state === "done");
  for (const gate of [one, full, away]) {
    const registered = gate.library.all().filter(({ name }) => name === approval.name);
    expect(registered).toMatchObject([{ type: 5, faces: [{ look }] }]);
    expect(registered[0]?.faces).toHaveLength(1);
  }
});
