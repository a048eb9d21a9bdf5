import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openRuntime, type RuntimeOptions } from "@gatepost/embedded";
import { type JsonObject, merge } from "@gatepost/protocol";
import { Body, deliver } from "@gatepost/receive";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PicturePacks } from "../../../packages/embedded/src/pictures/store.ts";
import { day, noon, picture } from "../../contract/samples.ts";
import { filesWith } from "../../support/files-with.ts";
import { history } from "../../support/reports.ts";
import { isWhole } from "../../support/seeded.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { temporaryDataFolder, temporaryFolder, temporaryRuntime, tendOnce } from "./temporary.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) await close();
});

const quiet = { info() {}, warn() {}, error() {} };
/** The end of November, in which `noon` is. */
const monthEnd = Date.UTC(2026, 11, 1);
/** A whole JPEG, as boxes send it. */
function base64(seed: string): string {
  const { data } = picture(seed);
  data.writeUIntBE(0xffd9, data.length - 2, 2);
  return data.toString("base64");
}

const page = { limit: 9, cursor: null };

async function start(options: Partial<RuntimeOptions> = {}) {
  let now = noon;
  const { runtime, folder, close } = await temporaryRuntime({ clock: () => now, ...options });
  closers.push(close);
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  const ask = (path: string, init: RequestInit = {}) =>
    runtime.api.fetch(new Request(`http://gatepost${path}`, { ...init, headers }));
  const set = async (sceneDays: number | null, eventDays = 90) => {
    const body = JSON.stringify({ eventDays, quarantineDays: eventDays, sceneDays });
    expect((await ask("/v1/retention", { method: "PUT", body })).status).toBe(200);
  };
  const post = async (seed: string, changes: JsonObject = {}, scene = `scene of ${seed} `) => {
    const pictures = { spot_pic: base64(scene), recognize_face: base64(`face of ${seed} `) };
    const value = history({ timestamp: noon, identity_id: seed, ...changes }, pictures);
    const body = new Body(Buffer.from(JSON.stringify(value)));
    await deliver(
      { method: "POST", headers: {}, body, address: "" },
      { box: "gate-1", path: ["HistoryEvent"] },
      runtime.ingest,
    );
  };
  const events = async () => (await runtime.reads.events.list({}, page)).items.map(merge);
  return {
    runtime,
    folder,
    ask,
    set,
    post,
    events,
    kinds: async () => (await events()).map(({ pictures }) => Object.keys(pictures).sort().join(" ")),
    packs: async () => (await readdir(runtime.folder.packs)).sort(),
    bytesOf: async (text: string) => (await filesWith(text.repeat(5), runtime.folder.packs)).length,
    to(time: number) {
      now = time;
    },
    async sweepAt(time: number) {
      now = time;
      await runtime.retention.sweep(runtime.storeClock.believed());
    },
  };
}

