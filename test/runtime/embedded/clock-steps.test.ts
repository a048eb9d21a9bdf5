import { openRuntime, type Runtime } from "@gatepost/embedded";
import { Body, deliver, hashToken } from "@gatepost/ingest";
import type { JsonObject, StoredEvent } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { day, noon } from "../../contract/samples.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { openedByTests, temporaryDataFolder, tendOnce } from "./temporary.ts";

const { closers } = openedByTests();
const minute = 60_000;
const hour = 60 * minute;
const quiet = { info() {}, warn() {}, error() {} };
const page = { limit: 100, cursor: null };

function nameOf({ reports }: StoredEvent): string {
  return `${reports[0]?.person?.id} ${reports[0]?.time}`;
}

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
  return {
    runtime: () => runtime,
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
    setOff(ms: number) {
      off = ms;
    },
    async restart(change: () => void = () => {}) {
      await tendOnce(runtime);
      await runtime.close();
      change();
      runtime = await open();
    },
    async listed() {
      const { items } = await runtime.reads.events.list({}, page);
      const { items: changes } = await runtime.reads.feed.read(null, 100);
      expect(changes.map(({ event }) => event.id).sort()).toEqual(items.map(({ id }) => id).sort());
      return items.map(nameOf).sort();
    },
    erase: (person: string) => runtime.eraser.erasePerson(person, null),
    makeKey: (token: string, expiresAt: number) =>
      runtime.reads.keyAdmin.create({ tokenHash: hashToken(token), scope: "read", box: null, expiresAt }),
    isOpen: async (token: string) => (await runtime.ingest.keys.find(hashToken(token))) !== null,
  };
}

describe("a store that is first served with a wrong clock", () => {
  it.each([
    ["in 1970", 5 * minute - noon],
    ["in 2000", Date.UTC(2000, 0, 1) - noon],
    ["200 days back", -200 * day],
  ])("%s keeps its events when the clock is set, and shows the box's time", async (_, offset) => {
    const { pass, serve, setOff, restart, listed, runtime } = await machine(offset);
    await pass("1");
    await serve(hour);
    await pass("2");
    await restart(() => setOff(0));
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
    const { pass, setOff, restart, listed, runtime, serve } = await machine(-200 * day);
    await pass("1");
    await restart(() => setOff(0));
    await runtime().storeClock.trust();
    await serve(hour);
    expect(await listed()).toHaveLength(1);
    const pictures = await runtime().reads.events.list({}, page);
    const [face] = pictures.items[0]?.reports.map((report) => report.pictures?.face) ?? [];
    expect(await runtime().reads.pictures.get(face?.month ?? "", "face", face?.sha256 ?? "")).not.toBeNull();
  });

  it("keeps its events when the clock is set after days, also under another retention", async () => {
    const { pass, setOff, listed, runtime, serve } = await machine(-200 * day);
    await pass("1");
    await serve(3 * day);
    setOff(0);
    await serve(2 * day);
    await runtime().reads.retentionEditor.set({ eventDays: 60, quarantineDays: 60 });
    await serve(hour);
    expect(await listed()).toHaveLength(1);
  });
});

it("events received while the clock fell to 1970 are listed afterwards", async () => {
  const { pass, setOff, listed, serve } = await machine();
  await serve(2 * day);
  setOff(-noon);
  await pass("1");
  await serve(hour);
  await pass("2");
  setOff(0);
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
  ])("%s keeps out no later passing, and lets nothing come back", async (_, offset) => {
    const { pass, send, erase, setOff, listed, serve } = await machine();
    await serve(2 * day);
    const before = await pass("7");
    setOff(offset);
    await serve(minute);
    const meanwhile = await pass("7");
    await erase("7");
    await serve(minute);
    await pass("7");
    for (const body of [before, meanwhile]) await send(body);
    expect(await listed()).toHaveLength(1);
    setOff(0);
    await serve(minute);
    await pass("7");
    for (const body of [before, meanwhile]) await send(body);
    expect(await listed()).toHaveLength(2);
  });

  it("ahead since the start keeps out no passing after it was set", async () => {
    const { pass, erase, restart, setOff, listed, serve } = await machine(20 * hour);
    await pass("7");
    await erase("7");
    await restart(() => setOff(0));
    await serve(minute);
    await pass("7");
    expect(await listed()).toHaveLength(1);
  });
});

it("a key that has ended stays so when the clock goes back", async () => {
  const { runtime, serve, setOff, restart, makeKey, isOpen } = await machine();
  await serve(hour);
  await makeKey("short", noon + 2 * hour);
  expect(await isOpen("short")).toBe(true);
  await serve(2 * hour);
  expect(await isOpen("short")).toBe(false);
  for (const offset of [-2 * hour, -2 * day, -noon]) {
    setOff(offset);
    expect(await isOpen("short")).toBe(false);
    await serve(minute);
    expect(await isOpen("short")).toBe(false);
  }
  await restart();
  expect(await isOpen("short")).toBe(false);
  await runtime().storeClock.trust();
  expect(await isOpen("short")).toBe(false);
});

