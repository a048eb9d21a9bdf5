import type { ActionBus } from "@gatepost/core/actions";
import {
  Boxes,
  type BoxRecord,
  BoxStore,
  deviceKey,
  LocalHours,
  newRecord,
  showBox,
  signOfNotice,
  signOfReport,
} from "@gatepost/core/boxes";
import type { BusEntry } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedItems } from "./items.ts";
import { day, noon, report } from "./samples.ts";

const minute = 60_000;
const hour = 60 * minute;
const hours = new LocalHours("UTC");

const record = (box: string, changes: Partial<BoxRecord> = {}): BoxRecord => ({ ...newRecord(box), ...changes });

/**
 * The promises of every store of boxes, and the behaviour of boxes on it.
 *
 * @param skipsIdle whether minutes in which no box is due are not looked at: for a store with slow looks
 */
export function boxStoreContract(
  name: string,
  openItems: () => Promise<OpenedItems>,
  { skipsIdle = false }: { skipsIdle?: boolean } = {},
): void {
  const open = async () => {
    const opened = await openItems();
    const store = () => new BoxStore(opened);
    // The second store is as another process has it.
    return { ...opened, store: store(), second: store() };
  };
  type BoxStoreUnderTest = Awaited<ReturnType<typeof open>>;

  describe(`${name} keeps the promises of the store of boxes:`, () => {
    let deps: BoxStoreUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    it("has no record of a box before one is written", async () => {
      expect(await deps.store.get("gate-1")).toBeNull();
      expect(await deps.store.getAll(["gate-1"])).toEqual([]);
      expect(await deps.store.reception()).toBeNull();
    });

    it("writes a record only if it is unchanged since it was read", async () => {
      expect(await deps.store.put({ record: record("gate-1"), rev: 0 })).toBe(true);
      expect(await deps.second.put({ record: record("gate-1", { site: "east" }), rev: 0 })).toBe(false);
      const read = await deps.second.get("gate-1");
      expect(read?.record).toEqual(record("gate-1"));
      const rev = read?.rev ?? -1;
      expect(await deps.second.put({ record: record("gate-1", { site: "east" }), rev })).toBe(true);
      expect(await deps.store.put({ record: record("gate-1", { site: "west" }), rev })).toBe(false);
      expect((await deps.store.get("gate-1"))?.record.site).toBe("east");
    });

    it("lets one of many writers win", async () => {
      const stores = [deps.store, deps.second, deps.store, deps.second];
      const won = await Promise.all(stores.map((store) => store.put({ record: record("gate-1"), rev: 0 })));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it("names all boxes, and says which are silent", async () => {
      await deps.store.put({ record: record("gate-1"), rev: 0 });
      await deps.store.put({ record: record("前门", { silentSince: noon }), rev: 0 });
      await expect
        .poll(async () => (await deps.store.names()).toSorted((a, b) => (a.box < b.box ? -1 : 1)))
        .toEqual([
          { box: "gate-1", isSilent: false },
          { box: "前门", isSilent: true },
        ]);
      const all = await deps.store.getAll(["gate-1", "前门", "nobody"]);
      expect(all.map((one) => one.record.box).toSorted()).toEqual(["gate-1", "前门"]);
    });

    it("lists the boxes of a site, also of the default site", async () => {
      await deps.store.put({ record: record("gate-1"), rev: 0 });
      await deps.store.put({ record: record("gate-2", { site: "east" }), rev: 0 });
      await deps.store.put({ record: record("gate-3", { site: "East" }), rev: 0 });
      await expect.poll(() => deps.store.boxesOf("default")).toEqual(["gate-1"]);
      await expect.poll(() => deps.store.boxesOf("east")).toEqual(["gate-2"]);
      await deps.store.put({ record: record("gate-2"), rev: 1 });
      await expect.poll(() => deps.store.boxesOf("default")).toEqual(["gate-1", "gate-2"]);
      expect(await deps.store.boxesOf("east")).toEqual([]);
    });

    it("gives the boxes that are due, the longest first, and no other", async () => {
      const activity = {
        life: null,
        kinds: {},
        clock: null,
        late: null,
        days: {},
        devices: {},
        serials: [],
        unknownAction: null,
        unexpected: [],
      };
      const lookAt = { "gate-1": noon, "gate-2": noon - minute, "gate-3": noon + 1, "gate-4": null };
      for (const [box, at] of Object.entries(lookAt)) {
        await deps.store.put({ record: record(box, { activity, lookAt: at }), rev: 0 });
      }
      await expect.poll(() => deps.store.due(noon, 10)).toEqual(["gate-2", "gate-1"]);
      expect(await deps.store.due(noon, 1)).toEqual(["gate-2"]);
    });

    it("keeps the longest pause of an hour, separately for a box and each device", async () => {
      await deps.store.addPauses({ box: "gate-1", device: null }, { 10: 5, 11: 7 });
      await deps.second.addPauses({ box: "gate-1", device: null }, { 10: 4, 11: 8, 12: 1 });
      await deps.store.addPauses({ box: "gate-1", device: "10.0.0.7" }, { 10: 99 });
      expect(await deps.store.pauses({ box: "gate-1", device: null }, [10, 11, 13])).toEqual({ 10: 5, 11: 8 });
      expect(await deps.store.pauses({ box: "gate-1", device: "10.0.0.7" }, [10])).toEqual({ 10: 99 });
      expect(await deps.store.pauses({ box: "gate-2", device: null }, [10])).toEqual({});
    });

    it("keeps when Gatepost received", async () => {
      await deps.store.putReception({ since: 1, until: 2, gaps: [] });
      await deps.second.putReception({ since: 1, until: 3, gaps: [[0, 1]] });
      expect(await deps.store.reception()).toEqual({ since: 1, until: 3, gaps: [[0, 1]] });
    });
  });

  describe(`on ${name}, boxes`, () => {
    let deps: BoxStoreUnderTest;
    let now: number;
    let put: BusEntry[];
    let isBusDown: boolean;
    const bus: ActionBus = {
      async put(entry) {
        if (isBusDown) throw new Error("the bus is down");
        return put.push(entry) > 0;
      },
    };
    const logged: string[] = [];
    const line = (message: string) => void logged.push(message);
    const boxesOn = (store: BoxStore) =>
      new Boxes({
        store,
        bus,
        hours,
        clock: () => now,
        log: { info: line, warn: line, error: line },
        show: async (shown) => showBox(shown, { hours, now, pauses: {}, notices: [], rhythm: null, isCounted: true }),
      });
    const told = () => put.map(({ id, detailType, detail }) => [detailType, id, "since" in detail && detail.since]);

    beforeEach(async () => {
      deps = await open();
      now = noon;
      put = [];
      isBusDown = false;
    });
    afterEach(() => deps.close());

    const heard = (at: number, changes = {}) =>
      signOfReport("gate-1", report({ receivedAt: at, time: at, ...changes }));

    /** Looks each minute until a time, as a process does that runs. */
    async function lookUntil(time: number, boxes: Boxes, isRestart = false): Promise<void> {
      if (isRestart) await boxes.receivedUntil(now, true);
      await boxes.check(now);
      while (now < time) {
        if (skipsIdle) await skipIdle(time);
        now = Math.min(now + minute, time);
        await boxes.check(now);
      }
    }

    /** Comes to the minute before a box is due: all that looks would leave until then is how long reports were received. */
    async function skipIdle(time: number): Promise<void> {
      const [found] = await deps.store.getAll(["gate-1"]);
      const next = Math.min(found?.record.lookAt ?? time, time);
      const idle = Math.ceil((next - now) / minute) - 1;
      const reception = await deps.store.reception();
      if (idle < 2 || reception === null) return;
      now += idle * minute;
      await deps.store.putReception({ ...reception, until: now });
    }

    it("keep all that several writers set at once, while signs arrive", async () => {
      const [one, other] = [boxesOn(deps.store), boxesOn(deps.second)];
      const keys = ["10.0.0.7", "10.0.0.8"].map((id) => deviceKey("gate-1", id));
      await Promise.all([
        one.set("gate-1", { name: "South gate" }),
        other.set("gate-1", { device: { key: keys[0] ?? "", direction: "in" } }),
        one.set("gate-1", { device: { key: keys[1] ?? "", label: "Gate S2" } }),
        other.note([[signOfReport("gate-1", report({ receivedAt: now }))]]),
      ]);
      const { record: kept } = (await deps.store.get("gate-1")) ?? {};
      expect(kept?.name).toBe("South gate");
      expect(kept?.activity?.life?.last).toBe(now);
      expect(kept?.deviceSettings).toEqual({
        [keys[0] ?? ""]: { label: null, direction: "in", counts: true },
        [keys[1] ?? ""]: { label: "Gate S2", direction: null, counts: true },
      });
    });

    it("become silent once after an hour in their first week, and recover once", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      await lookUntil(noon + hour - minute, boxes);
      expect(put).toEqual([]);
      await lookUntil(noon + 3 * hour, boxes);
      expect(told()).toEqual([["Box Silent", expect.stringMatching(/^box_/), "2026-11-20T12:00:00.000Z"]]);
      expect(put[0]?.detail).toMatchObject({ box: { id: "gate-1", state: "silent" }, device: null });
      await boxes.note([[heard(now, { device: {} })]]);
      await lookUntil(now + 10 * minute, boxes);
      expect(told()[1]).toEqual(["Box Recovered", expect.stringMatching(/^box_/), "2026-11-20T12:00:00.000Z"]);
      expect(put).toHaveLength(2);
      expect(put[1]?.detail).toMatchObject({ box: { id: "gate-1", state: "reports" } });
    });

    it("have an unknown action announced once a day", async () => {
      const [one, other] = [boxesOn(deps.store), boxesOn(deps.second)];
      const ask = (boxes: Boxes, at: number, wantAction: string) => {
        now = at;
        return boxes.note([[heard(at, { wantAction })]]);
      };
      await one.check(now);
      for (const known of ["0", "1001", "1002"]) await ask(one, noon, known);
      await ask(one, noon + minute, "1003");
      await ask(other, noon + 2 * minute, "1003");
      await ask(one, noon + 3 * minute, "1004");
      // A report that was received before, as of a replay.
      await ask(other, noon - minute, "1003");
      expect(put).toMatchObject([
        {
          detailType: "Unknown Action Requested",
          detail: {
            box: { id: "gate-1" },
            device: null,
            since: "2026-11-20T12:01:00.000Z",
            wantAction: "1003",
            dialect: "history-nested",
          },
        },
      ]);
      await ask(other, noon + day, "x".repeat(10_000));
      expect(put).toHaveLength(2);
      expect(JSON.stringify(put[1]).length).toBeLessThan(5000);
      isBusDown = true;
      await ask(one, noon + 2 * day, "1003");
      isBusDown = false;
      now += 2 * minute;
      await other.check(now);
      expect(new Set(put.map(({ id }) => id)).size).toBe(3);
    });

    it("are announced once by two processes that look at the same time", async () => {
      const [one, other] = [boxesOn(deps.store), boxesOn(deps.second)];
      await one.check(now);
      await one.note([[heard(noon, { device: {} })]]);
      for (now = noon; now <= noon + 2 * hour; now += 2 * minute) {
        if (skipsIdle) await skipIdle(noon + 2 * hour);
        await Promise.all([one.check(now), other.check(now)]);
      }
      expect(told().map(([type]) => type)).toEqual(["Box Silent"]);
      await Promise.all([one.note([[heard(now, { device: {} })]]), other.note([[heard(now + 1, { device: {} })]])]);
      await Promise.all([one.check(now), other.check(now)]);
      expect(told().map(([type]) => type)).toEqual(["Box Silent", "Box Recovered"]);
    });

    it("are announced by the next process, with the same id, if the bus failed", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      await lookUntil(noon + 59 * minute, boxes);
      isBusDown = true;
      await lookUntil(noon + 65 * minute, boxes);
      expect(put).toEqual([]);
      isBusDown = false;
      const next = boxesOn(deps.second);
      await lookUntil(noon + 70 * minute, next, true);
      expect(told().map(([type]) => type)).toEqual(["Box Silent"]);
    });

    it("are not silent because Gatepost was restarted, however long that took", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      now = noon + 30 * hour;
      const next = boxesOn(deps.second);
      await lookUntil(now + 59 * minute, next, true);
      expect(put).toEqual([]);
      await lookUntil(now + 2 * minute, next);
      expect(told().map(([type]) => type)).toEqual(["Box Silent"]);
    });

    it("are silent an hour after a clock that was ahead was set right", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: { ip: "10.0.0.7" } })]]);
      now = noon + 365 * day;
      await boxes.check(now);
      await boxes.note([[heard(now, { device: { ip: "10.0.0.7" } })]]);
      await boxes.check(now);
      now = noon + 5 * minute;
      await lookUntil(noon + 64 * minute, boxes);
      expect(put).toEqual([]);
      await lookUntil(noon + 66 * minute, boxes);
      expect(told()).toEqual([["Box Silent", expect.any(String), "2026-11-20T12:05:00.000Z"]]);
    });

    it("recover after a clock that was ahead was set right", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      now = noon + 365 * day;
      await boxes.check(now);
      await boxes.note([[heard(now, { device: { ip: "10.0.0.7" } })]]);
      await lookUntil(now + 2 * hour, boxes);
      now = noon + 5 * minute;
      await boxes.check(now);
      now += minute;
      await boxes.note([[heard(now, { device: { ip: "10.0.0.7" } })]]);
      await lookUntil(now + 50 * minute, boxes);
      expect(told().map(([type]) => type)).toEqual(["Box Silent", "Box Recovered"]);
      const record = (await deps.store.get("gate-1"))?.record;
      expect(record?.activity?.life).toMatchObject({ last: noon + 6 * minute });
      expect(record?.activity?.devices["10.0.0.7"]).toMatchObject({ last: noon + 6 * minute });
      expect(Object.values(record?.activity?.days ?? {})).toMatchObject([{ reports: 1 }]);
    });

    it("stay silent through a restart, and are not announced again", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      await lookUntil(noon + 2 * hour, boxes);
      now += day;
      await lookUntil(now + hour, boxesOn(deps.second), true);
      expect(told().map(([type]) => type)).toEqual(["Box Silent"]);
    });

    it("live by any report, notice and unread body, and not by refused requests", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      const notice = { box: "gate-1", kind: "status" as const, report: { gateway_sn: "1" } };
      for (const sign of [
        (at: number) => signOfNotice({ ...notice, receivedAt: at }),
        (at: number) => ({ box: "gate-1", kind: "unread" as const, receivedAt: at }),
      ]) {
        await lookUntil(now + 50 * minute, boxes);
        await boxes.note([[sign(now)]]);
      }
      const last = now;
      await lookUntil(last + 50 * minute, boxes);
      await boxes.note([[{ box: "gate-1", kind: "refused", status: 413, receivedAt: now }]]);
      expect(put).toEqual([]);
      await lookUntil(last + 61 * minute, boxes);
      expect(put).toHaveLength(1);
    });

    it("keep the rhythm of their weeks: nights are quiet, and a quiet morning is not", async () => {
      const boxes = boxesOn(deps.store);
      const start = noon - 8 * day;
      await deps.store.putReception({ since: start, until: start, gaps: [] });
      // Every five minutes from 8 to 18 o'clock.
      for (let from = start; from < noon + 6 * hour; from += hour) {
        now = from + 55 * minute;
        const of = new Date(from).getUTCHours();
        const times = Array.from({ length: 12 }, (_, n) => from + n * 5 * minute);
        if (of < 8 || of >= 18) continue;
        await deps.store.putReception({ since: start, until: Math.max(start, from - hour), gaps: [] });
        await boxes.note([times.map((time) => heard(time, { device: {} }))]);
      }
      now = noon + 6 * hour;
      await deps.store.putReception({ since: start, until: now, gaps: [] });
      await lookUntil(noon + 21 * hour - minute, boxes);
      expect(put).toEqual([]);
      await lookUntil(noon + 21 * hour, boxes);
      expect(told()).toEqual([["Box Silent", expect.any(String), "2026-11-20T17:55:00.000Z"]]);
    });

    it("report a silent device while the box itself is not silent", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: { ip: "10.0.0.7" } }), heard(noon, { device: { ip: "10.0.0.8" } })]]);
      for (let at = 0; at < 7; at += 1) {
        await lookUntil(now + 10 * minute, boxes);
        await boxes.note([[heard(now, { device: { ip: "10.0.0.8" } })]]);
      }
      expect(put.map(({ detailType, detail }) => [detailType, "device" in detail && detail.device])).toEqual([
        ["Box Silent", "10.0.0.7"],
      ]);
      await boxes.note([[heard(now, { device: { ip: "10.0.0.7" } })]]);
      expect(put.map(({ detailType }) => detailType)).toEqual(["Box Silent", "Box Recovered"]);
    });

    it("include their devices in their silence, without separate announcements", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: { ip: "10.0.0.7" } })]]);
      await lookUntil(noon + 3 * hour, boxes);
      expect(put.map(({ detail }) => "device" in detail && detail.device)).toEqual([null]);
      await boxes.note([[heard(now, { device: { ip: "10.0.0.8" } })]]);
      const recovered = now;
      await lookUntil(recovered + 50 * minute, boxes);
      await boxes.note([[heard(now, { device: { ip: "10.0.0.8" } })]]);
      expect(put).toHaveLength(2);
      await lookUntil(recovered + 61 * minute, boxes);
      expect(put.map(({ detail }) => "device" in detail && detail.device)).toEqual([null, null, "10.0.0.7"]);
    });

    it("are judged by what a person has set", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      await boxes.set("gate-1", { afterMs: 15 * minute });
      await lookUntil(noon + 14 * minute, boxes);
      expect(put).toEqual([]);
      await lookUntil(noon + 15 * minute, boxes);
      expect(put).toHaveLength(1);
    });

    it("are announced only once their silence is no longer expected", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      await boxes.set("gate-1", { isExpected: true });
      await lookUntil(noon + 2 * hour, boxes);
      expect(put).toEqual([]);
      expect((await deps.store.get("gate-1"))?.record.silentSince).toBe(noon);
      await boxes.set("gate-1", { isExpected: false });
      await lookUntil(now + 2 * minute, boxes);
      expect(put).toHaveLength(1);
    });

    it("are not looked at while it is unknown whether their reports are noted", async () => {
      const boxes = boxesOn(deps.store);
      await boxes.check(now);
      await boxes.note([[heard(noon, { device: {} })]]);
      for (now = noon; now < noon + 2 * hour; now += minute) await boxes.check(Math.min(now, noon + 5 * minute));
      expect(put).toEqual([]);
      await lookUntil(now + 56 * minute, boxes);
      expect(put).toHaveLength(1);
    });
  });
}
