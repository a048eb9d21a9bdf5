import { hashToken } from "@gatepost/core/keys";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import type { JsonObject } from "@gatepost/protocol";
import { Body, deliver } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { day, noon } from "../../contract/samples.ts";
import { keepsItsPromises, nameOf } from "../../support/clock-steps.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { pictureAt } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryDataFolder, tendOnce } from "./temporary.ts";

const { closers } = openedByTests();
const minute = 60_000;
const hour = 60 * minute;
const quiet = { info() {}, warn() {}, error() {} };
const page = { limit: 100, cursor: null };

/** A store on a machine whose clock is off by `offset` ms. Time passes only as the test says. */
async function machine(offset = 0) {
  const { path, remove } = await temporaryDataFolder();
  let time = noon;
  let off = offset;
  const options = { data: path, log: quiet, clock: () => time + off, elapsed: () => time };
  const open = async () => {
    const opened = await openRuntime(options);
    await tendOnce(opened);
    return opened;
  };
  let runtime: Runtime = await open();
  closers.push(remove, () => runtime.close());
  const send = (body: JsonObject) =>
    deliver(
      { method: "POST", headers: {}, body: new Body(Buffer.from(JSON.stringify(body))), address: "192.168.1.25" },
      { box: "gate-1", path: ["HistoryEvent"] },
      runtime.ingest,
    );
  const get = async (form: string) => {
    const request = { method: "GET", headers: {}, body: new Body(Buffer.alloc(0)), address: "192.168.1.25", form };
    return (await deliver(request, { box: "gate-1", path: ["Relay"] }, runtime.ingest)).headers["gatepost-outcome"];
  };
  return {
    runtime: () => runtime,
    get,
    time: () => time,
    offset: () => off,
    send,
    /** A person passes now, by the clock of the box, which is right. */
    async pass(person: string): Promise<JsonObject> {
      const body = history({ identity_id: person, timestamp: time }, { recognize_face: photo(`${person} ${time}`) });
      await send(body);
      return body;
    },
    /** Lets time pass while the store is served. */
    async serve(ms: number) {
      for (const end = time + ms; time < end; ) {
        time = Math.min(end, time + hour);
        await runtime.storeClock.note();
      }
      await tendOnce(runtime);
    },
    async setOff(ms: number) {
      off = ms;
    },
    /** A server does not start with a clock that is behind: someone sets it, and says that it is right. */
    async restart(offset = off) {
      await tendOnce(runtime);
      await runtime.close();
      off = runtime.storeClock.doubt()?.is === "behind" ? 0 : offset;
      runtime = await open();
      if (runtime.storeClock.doubt()?.is === "behind") await runtime.storeClock.trust();
    },
    async listed() {
      const { items } = await runtime.reads.events.list({}, page);
      const { items: changes } = await runtime.reads.feed.read(null, 100);
      expect(changes.map(({ event }) => event.id).sort()).toEqual(items.map(({ id }) => id).sort());
      return items.map(nameOf).sort();
    },
    erase: (person: string) => erasePerson(runtime.eraser, person, null),
    async eraseEvent(name: string) {
      const { items } = await runtime.reads.events.list({}, page);
      const found = items.find((event) => nameOf(event) === name);
      return runtime.eraser.eraseEvent(String(found?.id));
    },
    makeKey: (token: string, ms: number) => {
      const expiresAt = runtime.ingest.clock() + ms;
      return runtime.reads.keyAdmin.create({ tokenHash: hashToken(token), scope: "read", box: null, expiresAt });
    },
    isOpen: async (token: string) => (await runtime.ingest.keys.find(hashToken(token))) !== null,
  };
}

describe("a store that is first served with a wrong clock", () => {
  it.each([
    ["in 1970", 5 * minute - noon],
    ["in 2000", Date.UTC(2000, 0, 1) - noon],
    ["200 days back", -200 * day],
  ])("%s keeps its events when the clock is set, and shows the box's time", async (_, offset) => {
    const { pass, serve, restart, listed, runtime } = await machine(offset);
    await pass("1");
    await serve(hour);
    await pass("2");
    await restart(0);
    await pass("3");
    expect(await listed()).toHaveLength(3);
    await serve(2 * day);
    expect(runtime().storeClock.doubt()).toBeNull();
    expect(await listed()).toHaveLength(3);
    const since = await runtime().reads.events.list({ from: noon - hour, to: noon + day }, page);
    expect(since.items).toHaveLength(3);
    await serve(80 * day);
    expect(await listed()).toHaveLength(3);
    await serve(12 * day);
    expect(await listed()).toEqual([]);
  });

  it("keeps its events when the clock is trusted", async () => {
    const { pass, restart, listed, runtime, serve } = await machine(-200 * day);
    await pass("1");
    await restart(0);
    await runtime().storeClock.trust();
    await serve(hour);
    expect(await listed()).toHaveLength(1);
    const pictures = await runtime().reads.events.list({}, page);
    const [face] = pictures.items[0]?.reports.map((report) => report.pictures?.face) ?? [];
    expect(await runtime().reads.pictures.get(pictureAt(face?.month ?? "", "face", face?.sha256 ?? ""))).not.toBeNull();
  });

  it("keeps its events when the clock is set after days, also under another retention", async () => {
    const { pass, setOff, listed, runtime, serve } = await machine(-200 * day);
    await pass("1");
    await serve(3 * day);
    await setOff(0);
    await serve(2 * day);
    await runtime().reads.retentionEditor.set({ eventDays: 60, quarantineDays: 60, sceneDays: null });
    await serve(hour);
    expect(await listed()).toHaveLength(1);
  });
});

