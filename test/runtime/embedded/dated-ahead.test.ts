import { access } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { Body, deliver } from "@gatepost/receive";
import { expect, it } from "vitest";
import { day, noon, picture, report, upsert } from "../../contract/samples.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { history } from "../../support/reports.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { statusesOf } from "./box-status.ts";
import { openedByTests, temporaryDataFolder, tendOnce } from "./temporary.ts";

const { closers } = openedByTests();
const hour = 60 * 60 * 1000;
const quiet = { info() {}, warn() {}, error() {} };
/** The time of a clock that is ahead. */
const ahead = noon + 401 * day;
const week = 7 * day;

/** A data folder that is served again and again: `upkeep` runs at each start, and then `work`. */
async function served() {
  const { path, remove } = await temporaryDataFolder();
  closers.push(remove);
  let now = noon;
  return {
    path,
    async at(time: number, work: (runtime: Runtime) => Promise<unknown> = async () => {}) {
      now = time;
      const runtime = await openRuntime({ data: path, clock: () => now, log: quiet });
      await tendOnce(runtime);
      await work(runtime);
      await runtime.close();
    },
    /** Serves it until then, without removing anything. */
    async until(time: number, { storeClock }: Runtime) {
      while (now < time) {
        now = Math.min(now + week, time);
        await storeClock.note();
      }
    },
  };
}

const there = async ({ reads }: Runtime) => {
  const page = { limit: 9, cursor: null };
  const events = (await reads.events.list({}, page)).items;
  const records = (await reads.quarantine.list(null, page)).items;
  return [events.length, records.length];
};

/** An event with a picture, and a record of quarantine. */
async function receive({ ingest }: Runtime, at = ahead): Promise<void> {
  const face = picture("face");
  const { data, ...facts } = face;
  const month = new Date(at).toISOString().slice(0, 7);
  const body = Buffer.from("x");
  const stored = report({ receivedAt: at, pictures: { face: { ...facts, month } } });
  await putPicture(ingest.pictures, month, "face", face);
  await ingest.index.upsert(upsert("one", { report: stored, now: at, expiresAt: at + 90 * day }));
  const of = { box: "gate-1", path: "/HistoryEvent", reason: "not-json" as const, headers: {}, event: null };
  await ingest.quarantine.put({ ...of, id: "qrt_1", receivedAt: at, body });
}

it("reports dated by a fast clock expire after the retention, also a longer one", async () => {
  const { path, at, until } = await served();
  const pack = () => access(join(path, "pictures", `${new Date(ahead).toISOString().slice(0, 7)}.pack`));
  await at(noon);
  await at(ahead, (runtime) => receive(runtime));
  await at(noon + hour, async (runtime) => {
    expect(await there(runtime)).toEqual([1, 1]);
    await runtime.reads.retentionEditor.set({ eventDays: 120, quarantineDays: 90, sceneDays: null });
    await runtime.retention.applyDays();
    await until(noon + 90 * day, runtime);
    expect(await there(runtime)).toEqual([1, 1]);
  });
  await pack();
  await at(noon + 90 * day + hour, async (runtime) => expect(await there(runtime)).toEqual([0, 0]));
  await expect(pack()).rejects.toThrow("ENOENT");
});

it("events reported again after the clock was corrected expire in time", async () => {
  const { at, until } = await served();
  await at(noon);
  await at(ahead, async ({ ingest }) => {
    for (const [kind, receivedAt] of [["history", ahead] as const, ["realtime", noon + hour] as const]) {
      const expiresAt = receivedAt + 90 * day;
      await ingest.index.upsert(upsert("one", { report: report({ kind, receivedAt }), now: receivedAt, expiresAt }));
    }
  });
  await at(noon + hour, (runtime) => until(noon + 90 * day, runtime));
  await at(noon + 90 * day + hour, async (runtime) => expect(await there(runtime)).toEqual([0, 0]));
});

