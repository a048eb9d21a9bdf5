import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { approvalSchema } from "@gatepost/protocol";
import { expect, it } from "vitest";
import * as z from "zod";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { atEnd, temporary, until } from "../../unit/simulator/support.ts";
import { bridgeProgram, ServerProgram } from "../soak/processes.ts";
import { RestartedGate } from "./gates.ts";

const orders = isLong ? 20 : 5;
const kills = isLong ? 30 : 3;
const registeredBefore = 12;

const action = z.object({ id: z.string(), state: z.string(), approval: z.nullable(approvalSchema) });
const actions = z.object({ actions: z.array(action) });
const made = z.object({ token: z.string() });

async function asked(client: Client) {
  return actions.parse(await (await client.get("/v1/actions?limit=200&want=1001")).json()).actions;
}

/** Lets strangers pass one after the other who ask to be registered. Resolves with their actions, in that order. */
async function strangers(client: Client, gate: RestartedGate): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < orders) {
    gate.stranger();
    await until(async () => (await asked(client)).length > ids.length);
    ids.push((await asked(client)).find(({ id }) => !ids.includes(id))?.id ?? "");
  }
  return ids;
}

interface Restarted {
  start(): Promise<void>;
  kill(): Promise<void>;
}

async function disturb(victims: readonly Restarted[], random: () => number): Promise<void> {
  for (let n = 0; n < kills; n++) {
    await sleep(100 + random() * 1500);
    const victim = victims[n % victims.length];
    await victim?.kill();
    await sleep(random() * 400);
    await victim?.start();
  }
}

it(`people are registered once on every box, or with a reason, after ${kills} random kills`, {
  timeout: 900_000,
}, async () => {
  const folder = await temporary();
  const server = new ServerProgram(join(folder, "data"), await freePort());
  await server.start();
  atEnd(() => server.stop());
  const client = () => new Client(server.running);
  const open = (name: string, version: "V2R4" | "V5R7" | "V6", capacity = 1000) =>
    RestartedGate.open(client(), { name, version, folder, capacity });
  // One of them takes one person more, and no other.
  const gates = [await open("a", "V2R4"), await open("b7", "V5R7", registeredBefore + 1), await open("c", "V6")];
  const boxes = gates.map(({ name }) => name);
  const { token } = made.parse(await (await client().post("/v1/keys", { scope: "read", boxes })).json());
  const config = join(folder, "bridge.yaml");
  const cloud = { url: `http://127.0.0.1:${server.port}` };
  const parts = { spool: { folder: join(folder, "spool") }, metrics: "127.0.0.1:0", acting: { token } };
  writeFileSync(config, JSON.stringify({ cloud, ...parts, boxes: gates.map(({ inFile }) => inFile) }));
  const bridge = bridgeProgram(config);
  await bridge.start();
  atEnd(() => bridge.kill());

  const [first] = gates;
  const ids = first === undefined ? [] : await strangers(client(), first);
  for (const [n, id] of ids.entries()) {
    const body = { name: `person ${n}`, type: "employee", boxes };
    expect((await client().post(`/v1/actions/${id}/approval`, body)).status).toBe(200);
  }
  const cutOff = gates.map((gate) => ({ start: () => gate.start(), kill: () => gate.stop() }));
  await disturb([bridge, server, ...cutOff], seeded(seedOfRun("acting kill")));

  await until(async () => {
    await sleep(500);
    return (await asked(client())).every(({ approval }) => approval?.isOpen === false);
  });
  const ended = await asked(client());
  const said = ids.flatMap((id, n) => {
    const outcomes = ended.find((one) => one.id === id)?.approval?.boxes ?? [];
    return outcomes.map((outcome) => ({ ...outcome, person: `person ${n}` }));
  });
  expect(said).toHaveLength(ids.length * gates.length);
  for (const { box, state, person } of said) {
    const faces = gates.find(({ name }) => name === box)?.facesOf(person);
    expect([box, person, state, faces]).toEqual([box, person, state, state === "done" ? [1] : []]);
  }
  const failed = said.filter(({ state }) => state === "failed");
  expect(failed.map(({ box }) => box)).toEqual(Array.from({ length: ids.length - 1 }, () => "b7"));
  for (const { reason } of failed) expect(reason).toMatch(/full/);
});
