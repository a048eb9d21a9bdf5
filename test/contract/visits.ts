import type { DirectionSettings } from "@gatepost/core/boxes";
import type { ChangeFeed } from "@gatepost/core/events";
import { PeopleSettings } from "@gatepost/core/people";
import { type Visit, Visits, VisitWatch } from "@gatepost/core/visits";
import { type BusEntry, merge, type Report } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexUnderTest } from "./event-index.ts";
import { day, noon, report, upsert } from "./samples.ts";

const [minute, hour] = [60_000, 3_600_000];

/** Visitors who arrive, over the feed of any store. */
export function visitsContract(
  name: string,
  open: () => Promise<IndexUnderTest & { feed: Pick<ChangeFeed, "read" | "end">; items: Items }>,
): void {
  describe(`${name} announces visitors:`, () => {
    let deps: Awaited<ReturnType<typeof open>>;
    let visits: Visits;
    let now: number;
    let told: BusEntry[];
    let isBusDown: boolean;
    let gate: DirectionSettings["set"];
    beforeEach(async () => {
      deps = await open();
      visits = new Visits(deps.items, libraries);
      [told, isBusDown, gate] = [[], false, null];
      await checkAt(noon - minute);
    });
    afterEach(() => deps.close());

    // gate-1 and lobby share their people.
    const libraries = async () => ({ of: (box: string) => (["gate-1", "lobby"].includes(box) ? "~hq" : box) });

    /** Each check is of another process. */
    const checkAt = async (time: number, announcesEvents = false) => {
      now = time;
      deps.setClock(time);
      const watch = new VisitWatch({
        items: deps.items,
        settings: new PeopleSettings(deps.items),
        feed: deps.feed,
        labels: {
          show: async (events) => events.map(merge),
          gates: async () => () => ({ key: null, set: gate, said: null }),
        },
        libraries,
        bus: {
          async put(entry) {
            if (isBusDown) throw new Error("the bus is down");
            return told.push(entry) > 0;
          },
        },
        announcesEvents,
        clock: () => now,
      });
      await watch.check();
    };
    const set = (one: Parameters<Visits["set"]>[0], at = noon + 30 * day) => visits.set(one, at);
    const visit = (facts: Partial<Visit> = {}) =>
      set({
        action: "act_1",
        person: "v1",
        name: "赵强",
        host: "李静",
        boxes: ["gate-1"],
        madeAt: noon,
        begins: null,
        ends: noon + 8 * hour,
        ...facts,
      });
    const pass = async (
      event: string,
      at: number,
      {
        person = {},
        box = "gate-1",
        receivedAt = at,
        direction,
      }: { person?: Report["person"]; box?: string; receivedAt?: number; direction?: "out" } = {},
    ) => {
      deps.setClock(receivedAt);
      const who = { id: "v1", type: "visitor" as const, ...person };
      const sent = report({ receivedAt, time: at, person: who, device: direction === undefined ? {} : { direction } });
      await deps.index.upsert(upsert(event, { box, now: receivedAt, report: sent, fingerprint: event }));
    };
    const id = (event: string) => upsert(event).eventId;
    const news = () => told.map(({ detail }) => ("visit" in detail ? [detail.eventId, ...detail.flags] : []));

    it("the first passing is told, once, with the visit and the event", async () => {
      await visit();
      await pass("a", noon + minute);
      await pass("b", noon + 2 * minute);
      await checkAt(noon + 3 * minute);
      await checkAt(noon + 4 * minute);
      await pass("a", noon + minute, { person: { name: "repeated" }, receivedAt: noon + 5 * minute });
      await checkAt(noon + 6 * minute);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({
        detailType: "Visitor Arrived",
        time: new Date(noon + minute).toISOString(),
        detail: {
          visit: { action: "act_1", library: "~hq", person: "v1", name: "赵强", host: "李静", validFrom: null },
          flags: [],
          eventId: id("a"),
          box: { id: "gate-1" },
          late: true,
          late_reason: "outage",
        },
      });
      expect(told[0]?.detail).not.toHaveProperty("event");
    });

    it("a box whose clock is behind tells of a visitor, too", async () => {
      await visit();
      await pass("a", noon - 9 * minute, { receivedAt: noon + minute });
      await checkAt(noon + 2 * minute);
      expect(news()).toEqual([[id("a")]]);
    });

    it("has the event if the deployment announces events", async () => {
      await visit();
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute, true);
      expect(told[0]?.detail).toMatchObject({ event: { id: id("a") } });
    });

    it("who comes before the visit is flagged, and is told again in the visit", async () => {
      await visit({ begins: noon + hour });
      for (const [n, at] of [10, 20, 61, 70].entries()) await pass(`p${n}`, noon + at * minute);
      await checkAt(noon + 2 * hour);
      expect(news()).toEqual([[id("p0"), "before-visit"], [id("p2")]]);
      expect(new Set(told.map((entry) => entry.id)).size).toBe(2);
    });

    it("a passing before the approval, after the visit, on the way out, of another person, type or box is none", async () => {
      await visit({ ends: noon + hour });
      await pass("before", noon - 11 * minute);
      await pass("after", noon + hour + minute);
      await pass("other", noon + minute, { person: { id: "v2" } });
      await pass("elsewhere", noon + minute, { box: "depot" });
      await pass("employee", noon + minute, { person: { type: "employee" } });
      await checkAt(noon + 2 * hour);
      gate = { direction: "out", counts: true };
      await pass("out", noon + minute, { receivedAt: noon + 2 * hour });
      await checkAt(noon + 2 * hour);
      expect(news()).toEqual([]);
    });

    it.each([
      { direction: "ignore", counts: true },
      { direction: "out", counts: false },
    ] as const)("a way out that counts for nothing is no way out: %j", async (set) => {
      await visit();
      gate = set;
      await pass("a", noon + minute, { direction: "out" });
      await checkAt(noon + 2 * minute);
      expect(news()).toEqual([[id("a")]]);
    });

    it("another box that shares the people counts, and each visit is told once", async () => {
      await visit({ boxes: ["gate-1", "depot"] });
      await pass("a", noon + minute, { box: "lobby" });
      await pass("b", noon + 2 * minute, { box: "depot" });
      await checkAt(noon + 3 * minute);
      expect(news()).toEqual([[id("a")]]);
    });

    it("a passing that a box has kept is told for a day", async () => {
      await visit({ ends: noon + 30 * hour });
      await pass("old", noon + minute, { receivedAt: noon + 26 * hour });
      await checkAt(noon + 26 * hour);
      expect(news()).toEqual([]);
      await pass("late", noon + 20 * hour, { receivedAt: noon + 31 * hour });
      await checkAt(noon + 31 * hour);
      expect(told).toMatchObject([{ detail: { eventId: id("late"), late: true, late_reason: "history" } }]);
    });

    it("is told after the bus was down", async () => {
      await visit();
      await pass("a", noon + minute);
      isBusDown = true;
      await expect(checkAt(noon + 2 * minute)).rejects.toThrow("the bus is down");
      isBusDown = false;
      await checkAt(noon + 3 * minute);
      expect(news()).toEqual([[id("a")]]);
    });

    it("a visit that is moved is told anew, and one that is prolonged is not", async () => {
      await visit();
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      await visit({ ends: noon + 9 * hour });
      await pass("b", noon + 3 * minute);
      await checkAt(noon + 4 * minute);
      await visit({ begins: noon + hour, ends: noon + 9 * hour });
      await pass("c", noon + 2 * hour);
      await checkAt(noon + 3 * hour);
      expect(news()).toEqual([[id("a")], [id("c")]]);
    });

    it("who comes early is told again once the visit is moved, and not once it is prolonged", async () => {
      await visit({ begins: noon + hour });
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      await visit({ begins: noon + hour, ends: noon + 9 * hour });
      await pass("b", noon + 3 * minute);
      await checkAt(noon + 4 * minute);
      await visit({ begins: noon + 2 * hour, ends: noon + 9 * hour });
      for (const [n, at] of [70, 71, 121, 122].entries()) await pass(`p${n}`, noon + at * minute);
      await checkAt(noon + 3 * hour);
      expect(news()).toEqual([[id("a"), "before-visit"], [id("p0"), "before-visit"], [id("p2")]]);
      expect(new Set(told.map((entry) => entry.id)).size).toBe(3);
    });

    it("a visit is among those of an earlier day once its visitor has come early", async () => {
      await visit({ begins: noon + day, ends: noon + day + hour });
      const today = async () => (await visits.between(noon, noon + hour)).length;
      expect(await today()).toBe(0);
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      expect(await today()).toBe(1);
      await visit({ begins: noon + day + minute, ends: noon + day + hour });
      expect(await today()).toBe(0);
    });

    it("the next visit of the same action is told anew, and an approval that changes a visit is none", async () => {
      await visit({ ends: noon + hour });
      await visit({ ends: noon + hour, madeAt: noon + 30 * minute });
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      const next = { madeAt: noon + 2 * hour, ends: noon + 4 * hour };
      await visit(next);
      await visit({ ...next, madeAt: noon + 3 * hour });
      expect(await visits.between(noon, noon + day)).toMatchObject([{ madeAt: noon + 2 * hour }]);
      await pass("b", noon + 2 * hour + minute);
      await pass("c", noon + 2 * hour + 2 * minute);
      await checkAt(noon + 3 * hour);
      expect(news()).toEqual([[id("a")], [id("b")]]);
      expect(new Set(told.map((entry) => entry.id)).size).toBe(2);
    });

    it("a later approval at another box that shares the people replaces the visit", async () => {
      await visit();
      await visit({ action: "act_2", boxes: ["lobby"], host: "Grace" });
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      expect(told.map(({ detail }) => "visit" in detail && detail.visit.host)).toEqual(["Grace"]);
      await visits.replaceOthers({ action: "act_3", person: "v1", boxes: ["gate-1"], orderedAt: noon }, noon);
      expect(await visits.between(noon, noon + day)).toEqual([]);
    });

    it("a visit that another one replaced counts again where that is undone, and is told only once", async () => {
      await visit({ boxes: ["gate-1", "depot"] });
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      await visit({ action: "act_2", boxes: ["lobby"], host: "Grace" });
      const hosts = async () => (await visits.of(" v1")).map(({ host, boxes }) => `${host} ${boxes}`).sort();
      expect(await hosts()).toEqual(["Grace lobby", "李静 depot"]);
      await visits.remove("act_2");
      await visits.restore({ action: "act_1", boxes: ["lobby"] }, noon);
      expect(await hosts()).toEqual(["李静 gate-1,depot"]);
      await pass("b", noon + 3 * minute);
      await checkAt(noon + 4 * minute);
      expect(news()).toEqual([[id("a")]]);
      await visits.restore({ action: "act_9", boxes: ["lobby"] }, noon);
    });

    it("of two visits that were replaced, that of the later order counts again", async () => {
      await visit();
      await visit({ action: "act_2", boxes: ["lobby"], host: "Grace", madeAt: noon + 1 });
      const last = { action: "act_3", person: "v1", boxes: ["gate-1"], orderedAt: noon + 2 };
      for (const actions of [
        ["act_1", "act_2"],
        ["act_2", "act_1"],
      ]) {
        await visits.replaceOthers(last, noon + 2);
        expect(await visits.of("v1")).toEqual([]);
        for (const action of actions) await visits.restore({ action, boxes: ["gate-1"] }, noon + 3);
        expect((await visits.of("v1")).map(({ host }) => host)).toEqual(["Grace"]);
      }
    });

    it("a repeated or earlier order changes nothing of a later one", async () => {
      await visit();
      await visit({ action: "act_2", host: "Grace", madeAt: noon + 1 });
      const hosts = async () => (await visits.of("v1")).map(({ host }) => host);
      await visit();
      expect(await hosts()).toEqual(["Grace"]);
      const earlier = { action: "act_3", person: "v1", boxes: ["gate-1"], orderedAt: noon };
      expect(await visits.replaceOthers(earlier, noon + 1)).toEqual(["gate-1"]);
      expect(await hosts()).toEqual(["Grace"]);
      await visit({ action: "act_4", boxes: ["lobby", "depot"] });
      expect((await visits.of("v1")).flatMap(({ boxes }) => boxes).sort()).toEqual(["depot", "gate-1"]);
      await visits.remove("act_4");
      // The clock was set back since.
      await visits.replaceOthers(earlier, noon);
      expect(await hosts()).toEqual([]);
      await visit({ madeAt: noon + 2 });
      expect(await hosts()).toEqual(["李静"]);
    });

    it("the visit of the last of some orders counts that are given at the same time", async () => {
      const orders = [0, 1, 2, 3].map((n) => visit({ action: `act_${n}`, madeAt: noon + n }));
      await Promise.all(orders);
      expect((await visits.of("v1")).map(({ action }) => action)).toEqual(["act_3"]);
    });

    it("a visit is replaced by orders at the same time", async () => {
      await visit({ boxes: ["gate-1", "depot", "yard"] });
      const order = (box: string) => ({ action: `act_${box}`, person: "v1", boxes: [box], orderedAt: noon });
      await Promise.all(["gate-1", "depot"].map((box) => visits.replaceOthers(order(box), noon)));
      expect((await visits.of("v1")).map(({ boxes }) => boxes)).toEqual([["yard"]]);
    });

    it("a visit has ended at its end", async () => {
      await visit({ ends: noon + hour });
      expect(await visits.between(noon + hour - 1, noon + day)).toHaveLength(1);
      expect(await visits.between(noon + hour, noon + day)).toEqual([]);
    });

    it("a visit that was undone, or replaced by a later approval, is none", async () => {
      await visit();
      await visits.remove("act_1");
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      expect(news()).toEqual([]);
      await visit();
      await visit({ action: "act_2", host: "Grace" });
      await visit({ action: "act_3", boxes: ["depot"] });
      expect((await visits.between(noon, noon + day)).map(({ action }) => action).sort()).toEqual(["act_2", "act_3"]);
      await pass("b", noon + 3 * minute);
      await checkAt(noon + 4 * minute);
      expect(told.map(({ detail }) => "visit" in detail && detail.visit.host)).toEqual(["Grace"]);
    });

    it("no one while people are off, and the visits are removed with the other data", async () => {
      await visit();
      const settings = new PeopleSettings(deps.items);
      await settings.set({ isOn: false, hoursDays: null });
      await pass("a", noon + minute);
      await checkAt(noon + 2 * minute);
      expect(news()).toEqual([]);
      expect(await visits.between(noon, noon + day)).toHaveLength(1);
      await settings.forget();
      expect(await visits.between(noon, noon + day)).toEqual([]);
    });
  });
}