it("no receipt counts as dated ahead while the clock is behind", async () => {
  const { at, until } = await served();
  await at(noon, (runtime) => receive(runtime, noon));
  await at(noon - 40 * day);
  await at(noon + day, (runtime) => until(noon + 80 * day, runtime));
  await at(noon + 80 * day, async (runtime) => expect(await there(runtime)).toEqual([1, 1]));
});

it("a notice dated ahead is replaced, and an erasure keeps later passings", async () => {
  const { path, at } = await served();
  const notice = (sent: string, receivedAt: number) =>
    ({ box: "gate-1", kind: "status", receivedAt, report: { sent } }) as const;
  await at(noon);
  await at(ahead, async ({ ingest, eraser }) => {
    await ingest.boxStatus.put(notice("ahead", ahead));
    await erasePerson(eraser, "7", null);
  });
  await at(noon + hour, async ({ ingest, reads }) => {
    await ingest.boxStatus.put(notice("later", noon + 2 * hour));
    const since = await reads.jobs.erasures.suppressedSince("7", [null]);
    expect(since).toBeLessThanOrEqual(noon + hour);
  });
  expect(statusesOf(join(path, "gatepost.db"), "gate-1")).toEqual([notice("later", noon + 2 * hour)]);
});

it("an order dated ahead ends thirty days after the clock is right", async () => {
  const { at, until } = await served();
  const ask = (id: string, time: number) => (runtime: Runtime) =>
    runtime.reads.jobs.removals.ask({ id, box: "gate-1", person: "7", at: time });
  await at(noon, ask("rem_right", noon));
  await at(ahead, ask("rem_ahead", ahead));
  await at(noon + hour, async (runtime) => {
    const waiting = await runtime.reads.jobs.removals.waiting(["gate-1"], noon);
    expect(waiting.map((one) => [one.id, one.at])).toEqual([
      ["rem_right", noon],
      ["rem_ahead", noon + hour],
    ]);
    await until(noon + 30 * day + hour, runtime);
    expect(await runtime.reads.jobs.removals.get("rem_ahead")).toBeNull();
  });
});

it("an erased person is not stored again while the clock is ahead", async () => {
  const { at } = await served();
  const body = () => new Body(Buffer.from(JSON.stringify(history({ identity_id: "7", timestamp: noon - day }))));
  const send = ({ ingest }: Runtime) =>
    deliver(
      { method: "POST", headers: {}, body: body(), address: "192.168.1.25" },
      { box: "gate-1", path: ["HistoryEvent"] },
      ingest,
    );
  await at(noon, async (runtime) => {
    await send(runtime);
    expect(await erasePerson(runtime.eraser, "7", null)).toBe(1);
  });
  await at(ahead, async (runtime) => {
    await send(runtime);
    expect(await there(runtime)).toEqual([0, 0]);
  });
});

it("events imported from a store with longer retention are left unchanged", async () => {
  const { at, until } = await served();
  await at(noon, async (runtime) => {
    for (let n = 0; n < 450; n++) {
      const from = { report: report({ receivedAt: noon }), expiresAt: noon + 400 * day };
      await runtime.ingest.index.upsert(upsert(`old ${n}`, from));
    }
    await until(noon + day, runtime);
  });
  await at(noon + day, async (runtime) => {
    await until(noon + 399 * day, runtime);
    expect(await runtime.reads.events.count({}, 1000)).toEqual({ count: 450, isExact: true });
  });
});

it("many events that expire at the same moment are removed together", async () => {
  const { at, until } = await served();
  const count = async ({ reads }: Runtime) => (await reads.events.count({}, 1000)).count;
  const many = Array.from({ length: 450 }, (_, n) => `${n}`);
  await at(noon);
  await at(ahead, async ({ ingest }) => {
    const wrong = { report: report({ receivedAt: ahead }), now: ahead, expiresAt: ahead + 90 * day };
    await Promise.all(many.map((name) => ingest.index.upsert(upsert(name, wrong))));
  });
  await at(noon + hour, async (runtime) => {
    await until(noon + 90 * day, runtime);
    expect(await count(runtime)).toBe(many.length);
  });
  await at(noon + 90 * day + hour, async (runtime) => expect(await count(runtime)).toBe(0));
});
