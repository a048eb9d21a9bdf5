import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GatepostError } from "@gatepost/core/errors";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { Body, deliver } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeBoxStatus, writeEvent } from "../../../packages/receive/src/deliver/writes.ts";
import { report, upsert } from "../../contract/samples.ts";
import { history } from "../../support/reports.ts";
import { rule } from "./bus/clocked-runtime.ts";
import { temporaryDataFolder } from "./temporary.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 20, 12);

const quiet = { info() {}, warn() {}, error() {} };

describe("boxes on one machine", () => {
  let folder: Awaited<ReturnType<typeof temporaryDataFolder>>;
  let runtime: Runtime;
  let now: number;

  let zone: string;

  const open = () =>
    openRuntime({ data: folder.path, log: quiet, clock: () => now, zone, settings: { openBox: "gate-1" } });

  beforeEach(async () => {
    folder = await temporaryDataFolder();
    now = start;
    zone = "UTC";
    runtime = await open();
    await writeFile(runtime.folder.rules, JSON.stringify([rule("all", "https://subscriber.example")]));
  });
  afterEach(async () => {
    await runtime.close();
    await folder.remove();
  });

  async function send(changes = {}, box = "gate-1"): Promise<void> {
    const body = new Body(Buffer.from(JSON.stringify(history({ timestamp: now, ...changes }))));
    const request = { method: "POST", headers: {}, body, address: "192.168.1.25" };
    await deliver(request, { box, path: ["HistoryEvent"] }, runtime.ingest);
  }

  async function lookUntil(time: number): Promise<void> {
    await runtime.boxes.look();
    while (now < time) {
      now += minute;
      await runtime.boxes.look();
    }
  }

  async function restart(): Promise<void> {
    await runtime.close();
    runtime = await open();
  }

  /** Opens the folder in the state that a killed process would leave now. */
  async function killed(): Promise<void> {
    const gathered = runtime.boxes as unknown as { close(): Promise<void> };
    gathered.close = async () => {};
    await restart();
  }

  const told = async () =>
    (await runtime.reads.deliveries.list(null, { limit: 100, cursor: null })).items.map(({ detailType }) => detailType);
  const box = async (name = "gate-1") => {
    const found = await runtime.reads.boxes.reader.get(name);
    if (found === null) throw new Error(`no box ${name}`);
    return found;
  };

  it("are silent an hour after a fast clock was corrected, through restarts", async () => {
    await lookUntil(now);
    now = start + 365 * day;
    await runtime.boxes.look();
    await send();
    now = start + hour;
    await restart();
    await lookUntil(now);
    await restart();
    await lookUntil(start + 2 * hour - minute);
    expect(await told()).toEqual([]);
    await lookUntil(start + 2 * hour + 10 * minute);
    expect(await told()).toEqual(["Box Silent"]);
  });

  it("become silent and return once each, through restarts", async () => {
    await lookUntil(now);
    await send();
    await lookUntil(start + 30 * minute);
    await restart();
    await lookUntil(start + 2 * hour);
    expect(await told()).toEqual(["Box Silent"]);
    await restart();
    await lookUntil(start + 3 * hour);
    await killed();
    await lookUntil(start + 4 * hour);
    expect(await told()).toEqual(["Box Silent"]);
    expect(await box()).toMatchObject({ state: "silent", since: "2026-11-20T12:00:00.000Z" });
    await send();
    await lookUntil(now + minute);
    await restart();
    await lookUntil(now + minute);
    expect(await told()).toEqual(["Box Silent", "Box Recovered"]);
    expect(await box()).toMatchObject({ state: "reports" });
  });

  it("are not silent because the process was away, however long", async () => {
    await lookUntil(now);
    await send();
    await lookUntil(start + 50 * minute);
    await restart();
    now += 3 * day;
    await lookUntil(now + 9 * minute);
    expect(await told()).toEqual([]);
    await lookUntil(now + 2 * minute);
    expect(await told()).toEqual(["Box Silent"]);
  });

  it("keep their rhythm if the zone of the machine is changed", async () => {
    await lookUntil(now);
    await send();
    // They were quiet for 45 minutes at this hour, two weeks ago.
    for (let minutes = 0; minutes <= 45; minutes += 1) await lookUntil(now + minute);
    await send({ identity_id: "2" });
    await lookUntil(start + hour + minute);
    await runtime.close();
    now = start + 14 * day;
    const usualMs = async () => (await box()).silence.usualMs;
    for (const next of ["UTC", "Asia/Shanghai", "Asia/Kolkata", "America/New_York", "UTC"]) {
      zone = next;
      runtime = await open();
      await runtime.boxes.look();
      expect(await usualMs(), next).toBe(46 * minute);
      now += 5 * hour;
      expect(await usualMs(), next).toBeNull();
      now -= 5 * hour;
      await runtime.close();
    }
    runtime = await open();
  });

  it("know all sent reports after a crash, and count nothing twice", async () => {
    await lookUntil(now);
    await send();
    await lookUntil(start + 5 * minute);
    await send({ identity_id: "2" });
    now += 20_000;
    await send({ identity_id: "3" });
    await killed();
    await runtime.boxes.look();
    expect(await box()).toMatchObject({ lastSeen: "2026-11-20T12:05:20.000Z", kinds: [{ today: 3 }] });
  });

  it("know all of many reports after a crash, and count later ones once", async () => {
    await lookUntil(now);
    const lost = Array.from({ length: 1201 }, (_, n) => n);
    const facts = (n: number) => ({ report: report({ receivedAt: now + n }), now, expiresAt: now + hour });
    await Promise.all(lost.map((n) => writeEvent(upsert(`${n}`, facts(n)), runtime.ingest)));
    await killed();
    now += minute;
    const looking = runtime.boxes.look();
    await send();
    await looking;
    await runtime.boxes.look();
    expect(await box()).toMatchObject({ lastSeen: "2026-11-20T12:01:00.000Z", kinds: [{ today: 1202 }] });
  });

  it("know a report after a crash whose event gets another one meanwhile", async () => {
    const live = report({ kind: "live", receivedAt: now });
    await lookUntil(now);
    const facts = { report: report({ receivedAt: now }), now, expiresAt: now + hour };
    await Promise.all(Array.from({ length: 1201 }, (_, n) => writeEvent(upsert(`${n}`, facts), runtime.ingest)));
    await writeEvent(upsert("last", { report: live, now, expiresAt: now + hour }), runtime.ingest);
    await killed();
    now += minute;
    const looking = runtime.boxes.look();
    const joining = { report: report({ receivedAt: now }), now, expiresAt: now + hour };
    await writeEvent(upsert("last", joining), runtime.ingest);
    await looking;
    const counted = (await box()).kinds.map(({ kind, today }) => [kind, today]);
    expect(counted).toContainEqual(["live", 1]);
  });

  it("are watched after a crash also if the row of one is broken", async () => {
    await send({}, "bad");
    await lookUntil(now);
    now += 20_000;
    await send({}, "bad");
    await send({ identity_id: "2" }, "unread");
    await send({ identity_id: "3" });
    {
      using database = new DatabaseSync(runtime.folder.database);
      expect(
        database.prepare("UPDATE items SET item = json_set(item, '$.record', '{}') WHERE pk = 'box bad'").run().changes,
      ).toBe(1);
      const broken = database.prepare(
        "UPDATE reports SET report = '{}' WHERE id / 8 = (SELECT made FROM events WHERE box = 'unread')",
      );
      expect(broken.run().changes).toBe(1);
    }
    await killed();
    await lookUntil(now + 2 * hour);
    expect(await told()).toEqual(["Box Silent"]);
    expect((await box()).lastSeen).toBe("2026-11-20T12:00:20.000Z");
    const { items } = await runtime.reads.boxes.reader.list({ limit: 10, cursor: null });
    expect(items.map(({ id }) => id)).toContain("bad");
  });

  it("show gathered signs that are not written yet", async () => {
    await lookUntil(now);
    await send();
    now += 1000;
    await send({ identity_id: "2" });
    expect(await box()).toMatchObject({
      state: "reports",
      lastSeen: "2026-11-20T12:00:01.000Z",
      kinds: [{ today: 2 }],
    });
  });

  it("are announced as returned at once, and not with the next minute", async () => {
    await lookUntil(now);
    await send();
    await lookUntil(start + 2 * hour);
    await send();
    await expect.poll(told).toEqual(["Box Silent", "Box Recovered"]);
  });

  it("have an unknown action announced once a day, through restarts and a crash", async () => {
    await lookUntil(now);
    await send({ want_action: "1003" });
    await killed();
    await lookUntil(now + minute);
    expect(await told()).toEqual(["Unknown Action Requested"]);
    await send({ want_action: "1003", identity_id: "2" });
    await restart();
    await lookUntil(now + minute);
    expect(await told()).toEqual(["Unknown Action Requested"]);
    now += day;
    await runtime.boxes.look();
    await send({ want_action: 1004 });
    await lookUntil(now + minute);
    expect(await told()).toEqual(["Unknown Action Requested", "Unknown Action Requested"]);
  });

  it("count refused reports, and keep the accepted ones", async () => {
    await lookUntil(now);
    await send({}, "gate-1");
    const arrived = { path: ["HistoryEvent"], bytes: 0, address: "192.168.1.25" };
    runtime.boxes.refused("gate-1", arrived, new GatepostError("too-large", "too large"));
    runtime.boxes.refused("gate-1", arrived, new Error("the disk is full"));
    expect((await box()).refused).toEqual({ "413": 1, "429": 0, turnOff: "history_need_spot_pic" });
    expect(await runtime.reads.boxes.arrivals.of("gate-1")).toMatchObject([
      { outcome: "refused", status: 413, bytes: 0 },
      { outcome: "event", kind: "history", path: "/HistoryEvent", from: "192.168.1.25" },
    ]);
  });

  it("read their notices", async () => {
    const deviceList = [{ epId: "S__10.0.0.7", direction: 1, epStatus: "online" }];
    const status = { box: "gate-1", kind: "device-sync" as const, receivedAt: now };
    await writeBoxStatus({ ...status, report: { devSno: "S", deviceList } }, runtime.ingest);
    expect((await box()).devices).toMatchObject([{ id: "S__10.0.0.7", direction: "out", isOnline: true }]);
  });

  it("are forgotten 400 days after their last sign, and pauses after five weeks", async () => {
    await lookUntil(now);
    await send();
    now += 20 * minute;
    await send({ identity_id: "2" });
    await lookUntil(now + 2 * hour);
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    const items = () =>
      database
        .prepare("SELECT pk FROM items WHERE pk GLOB 'box *' OR pk GLOB 'pauses gate-1*' ORDER BY pk")
        .all()
        .map(({ pk }) => String(pk).split(" ").length);
    const sweepAt = async (time: number) => {
      now = time;
      await runtime.storeClock.trust();
      await runtime.retention.sweep(now);
    };
    expect(items()).toEqual([2, 2, 3]);
    await sweepAt(start + 400 * day);
    expect(items()).toEqual([2]);
    expect(await box()).toMatchObject({ id: "gate-1" });
    await sweepAt(now + hour);
    expect(items()).toEqual([]);
    expect(await runtime.reads.boxes.reader.get("gate-1")).toBeNull();
  });

  it("keep their site while the clock is 500 days ahead", async () => {
    await runtime.storeClock.note();
    await lookUntil(now);
    await send();
    await lookUntil(now + minute);
    await runtime.reads.boxes.writer.set("gate-1", { site: "east" });
    const right = now;
    now += 500 * day;
    await send({ identity_id: "2" });
    await runtime.boxes.look();
    await runtime.retention.sweep(now);
    now = right + minute;
    await send({ identity_id: "3" });
    await runtime.boxes.look();
    expect(await box()).toMatchObject({ site: "east", firstSeen: "2026-11-20T12:00:00.000Z" });
  });

  it("exist after an upgrade from a folder without boxes", async () => {
    await send();
    await runtime.close();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(join(folder.path, "gatepost.db"));
    expect(database.prepare("SELECT count(*) AS n FROM boxes").get()).toEqual({ n: 0 });
    database.close();
    runtime = await open();
    await runtime.boxes.look();
    expect(await box()).toMatchObject({ state: "reports", lastSeen: "2026-11-20T12:00:00.000Z" });
  });
});