describe("scenes that are kept for fewer days than events", () => {
  it("are hidden after their days, and removed with the scenes of their month", async () => {
    const { set, post, kinds, packs, bytesOf, sweepAt, ask, events } = await start();
    await set(7);
    await post("one");
    expect(await packs()).toEqual(["2026-11-scenes.pack", "2026-11.pack"]);
    await sweepAt(noon + 7 * day - 1);
    expect(await kinds()).toEqual(["face scene"]);
    await sweepAt(noon + 7 * day);
    expect(await kinds()).toEqual(["face"]);
    const [event] = await events();
    expect(event?.flags).toEqual(["picture-expired:scene"]);
    const ofKind = (kind: string) => ask(`/v1/events/${event?.id}/pictures/${kind}`);
    expect([(await ofKind("face")).status, (await ofKind("scene")).status]).toEqual([200, 410]);
    expect(await (await ofKind("scene")).json()).toMatchObject({ detail: "the scene of this event is no longer kept" });
    await sweepAt(monthEnd + 7 * day - 1);
    expect(await bytesOf("scene of one ")).toBe(1);
    await sweepAt(monthEnd + 7 * day);
    expect(await packs()).toEqual(["2026-11.pack"]);
    expect([(await ofKind("face")).status, (await ofKind("scene")).status]).toEqual([200, 410]);
    await sweepAt(noon + 90 * day);
    expect([await events(), await packs()]).toEqual([[], []]);
  });

  it("are hidden in the feed of changes", async () => {
    const { set, post, to, runtime } = await start();
    await set(7);
    await post("one");
    to(noon + 7 * day);
    const { items } = await runtime.reads.feed.read(null, 9);
    expect(items.map(({ event }) => merge(event).flags)).toEqual([["picture-expired:scene"]]);
  });

  it("are not the photo of an action any more", async () => {
    const { set, post, to, runtime, events } = await start();
    await set(7);
    await post("one", { want_action: "1002" });
    const [event] = await events();
    const shown = async () => {
      const asked = await runtime.reads.actionReader.eventOf(event?.actions[0]?.id ?? "");
      return asked && Object.keys(merge(asked).pictures).sort();
    };
    expect(await shown()).toEqual(["face", "scene"]);
    to(noon + 7 * day);
    expect(await shown()).toEqual(["face"]);
  });

  it.runIf(isWhole)("are removed in turns, if hundreds of events show them", async () => {
    const { set, post, packs, sweepAt, runtime } = await start();
    await set(7);
    for (let n = 0; n < 600; n++) await post(`${n}`, {}, "the same scene");
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    const further = () => database.prepare("SELECT count(*) AS n FROM further_events").get()?.["n"];
    expect(further()).toBe(599);
    await sweepAt(monthEnd + 7 * day);
    expect([further(), await packs()]).toEqual([0, ["2026-11.pack"]]);
  });

  it("are removed also if the process ended before their pack was", async () => {
    const { set, post, packs, sweepAt, folder } = await start();
    await set(7);
    await post("one");
    vi.spyOn(PicturePacks.prototype, "remove").mockRejectedValueOnce(new Error("the process ended"));
    await expect(sweepAt(monthEnd + 7 * day)).rejects.toThrow("the process ended");
    expect(await packs()).toEqual(["2026-11-scenes.pack", "2026-11.pack"]);
    const left = await temporaryFolder();
    closers.push(left.remove);
    await cp(folder, left.path, { recursive: true });
    const next = await openRuntime({ data: left.path, log: quiet, clock: () => monthEnd + 7 * day });
    closers.push(() => next.close());
    expect(await readdir(next.folder.packs)).toEqual(["2026-11.pack"]);
    expect((await next.reads.events.list({}, page)).items.map((event) => merge(event).flags)).toEqual([
      ["picture-expired:scene"],
    ]);
  });

  it("do not come back by a repeated report", async () => {
    const { set, post, kinds, packs, bytesOf, sweepAt } = await start();
    await set(7);
    await post("one");
    await sweepAt(monthEnd + 7 * day);
    await post("one");
    expect(await kinds()).toEqual(["face"]);
    await sweepAt(Date.UTC(2027, 0, 1) + 7 * day);
    expect([await bytesOf("scene of one "), await packs()]).toEqual([0, ["2026-11.pack", "2026-12.pack"]]);
  });

  it("do not come back by a replay of a report that was received before", async () => {
    const { set, runtime, ask, sweepAt, kinds, packs, bytesOf } = await start();
    await set(7);
    const value = history({ timestamp: noon }, { spot_pic: base64("late scene ") });
    const kept = { id: "qrt_late", box: "gate-1", path: "/HistoryEvent", reason: "unknown-shape", receivedAt: noon };
    const body = Buffer.from(JSON.stringify(value));
    await runtime.ingest.quarantine.put({ ...kept, headers: {}, event: null, body });
    await sweepAt(monthEnd + 7 * day);
    expect((await ask("/v1/quarantine/qrt_late/replay", { method: "POST" })).status).toBe(200);
    expect(await kinds()).toEqual([""]);
    await sweepAt(monthEnd + 7 * day);
    expect([await bytesOf("late scene "), await packs()]).toEqual([0, []]);
  });

  it("are overwritten by an erasure before and after they end", async () => {
    const { set, post, runtime, sweepAt, events, bytesOf, to } = await start();
    await set(7);
    for (const name of ["first", "second", "stays"]) await post(name);
    const idOf = async (name: string) => (await events()).find(({ person }) => person.id === name)?.id ?? "";
    await runtime.eraser.eraseEvent(await idOf("first"));
    to(noon + 7 * day);
    await runtime.eraser.eraseEvent(await idOf("second"));
    const left = () => Promise.all(["first", "second", "stays"].map((name) => bytesOf(`scene of ${name} `)));
    expect(await left()).toEqual([0, 0, 1]);
    await sweepAt(monthEnd + 7 * day);
    await runtime.eraser.eraseEvent(await idOf("stays"));
    expect([await left(), await events()]).toEqual([[0, 0, 0], []]);
  });

  it("stay hidden after more days, or none, are set", async () => {
    const { set, post, kinds, to } = await start();
    await set(7);
    await post("one");
    to(noon + 7 * day);
    for (const days of [60, null]) {
      await set(days);
      expect(await kinds()).toEqual(["face"]);
    }
  });

  it("are hidden if stored before days were set, and removed with their events", async () => {
    const { set, post, kinds, packs, sweepAt } = await start();
    await post("one");
    await set(7);
    await sweepAt(monthEnd + 7 * day);
    expect([await kinds(), await packs()]).toEqual([["face"], ["2026-11.pack"]]);
    await sweepAt(noon + 90 * day);
    expect(await packs()).toEqual([]);
  });

  it("stay in the present month, also without events yet", async () => {
    const { set, runtime, packs, sweepAt } = await start();
    await set(7);
    await putPicture(runtime.ingest.pictures, "2026-11", "scene", { ...picture("just stored"), keptDays: 7 });
    await sweepAt(noon);
    expect(await packs()).toEqual(["2026-11-scenes.pack"]);
  });

  it("keep their days over a restart", async () => {
    const { set, folder } = await start();
    await set(7);
    const copy = await temporaryFolder();
    closers.push(copy.remove);
    await cp(folder, copy.path, { recursive: true });
    const next = await openRuntime({ data: copy.path, log: quiet, clock: () => noon });
    closers.push(() => next.close());
    expect(await next.reads.server.retention()).toEqual({ eventDays: 90, quarantineDays: 90, sceneDays: 7 });
    expect(next.ingest.settings.sceneDays).toBe(7);
  });
});

