import { openRuntime, type Runtime } from "@gatepost/embedded";
import { Writer } from "@gatepost/sqlite";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { StoreClock } from "../../../packages/embedded/src/db/store-clock.ts";
import { day, noon, picture, replayJob, report, upsert } from "../../contract/samples.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryFolder, tendOnce } from "./temporary.ts";

const { closers } = openedByTests();
const hour = 60 * 60 * 1000;
const quiet = () => {};

/** A clock of a store, whose time and uptime a test sets. */
function storeClock() {
  let now = noon;
  let elapsed = 0;
  const warned: string[] = [];
  const log = { info: quiet, error: quiet, warn: (message: string) => void warned.push(message) };
  const database = openDatabase(":memory:");
  closers.push(async () => database.close());
  const started = () =>
    new StoreClock(database, new Writer(database), { clock: () => now, elapsed: () => elapsed, log });
  let clock = started();
  return {
    warned,
    doubt: () => clock.doubt(),
    trust: () => clock.trust(),
    restart() {
      clock = started();
    },
    /** Whether expired rows may be removed then. */
    async noteAt(time: number, servedMs = 0) {
      now = time;
      elapsed += servedMs;
      return clock.note();
    },
  };
}

describe("the clock of a store", () => {
  it("is believed at first, and after days without a server", async () => {
    const { noteAt, doubt, restart, warned } = storeClock();
    expect(await noteAt(noon)).toBe(true);
    restart();
    expect([await noteAt(noon + 7 * day), doubt(), warned]).toEqual([true, null, []]);
  });

  it("delays removals by 24 hours of serving if it is far ahead", async () => {
    const { noteAt, doubt, restart, warned } = storeClock();
    await noteAt(noon);
    const later = noon + 400 * day;
    restart();
    expect(await noteAt(later)).toBe(false);
    expect(doubt()).toEqual({ is: "ahead", noted: noon, heldMs: 24 * hour });
    expect(await noteAt(later + 20 * hour, 20 * hour)).toBe(false);
    restart();
    expect(await noteAt(later + 5 * day)).toBe(false);
    expect(doubt()).toEqual({ is: "ahead", noted: noon, heldMs: 4 * hour });
    expect(await noteAt(later + 5 * day + 3 * hour, 3 * hour)).toBe(false);
    expect(await noteAt(later + 5 * day + 4 * hour, hour)).toBe(true);
    expect([doubt(), warned]).toEqual([null, Array(2).fill(expect.stringMatching(/far ahead/))]);
  });

  it("has the same effect if it jumps while it runs", async () => {
    const { noteAt } = storeClock();
    await noteAt(noon);
    expect(await noteAt(noon + 60_000 + 8 * day, 60_000)).toBe(false);
  });

  it("is believed at once after it was far ahead and is corrected", async () => {
    const { noteAt, doubt } = storeClock();
    await noteAt(noon);
    await noteAt(noon + 400 * day);
    expect([await noteAt(noon + hour, hour), doubt()]).toEqual([true, null]);
    expect(await noteAt(noon + 400 * day)).toBe(false);
  });

  it("is logged once while it is behind", async () => {
    const { noteAt, doubt, warned } = storeClock();
    await noteAt(noon);
    for (const time of [noon - 2 * day, noon - 2 * day + hour]) await noteAt(time);
    expect(doubt()).toEqual({ is: "behind", noted: noon, heldMs: 0 });
    expect(warned).toEqual([expect.stringMatching(/behind/)]);
    await noteAt(noon - hour);
    expect(doubt()).toBeNull();
  });

  it("is believed if the operator trusts it", async () => {
    const { noteAt, doubt, trust } = storeClock();
    await noteAt(noon);
    await noteAt(noon - 2 * day);
    await trust();
    expect([doubt(), await noteAt(noon - 2 * day)]).toEqual([null, true]);
    await noteAt(noon + 400 * day);
    await trust();
    expect([doubt(), await noteAt(noon + 400 * day)]).toEqual([null, true]);
  });
});

describe("a store that is served", () => {
  async function served() {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    let now = noon;
    const logged: { message: string; facts: unknown }[] = [];
    const note = (message: string, facts?: unknown) => void logged.push({ message, facts });
    return {
      logged: (message: RegExp) => logged.filter((line) => message.test(line.message)).map(({ facts }) => facts),
      /** Serves it at a time; the removals of the start are done when this resolves. */
      async at(time: number, work: (runtime: Runtime) => Promise<unknown> = async () => {}) {
        now = time;
        const runtime = await openRuntime({
          data: path,
          clock: () => now,
          log: { info: note, warn: note, error: note },
        });
        await tendOnce(runtime);
        await work(runtime);
        await runtime.close();
      },
    };
  }
  const face = picture("face");
  const { data, ...facts } = face;
  const found = (runtime: Runtime) => runtime.reads.pictures.get(pictureAt("2026-11", "face", face.sha256));
  const store = (expiresAt: number) => async (runtime: Runtime) => {
    await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
    await runtime.ingest.index.upsert(upsert("one", { report: report({ pictures: { face: facts } }), expiresAt }));
  };

  it("keeps rows that expired only by a clock far ahead", async () => {
    const { at, logged } = await served();
    await at(noon, store(noon + 90 * day));
    await at(noon + 400 * day, async ({ reads }) => expect((await reads.server.clockDoubt())?.is).toBe("ahead"));
    expect(logged(/far ahead/)).toHaveLength(1);
    await at(noon + 1, async (runtime) => {
      expect(await found(runtime)).toEqual(data);
      expect((await runtime.reads.events.list({}, { limit: 9, cursor: null })).items).toHaveLength(1);
    });
    expect(logged(/removed expired rows and packs/)).toEqual([]);
  });

  it("keeps audit log, jobs and orders if its clock is far ahead", async () => {
    const { at } = await served();
    const done = replayJob("a", { state: "done", done: 1, of: 1, startedAt: noon, endedAt: noon });
    await at(noon, async ({ reads, jobs }) => {
      await reads.audit.note({ action: "key-revoked", outcome: "done", by: "key_1", from: null, about: {} });
      await jobs.store.create(done, { ofKey: 10, inAll: null, aDay: null, results: null });
      await jobs.removals.ask({ id: "rem_a", box: "gate-1", person: "888031", at: noon });
    });
    const ask = { id: "rem_a", box: "gate-2", person: "other", at: noon + 4 * 366 * day };
    await at(ask.at, async ({ jobs }) => {
      expect(await jobs.store.get("job_a")).toEqual(done);
      await jobs.removals.ask(ask);
      expect(await jobs.removals.waiting(["gate-1", "gate-2"], noon)).toMatchObject([{ id: "rem_a", box: "gate-1" }]);
    });
    await at(noon + 1, async ({ reads, jobs }) => {
      expect((await reads.audit.list({}, { limit: 9, cursor: null })).items).toMatchObject([{ action: "key-revoked" }]);
      expect(await jobs.store.get("job_a")).toEqual(done);
      expect(await jobs.removals.get("rem_a")).toMatchObject({ state: "waiting", box: "gate-1" });
    });
  });

  it("removes expired rows by a believed clock, and logs their number", async () => {
    const { at, logged } = await served();
    await at(noon - 7 * day);
    await at(noon, store(noon + day));
    for (const weeks of [1, 2, 3, 4, 5]) await at(noon + weeks * 7 * day);
    expect(logged(/removed expired rows and packs/)).toEqual([
      { events: 1, packs: 0 },
      { events: 0, packs: 1 },
    ]);
  });
});