const people = ["7", "8"];
const offsets = [0, hour, 20 * hour, 30 * hour, 6 * day, 10 * day, 400 * day, -2 * hour, -30 * hour, -200 * day, -noon];

/** What a store owes to those whom it answered. */
class Account {
  readonly #on: Awaited<ReturnType<typeof machine>>;
  readonly #sent: { body: JsonObject; person: string; name: string }[] = [];
  readonly #stored = new Set<string>();
  readonly #keys: string[] = [];
  readonly #ended = new Set<string>();

  constructor(on: Awaited<ReturnType<typeof machine>>) {
    this.#on = on;
  }

  async pass(person: string): Promise<void> {
    const name = `${person} ${this.#on.time()}`;
    this.#sent.push({ body: await this.#on.pass(person), person, name });
    this.#stored.add(name);
  }

  async repeat(which: number): Promise<void> {
    const one = this.#which(which);
    if (one !== undefined) await this.#on.send(one.body);
  }

  async erasePerson(person: string): Promise<void> {
    await this.#on.erase(person);
    for (const one of this.#sent) if (one.person === person) this.#stored.delete(one.name);
  }

  async eraseEvent(which: number): Promise<void> {
    const name = this.#which(which)?.name;
    const { items } = await this.#on.runtime().reads.events.list({}, page);
    const found = items.find((event) => nameOf(event) === name);
    if (found === undefined) return;
    await this.#on.runtime().eraser.eraseEvent(found.id);
    this.#stored.delete(nameOf(found));
  }

  async serve(ms: number): Promise<void> {
    await this.#on.serve(ms);
    // A step of hours that no one has undone for a day is believed.
    if (ms > day && this.#on.offset() > 0) this.#on.setOff(0);
  }

  async makeKey(ms: number): Promise<void> {
    const token = `key ${this.#keys.length}`;
    const expiresAt = this.#on.runtime().ingest.clock() + ms;
    await this.#on.makeKey(token, expiresAt);
    this.#keys.push(token);
  }

  /** A server does not start with a clock that is behind: someone sets it, and says that it is right. */
  async restart(): Promise<void> {
    const isBehind = () => this.#on.runtime().storeClock.doubt()?.is === "behind";
    await this.#on.restart(() => {
      if (isBehind()) this.#on.setOff(0);
    });
    if (isBehind()) await this.#on.runtime().storeClock.trust();
  }

  async check(): Promise<void> {
    expect(await this.#on.listed()).toEqual([...this.#stored].sort());
    for (const token of this.#keys) {
      const isOpen = await this.#on.isOpen(token);
      if (!isOpen) this.#ended.add(token);
      expect(isOpen && this.#ended.has(token)).toBe(false);
    }
  }

  #which(which: number) {
    return this.#sent[which % Math.max(this.#sent.length, 1)];
  }
}

type Step = (account: Account, on: Awaited<ReturnType<typeof machine>>) => Promise<void>;

/** A step, and what it is called in a counterexample. */
const named = (name: string, step: Step) => Object.assign(step, { toString: () => name });

const step = fc.oneof(
  fc.constantFrom(...people).map((person) => named(`pass ${person}`, (account) => account.pass(person))),
  fc.nat(20).map((which) => named(`repeat ${which}`, (account) => account.repeat(which))),
  fc.constantFrom(...people).map((person) => named(`erase ${person}`, (account) => account.erasePerson(person))),
  fc.nat(20).map((which) => named(`erase event ${which}`, (account) => account.eraseEvent(which))),
  fc.constantFrom(...offsets).map((off) => named(`clock ${off}`, async (_, on) => on.setOff(off))),
  fc
    .constantFrom(1000, minute, hour, 3 * hour, 26 * hour)
    .map((ms) => named(`serve ${ms}`, (account) => account.serve(ms))),
  fc.constantFrom(minute, hour, 2 * day).map((ms) => named(`key ${ms}`, (account) => account.makeKey(ms))),
  fc.constant(named("restart", (account) => account.restart())),
);

it("lists acknowledged events, and erased or ended ones stay so, whatever the clock does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, -noon, -200 * day),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (first, steps) => {
        const on = await machine(first);
        const account = new Account(on);
        for (const next of steps) {
          await on.serve(1000);
          await next(account, on);
          await account.check();
        }
      },
    ),
    { numRuns: 25, seed: Number(process.env["GATEPOST_SEED"] ?? 1) },
  );
}, 300_000);