describe("a clock that is wrong", () => {
  /** A machine whose clock is off by `off` ms, with one event that has a scene, kept for a week. */
  async function machine(off: number) {
    const folder = await temporaryDataFolder();
    const [time, clock] = [{ at: noon }, { off }];
    const open = () =>
      openRuntime({ data: folder.path, log: quiet, clock: () => time.at + clock.off, elapsed: () => time.at });
    const opened = { runtime: await open() };
    closers.push(() => opened.runtime.close().then(folder.remove));
    await tendOnce(opened.runtime);
    await opened.runtime.reads.retentionEditor.set({ eventDays: 90, quarantineDays: 90, sceneDays: 7 });
    const pictures = { spot_pic: base64("scene"), recognize_face: base64("face") };
    const body = new Body(Buffer.from(JSON.stringify(history({ timestamp: noon }, pictures))));
    const names = { box: "gate-1", path: ["HistoryEvent"] };
    await deliver({ method: "POST", headers: {}, body, address: "" }, names, opened.runtime.ingest);
    return {
      async serve(ms: number) {
        for (const end = time.at + ms; time.at < end; ) {
          time.at += day / 24;
          await opened.runtime.storeClock.note();
        }
        await tendOnce(opened.runtime);
      },
      async setClock(to: number) {
        await opened.runtime.close();
        clock.off = to;
        opened.runtime = await open();
        await tendOnce(opened.runtime);
      },
      async kept() {
        const { items } = await opened.runtime.reads.events.list({}, page);
        const packs = (await readdir(opened.runtime.folder.packs)).filter((name) => name.includes("scenes"));
        return [items.flatMap((event) => Object.keys(merge(event).pictures)).sort(), packs.length];
      },
    };
  }

  it.each([5 * 60_000 - noon, -200 * day])("by %d ms ends no scene when it is set right", async (off) => {
    const { serve, setClock, kept } = await machine(off);
    await setClock(0);
    await serve(6 * day);
    expect(await kept()).toEqual([["face", "scene"], 1]);
    await serve(2 * day);
    expect((await kept())[0]).toEqual(["face"]);
    await serve(31 * day);
    expect(await kept()).toEqual([["face"], 0]);
  });

  it("far ahead ends no scene while it is not believed", async () => {
    const { serve, setClock, kept } = await machine(0);
    await serve(day);
    await setClock(400 * day);
    await serve(day / 2);
    expect(await kept()).toEqual([["face", "scene"], 1]);
    await setClock(0);
    await serve(day);
    expect(await kept()).toEqual([["face", "scene"], 1]);
  });
});

it("a store without days for scenes keeps them beside other pictures", async () => {
  const { post, packs, kinds, sweepAt, folder } = await start();
  await post("one");
  await sweepAt(noon + 89 * day);
  expect([await kinds(), await packs()]).toEqual([["face scene"], ["2026-11.pack"]]);
  expect(await readdir(join(folder, "pictures"))).toEqual(["2026-11.pack"]);
});