it("an order to a box is kept thirty days after a slow clock is corrected", async () => {
  const { serve, restart, runtime } = await machine(-200 * day);
  const orders = () => runtime().reads.jobs.removals;
  await orders().ask({ id: "rem_a", box: "gate-1", person: "7", at: runtime().ingest.clock() });
  await serve(hour);
  await restart(0);
  await serve(2 * day);
  expect(await orders().waiting(["gate-1"], runtime().ingest.clock())).toMatchObject([{ id: "rem_a", person: "7" }]);
  await serve(27 * day);
  expect(await orders().get("rem_a")).not.toBeNull();
  await serve(3 * day);
  expect(await orders().get("rem_a")).toBeNull();
});

it("events received while the clock fell to 1970 are listed afterwards", async () => {
  const { pass, setOff, listed, serve } = await machine();
  await serve(2 * day);
  await setOff(-noon);
  await pass("1");
  await serve(hour);
  await pass("2");
  await setOff(0);
  await serve(hour);
  expect(await listed()).toHaveLength(2);
});

describe("an erasure while the clock is", () => {
  it.each([
    ["1 h ahead", hour],
    ["20 h ahead", 20 * hour],
    ["30 h ahead", 30 * hour],
    ["400 days ahead", 400 * day],
    ["2 h behind", -2 * hour],
    ["2 days behind", -2 * day],
    ["in 1970", -noon],
  ])("%s keeps out no later passing, and lets no erased data return", async (_, offset) => {
    const { pass, send, erase, setOff, listed, serve } = await machine();
    await serve(2 * day);
    const before = await pass("7");
    await setOff(offset);
    await serve(minute);
    const meanwhile = await pass("7");
    await erase("7");
    await serve(minute);
    await pass("7");
    for (const body of [before, meanwhile]) await send(body);
    expect(await listed()).toHaveLength(1);
    await setOff(0);
    await serve(minute);
    await pass("7");
    for (const body of [before, meanwhile]) await send(body);
    expect(await listed()).toHaveLength(2);
  });

  it.each([
    ["is right", 0],
    ["stepped 20 h ahead", 20 * hour],
    ["stepped 400 days ahead", 400 * day],
  ])("says until when it keeps passings out: it %s", async (_, offset) => {
    const { time, erase, setOff, listed, serve, runtime, send } = await machine();
    await serve(2 * day);
    await setOff(offset);
    await serve(minute);
    await erase("7");
    const until = runtime().eraser.coversUntil(time() + offset);
    expect(until).toBe(time());
    await send(history({ identity_id: "7", timestamp: until - 1000 }));
    expect(await listed()).toEqual([]);
    await send(history({ identity_id: "7", timestamp: until + 1000 }));
    expect(await listed()).toHaveLength(1);
    await serve(26 * hour);
    expect(runtime().eraser.coversUntil(time() + offset)).toBe(time() + offset);
  });

  it("ahead since the start keeps out no passing after its correction", async () => {
    const { pass, erase, restart, listed, serve } = await machine(20 * hour);
    await pass("7");
    await erase("7");
    await restart(0);
    await serve(minute);
    await pass("7");
    expect(await listed()).toHaveLength(1);
  });
});

it("a key that has ended stays so when the clock goes back", async () => {
  const { runtime, serve, setOff, restart, makeKey, isOpen } = await machine();
  await serve(hour);
  await makeKey("short", hour);
  expect(await isOpen("short")).toBe(true);
  await serve(2 * hour);
  expect(await isOpen("short")).toBe(false);
  for (const offset of [-2 * hour, -2 * day, -noon]) {
    await setOff(offset);
    expect(await isOpen("short")).toBe(false);
    await serve(minute);
    expect(await isOpen("short")).toBe(false);
  }
  await restart();
  expect(await isOpen("short")).toBe(false);
  await runtime().storeClock.trust();
  expect(await isOpen("short")).toBe(false);
});

it.each([-hour, hour])(
  "a report by GET repeats an equal one within 10 s if the clock is set by %i ms",
  async (step) => {
    const { runtime, get, serve, setOff } = await machine();
    await runtime().storeClock.note();
    const first = await get("card=7");
    await setOff(step);
    expect(await get("card=7")).toBe(first);
    await serve(11_000);
    const second = await get("card=7");
    expect(second).not.toBe(first);
    expect(await get("card=7")).toBe(second);
  },
);

it("lists acknowledged events, and none that is erased or ended, with any clock", async () => {
  await keepsItsPromises(machine, 12);
}, 300_000);
