import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import * as z from "zod";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { atEnd, temporary, until } from "../../unit/simulator/support.ts";
import { bridgeProgram, gateProgram, ServerProgram } from "../soak/processes.ts";

const killsOfEach = isLong ? 10 : 1;
const strangersAtEach = isLong ? 8 : 3;
const versions = { "gate-a": "V2R4", "gate-b": "V5R6", "gate-b7": "V5R7", "gate-c": "V6" } as const;
const names = Object.keys(versions);
const strangers = strangersAtEach * names.length;

const people = z.object({
  persons: z.array(z.object({ id: z.string(), name: z.string(), type: z.number(), faces: z.array(z.unknown()) })),
});
const listed = z.object({
  actions: z.array(
    z.object({ id: z.string(), state: z.string(), reason: z.string().nullable(), approval: z.unknown() }),
  ),
});

it(`approved people are once on every box after ${killsOfEach} random kill -9 of each process`, {
  timeout: 900_000,
}, async () => {
  const random = seeded(seedOfRun("acting kill"));
  const folder = await temporary();
  const port = await freePort();
  const server = new ServerProgram(join(folder, "data"), port);
  await server.start();
  atEnd(() => server.stop());
  const client = () => new Client(server.running);
  const boxes = await Promise.all(
    names.map(async (name) => ({ name, port: await freePort(), token: (await client().createKey(name)).token })),
  );
  const acting = z
    .object({ token: z.string() })
    .parse(await (await client().post("/v1/keys", { scope: "read", boxes: names })).json());
  const gates = boxes.map((box) => {
    const file = join(folder, `${box.name}.json`);
    const url = `http://127.0.0.1:${port}/${box.token}`;
    const version = versions[box.name as keyof typeof versions];
    return gateProgram({ name: box.name, version, file, port: box.port, url, strangers: strangersAtEach });
  });
  const config = join(folder, "bridge.yaml");
  const settings = {
    cloud: { url: `http://127.0.0.1:${port}` },
    spool: { folder: join(folder, "bridge") },
    metrics: "127.0.0.1:0",
    acting: { token: acting.token },
    boxes: boxes.map((box) => ({ ...box, port: undefined, people: { host: "127.0.0.1", port: box.port, group: "g" } })),
  };
  writeFileSync(config, JSON.stringify(settings));
  const bridge = bridgeProgram(config);
  for (const program of [...gates, bridge]) {
    await program.start();
    atEnd(() => program.kill());
  }

  const actions = async () =>
    listed.parse(await (await client().get("/v1/actions?want=1001&limit=200")).json()).actions;
  await until(async () => {
    await sleep(200);
    return (await actions()).filter(({ state }) => state === "announced").length === strangers;
  });
  // No stranger passes at a restarted box.
  for (const gate of gates) gate.argue("0");

  for (const [index, { id }] of (await actions()).entries()) {
    const approval = { name: `visitor ${index}`, type: "visitor", boxes: names };
    const approved = await client().post(`/v1/actions/${id}/approval`, approval);
    expect(approved.status).toBe(200);
  }
  const victims = Array.from({ length: killsOfEach }, () => [server, bridge, bridge, ...gates]).flat();
  while (victims.length > 0) {
    await sleep(100 + random() * 900);
    const [victim] = victims.splice(Math.floor(random() * victims.length), 1);
    await victim?.kill();
    await sleep(random() * 300);
    await victim?.start();
  }

  const open = async () => (await actions()).filter(({ state }) => state !== "done");
  await until(async () => {
    await sleep(500);
    const left = await open();
    return left.every(({ state }) => state === "failed");
  });
  expect(await open()).toEqual([]);
  const expected = Array.from({ length: strangers }, (_, index) => `visitor ${index}`).sort();
  for (const { name } of boxes) {
    const { persons } = people.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")));
    const registered = persons.filter((person) => person.name.startsWith("visitor "));
    expect(registered.map((person) => person.name).sort(), name).toEqual(expected);
    expect(
      registered.filter(({ type, faces }) => type !== 2 || faces.length !== 1),
      name,
    ).toEqual([]);
  }
});
