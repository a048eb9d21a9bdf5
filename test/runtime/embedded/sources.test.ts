import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mappingSchema } from "@gatepost/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { Mosquitto, refusingOnce, withoutMosquitto } from "../../standins/mosquitto.ts";
import { temporaryFolder, temporaryRuntime } from "./temporary.ts";

describe.skipIf(withoutMosquitto !== null)("a topic that a broker refuses", () => {
  it("is asked for again after a minute, and is read once the broker lets the source", async () => {
    let ahead = 0;
    const brokerFolder = await temporaryFolder();
    const broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
    const { runtime, folder, logged, close } = await temporaryRuntime({ clock: () => Date.now() + ahead });
    const end = runtime.upkeep();
    onTestFinished(async () => {
      await end();
      await close();
      await broker.kill();
      await brokerFolder.remove();
    });
    const source = { name: "door", mqtt: await refusingOnce(broker), topics: ["doors/+", "vault/+"], box: "gate-3" };
    await writeFile(join(folder, "sources.json"), JSON.stringify([source]));
    const state = async () => (await runtime.reads.sources.read()).sources[0];
    await expect.poll(state).toMatchObject({ isConnected: true, fault: expect.stringContaining("vault/+") });
    expect(runtime.reads.health.concerns()).toContain(
      "sources to which the broker refuses a topic: 1 of 1; see Boxes, or gatepost sources list",
    );
    const since = (await state())?.since;
    ahead = 61_000;
    await expect.poll(state).toMatchObject({ isConnected: true, fault: null, since });
    expect(logged.filter(({ message }) => message.startsWith("source is not subscribed"))).toHaveLength(1);
  });
});

describe.skipIf(withoutMosquitto !== null)("messages without a time", () => {
  it("have the receipt by the clock as it is now, also after it was set back, and equal ones are two", async () => {
    const set = Date.UTC(2026, 2, 1, 12);
    let now = set + 3_600_000;
    const brokerFolder = await temporaryFolder();
    const broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
    const { runtime, folder, close } = await temporaryRuntime({ clock: () => now });
    const end = runtime.upkeep();
    onTestFinished(async () => {
      await end();
      await close();
      await broker.kill();
      await brokerFolder.remove();
    });
    const fields = { card: { at: "card" }, "person.id": { at: "card" }, "device.id": { at: { topic: 1 } } };
    const mapping = { name: "Door", when: { has: ["card"], is: { op: "pass" } }, fields };
    await runtime.reads.mappings.add(mappingSchema().parse(mapping));
    const source = { name: "door", mqtt: broker.url, topics: ["doors/+"], box: "gate-3" };
    await writeFile(join(folder, "sources.json"), JSON.stringify([source]));
    await expect.poll(async () => (await runtime.reads.sources.read()).sources[0]).toMatchObject({ isConnected: true });
    const times = async () => {
      const { items } = await runtime.reads.events.list({}, { limit: 100, cursor: null });
      return items.map(({ reports }) => Number(reports[0]?.time) - set).toSorted((a, b) => a - b);
    };
    const pass = (card: string) => JSON.stringify({ op: "pass", card });
    await broker.publish("doors/north", [pass("7"), pass("7"), pass("8")]);
    await expect.poll(times).toEqual([3_600_000, 3_600_001, 3_600_002]);
    now = set;
    await broker.publish("doors/north", [pass("7"), pass("8"), pass("8")]);
    await expect.poll(times).toEqual([0, 1, 2, 3_600_000, 3_600_001, 3_600_002]);
  });
});
