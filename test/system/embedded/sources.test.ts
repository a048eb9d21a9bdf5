import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { temporaryDataFolder } from "../../runtime/embedded/temporary.ts";
import { Mosquitto, withoutMosquitto } from "../../standins/mosquitto.ts";
import { Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";

const listed = z.object({
  sources: z.array(
    z.object({ name: z.string(), key: z.string().nullable(), isConnected: z.boolean(), fault: z.string().nullable() }),
  ),
  fault: z.string().nullable(),
});

describe.skipIf(withoutMosquitto !== null)("a source of MQTT", () => {
  let folder: Awaited<ReturnType<typeof temporaryDataFolder>>;
  let brokerFolder: Awaited<ReturnType<typeof temporaryDataFolder>>;
  let broker: Mosquitto;
  let running: GatepostProcess;
  let client: Client;
  beforeEach(async () => {
    [folder, brokerFolder] = [await temporaryDataFolder(), await temporaryDataFolder()];
    broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
    await start();
  });
  afterEach(async () => {
    await running.stop();
    await broker.kill();
    await Promise.all([folder.remove(), brokerFolder.remove()]);
  });

  async function start() {
    running = await startGatepost(folder.path);
    client = new Client(running);
  }
  const states = async () => listed.parse(await (await client.get("/v1/sources")).json());
  const setSources = (sources: unknown) => writeFile(join(folder.path, "sources.json"), JSON.stringify(sources));
  const door = () => ({ name: "door", mqtt: broker.url, topics: ["doors/+/card"], box: "gate-3" });
  const connected = () => expect.poll(states).toMatchObject({ sources: [{ isConnected: true, fault: null }] });
  const events = () => client.events("&box=gate-3");
  const kept = async () =>
    ((await (await client.get("/v1/quarantine?box=gate-3")).json()) as { records: object[] }).records;

  async function teach() {
    const fields = { card: { at: "card" }, "person.id": { at: "card" }, "device.id": { at: { topic: 1 } } };
    const mapping = { name: "Door", box: "gate-3", when: { has: ["card"], is: { op: "pass" } }, fields };
    expect((await client.post("/v1/mappings", mapping)).status).toBe(201);
  }
  const passing = (card: number | string) => JSON.stringify({ op: "pass", card: String(card) });
  const from = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);
  const cards = async () => (await events()).map(({ card }) => Number(card)).toSorted((a, b) => a - b);

  it("delivers what is published, with the levels of its topic, and keeps what is not known", async () => {
    await teach();
    await setSources([door()]);
    await connected();
    await broker.publish("doors/north/card", [passing(7), '{"what":"else"}', ""]);
    await broker.publish("doors/north/else", [passing(8)]);
    await expect.poll(events).toMatchObject([{ card: "7", device: { id: "north" } }]);
    await expect.poll(kept).toMatchObject([{ path: "/doors/north/card", reason: "unknown-shape" }]);
  });

  it("loses and doubles nothing while Gatepost and the broker are killed", async () => {
    await teach();
    await setSources([door()]);
    await connected();
    for (const round of [0, 1, 2]) {
      const publishing = broker.publish("doors/a/card", from(round * 40, 40).map(passing));
      await expect.poll(async () => (await events()).length).toBeGreaterThan(round * 40 + 2);
      await running.kill();
      await publishing;
      await start();
    }
    await expect.poll(cards).toEqual(from(0, 120));
    await running.stop();
    await broker.publish("doors/a/card", from(120, 30).map(passing));
    await broker.kill();
    await broker.begin();
    await start();
    await expect.poll(cards).toEqual(from(0, 150));
    await broker.publish("doors/a/card", from(150, 30).map(passing));
    await broker.kill();
    await broker.begin();
    await connected();
    await broker.publish("doors/a/card", [passing(180)]);
    await expect.poll(cards).toEqual(from(0, 181));
  });
});
