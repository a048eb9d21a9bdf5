import { AlarmRecords, AlarmWatch } from "@gatepost/core/alarms";
import type { ChangeFeed } from "@gatepost/core/events";
import type { BusEntry, Report } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexUnderTest } from "./event-index.ts";
import { noon, report, upsert } from "./samples.ts";

const minute = 60_000;

/** Alarms that no person acknowledges, over the feed and the marks of any store. */
export function alarmsContract(
  name: string,
  open: () => Promise<IndexUnderTest & { feed: Pick<ChangeFeed, "read" | "end">; items: Items }>,
): void {
  describe(`${name} announces unacknowledged alarms:`, () => {
    let deps: Awaited<ReturnType<typeof open>>;
    let settings: AlarmRecords;
    let now: number;
    let told: BusEntry[];
    let isBusDown: boolean;
    beforeEach(async () => {
      deps = await open();
      settings = new AlarmRecords(deps.items);
      [told, isBusDown] = [[], false];
      await checkAt(noon);
    });
    afterEach(() => deps.close());

    const watch = () =>
      new AlarmWatch({
        items: deps.items,
        settings,
        feed: deps.feed,
        events: deps.reader,
        marks: deps.seen,
        libraries: async () => ({ of: (box) => box }),
        bus: {
          async put(entry) {
            if (isBusDown) throw new Error("the bus is down");
            return told.push(entry) > 0;
          },
        },
        announcesEvents: false,
        clock: () => now,
      });
    /** Each check is of another process. */
    const checkAt = async (time: number) => {
      now = time;
      deps.setClock(time);
      await watch().check();
    };
    const id = (event: string) => upsert(event).eventId;
    const pass = async (event: string, at: number, person: Report["person"] = { id: "b1", type: "blacklist" }) => {
      deps.setClock(at);
      await deps.index.upsert(upsert(event, { now: at, report: report({ receivedAt: at, time: at, person }) }));
    };
    const details = () => told.map(({ detail }) => detail);

    it("a person's passings are one entry, and are told once", async () => {
      await pass("a", noon + 1000);
      await pass("b", noon + 2000);
      await pass("other", noon + 3000, { id: "e1", type: "employee" });
      await pass("stranger", noon + 3000, { type: "stranger" });
      await checkAt(noon + 4 * minute);
      expect(told).toEqual([]);
      await checkAt(noon + 6 * minute);
      const since = new Date(noon + 1000).toISOString();
      expect(details()).toEqual([{ events: [id("b"), id("a")], since, minutes: 5 }]);
      expect(told[0]).toMatchObject({ detailType: "Alarm Not Acknowledged", source: "gatepost" });
      await deps.index.upsert(upsert("a", { now, report: report({ kind: "realtime", receivedAt: now }) }));
      for (const minutes of [7, 14, 60]) await checkAt(noon + minutes * minute);
      expect(told).toHaveLength(1);
      await pass("c", noon + 61 * minute);
      await checkAt(noon + 67 * minute);
      expect(details().at(-1)).toMatchObject({ events: [id("c")] });
    });

    it("an acknowledged passing is not told, unless that is taken back in time", async () => {
      await pass("a", noon + 1000);
      await pass("b", noon + 1000, { id: "b2", type: "blacklist" });
      const by = { id: "acc_1", name: null };
      const marked = { reason: null, note: null, by, events: new Map([[id("a"), "gate-1"]]) };
      await deps.acknowledgements.acknowledge({ id: "ack_1", ...marked });
      await deps.acknowledgements.acknowledge({ id: "ack_2", ...marked, events: new Map([[id("b"), "gate-1"]]) });
      await checkAt(noon + 2 * minute);
      await deps.acknowledgements.takeBack("ack_2", { events: [id("b")], boxes: ["gate-1"] });
      await checkAt(noon + 6 * minute);
      expect(details()).toMatchObject([{ events: [id("b")] }]);
    });

    it("an erased event is not told", async () => {
      await pass("a", noon + 1000);
      await checkAt(noon + 2 * minute);
      await deps.eraser.eraseEvent(id("a"));
      await checkAt(noon + 6 * minute);
      expect(told).toEqual([]);
    });

    it("an entry that the bus did not take is put there by the next check", async () => {
      await pass("a", noon + 1000);
      isBusDown = true;
      await expect.poll(() => checkAt(noon + 6 * minute).then(String, String)).toContain("the bus is down");
      isBusDown = false;
      await checkAt(noon + 7 * minute);
      expect(details()).toMatchObject([{ events: [id("a")] }]);
    });

    it("a passing that is received hours later is told after the same time", async () => {
      deps.setClock(noon + minute);
      const late = report({
        receivedAt: noon + minute,
        time: noon - 300 * minute,
        person: { id: "b1", type: "blacklist" },
      });
      await deps.index.upsert(upsert("late", { now: noon + minute, report: late }));
      await checkAt(noon + 5 * minute);
      expect(told).toEqual([]);
      await checkAt(noon + 7 * minute);
      expect(told).toHaveLength(1);
    });

    it("nothing is told while it is off, and nothing of that time afterwards", async () => {
      await settings.write({ tellAfterMinutes: null });
      expect(await settings.read()).toEqual({ tellAfterMinutes: null });
      await checkAt(noon + 1000);
      await pass("a", noon + 2000);
      await checkAt(noon + 60 * minute);
      await settings.write({ tellAfterMinutes: 1 });
      await checkAt(noon + 61 * minute);
      await pass("b", noon + 62 * minute);
      await checkAt(noon + 64 * minute);
      expect(details()).toMatchObject([{ events: [id("b")], minutes: 1 }]);
    });
  });
}
