import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashToken, newToken } from "@gatepost/core/keys";
import { mappingSchema } from "@gatepost/protocol";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Mosquitto, refusingOnce, withoutMosquitto } from "../../standins/mosquitto.ts";
import { temporaryFolder, temporaryRuntime } from "./temporary.ts";

/** A broker, and a machine that reads it by one source. */
async function started(options: Parameters<typeof temporaryRuntime>[0]) {
  const brokerFolder = await temporaryFolder();
  const broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
  const { runtime, folder, logged, close } = await temporaryRuntime(options);
  const end = runtime.upkeep();
  onTestFinished(async () => {
    await end();
    await close();
    await broker.kill();
    await brokerFolder.remove();
  });
  const file = join(folder, "sources.json");
  const source = { name: "door", mqtt: broker.url, topics: ["doors/+"], box: "gate-3" };
  const set = (changed: object = {}) => writeFile(file, JSON.stringify([{ ...source, ...changed }]));
  const read = () => runtime.reads.sources.read();
  const state = async () => (await read()).sources[0];
  return { broker, runtime, logged, file, set, read, state };
}

async function connected(options: Parameters<typeof started>[0]) {
  const deps = await started(options);
  await deps.set();
  await expect.poll(deps.state).toMatchObject({ isConnected: true, fault: null });
  return deps;
}

describe.skipIf(withoutMosquitto !== null)("a topic that a broker refuses", () => {
  it("is asked for again after a minute, and is read once the broker lets the source", async () => {
    let ahead = 0;
    const { broker, runtime, logged, set, state } = await started({ clock: () => Date.now() + ahead });
    await set({ mqtt: await refusingOnce(broker), topics: ["doors/+", "vault/+"] });
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

describe.skipIf(withoutMosquitto !== null)("a source says what to do", () => {
  const clock = () => Date.UTC(2026, 2, 1, 12);

  it("if the disk is full", async () => {
    const { broker, runtime, state } = await connected({ clock });
    vi.spyOn(runtime.ingest.room, "hold").mockImplementation(() => {
      throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
    });
    await broker.publish("doors/north", ['{"card":"7"}']);
    await expect.poll(state).toMatchObject({ fault: "the disk is full: make room for the data folder" });
  });

  it("if a message is too large, and turns nothing off in its box", async () => {
    const { broker, runtime, state } = await connected({ clock, maxBody: 1000 });
    const counted = vi.spyOn(runtime.boxes, "refused");
    await broker.publish("doors/north", ["x".repeat(1001)]);
    const fault =
      "a message of doors/north is not recorded: a message may have 1000 bytes; let its sender publish less, as without pictures";
    await expect.poll(state).toMatchObject({ isConnected: true, fault });
    expect(runtime.reads.health.concerns()).toContain(
      "sources with a message that was too large: 1 of 1; see Boxes, or gatepost sources list",
    );
    expect(runtime.ingest.arrivals?.of("gate-3")).toMatchObject([{ outcome: "refused", status: 413 }]);
    expect(counted).not.toHaveBeenCalled();
  });

  it("if sources.json is missing, and keeps its key and its source", async () => {
    const { file, set, read, state } = await connected({ clock });
    const key = (await state())?.key;
    await rm(file);
    const fault = "sources.json is missing: put it back, or write [] into it to end its sources";
    await expect.poll(read).toMatchObject({ fault, sources: [{ isConnected: true }] });
    await set();
    await expect.poll(read).toMatchObject({ fault: null, sources: [{ isConnected: true, fault: null, key }] });
    await writeFile(file, "[]");
    await expect.poll(read).toMatchObject({ fault: null, sources: [] });
  });

  it("by the key of another box, which keeps the limits of the one before", async () => {
    const { runtime, set, state } = await connected({ clock });
    const limits = { rate: { perSecond: 5, burst: 10 }, dailyBytes: 1_000_000 };
    const tokenHash = hashToken(newToken("ingest"));
    const { id } = await runtime.reads.keyAdmin.create({ tokenHash, scope: "ingest", box: "gate-3", ...limits });
    await set({ key: id });
    await expect.poll(state).toMatchObject({ key: id, isConnected: true });
    await set({ box: "gate-4" });
    await expect.poll(state).toMatchObject({ box: "gate-4", key: expect.not.stringMatching(id), isConnected: true });
    const made = (await state())?.key ?? "";
    const hash = await runtime.reads.keyAdmin.hashOf(made);
    expect(await runtime.ingest.keys.find(hash ?? "")).toMatchObject({ box: "gate-4", ...limits });
  });
});

describe.skipIf(withoutMosquitto !== null)("messages without a time", () => {
  it("have the receipt by the clock as it is now, also after it was set back, and equal ones are two", async () => {
    const set = Date.UTC(2026, 2, 1, 12);
    let now = set + 3_600_000;
    const { broker, runtime } = await connected({ clock: () => now });
    const fields = { card: { at: "card" }, "person.id": { at: "card" }, "device.id": { at: { topic: 1 } } };
    const mapping = { name: "Door", when: { has: ["card"], is: { op: "pass" } }, fields };
    await runtime.reads.mappings.add(mappingSchema().parse(mapping));
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
