import { maxRemovals, Removals, removalLifetimeMs } from "@gatepost/core/removals";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

/** Removals, on any driver of the record store. */
export function removalsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of a store of removals:`, () => {
    let opened: OpenedItems;
    let removals: Removals;
    let logged: ReturnType<typeof keptLog>;
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon + 1000);
      logged = keptLog();
      removals = new Removals(opened.items, logged.log);
    });
    afterEach(() => opened.close());

    const ask = (id: string, box: string, at = noon) => removals.ask({ id: `rem_${id}`, box, person: "888031", at });
    const waiting = async (boxes: readonly string[] | null = null, now = noon + 1000) =>
      (await removals.waiting(boxes, now)).map(({ id }) => id);

    it("lists waiting removals, the oldest first, of all boxes or some", async () => {
      await ask("b", "lobby", noon + 2);
      await ask("a", "gate-1", noon + 1);
      await ask("c", "gate-1", noon + 3);
      expect(await waiting()).toEqual(["rem_a", "rem_b", "rem_c"]);
      expect(await waiting(["gate-1"])).toEqual(["rem_a", "rem_c"]);
      expect(await waiting([])).toEqual([]);
      expect(await removals.get("rem_b")).toEqual({
        id: "rem_b",
        box: "lobby",
        person: "888031",
        state: "waiting",
        reason: null,
        at: noon + 2,
        visit: null,
      });
      expect(await removals.get("rem_none")).toBeNull();
    });

    it("lists so many that a box gets them in one answer, the oldest", async () => {
      const ids = Array.from({ length: maxRemovals + 2 }, (_, n) => `${n}`);
      await Promise.all(ids.map((id, n) => ask(id, "gate-1", noon - n)));
      expect(await waiting()).toEqual(
        ids
          .slice(2)
          .map((id) => `rem_${id}`)
          .reverse(),
      );
    });

    it("forgets its person when it has ended, and keeps the outcome", async () => {
      await ask("a", "gate-1");
      expect(await removals.end("rem_a", { state: "failed", reason: "no answer" })).toBe(true);
      const ended = { id: "rem_a", box: "gate-1", person: null, at: noon, visit: null };
      expect(await removals.get("rem_a")).toEqual({ ...ended, state: "failed", reason: "no answer" });
      expect(await waiting()).toEqual([]);
      expect(await removals.end("rem_a", { state: "done", reason: null })).toBe(true);
      expect(await removals.end("rem_a", { state: "failed", reason: "late" })).toBe(true);
      expect(await removals.get("rem_a")).toEqual({ ...ended, state: "done", reason: null });
      expect(await removals.end("rem_none", { state: "done", reason: null })).toBe(false);
    });

    it("is not asked twice, and not again once it has ended", async () => {
      await ask("a", "gate-1");
      await ask("a", "gate-1");
      expect(await waiting()).toEqual(["rem_a"]);
      await removals.end("rem_a", { state: "done", reason: null });
      await ask("a", "gate-1");
      expect(await waiting()).toEqual([]);
      expect((await removals.get("rem_a"))?.person).toBeNull();
    });

    const visit = { box: "gate-1", person: "s.1", action: "act_1", number: 1, endsAt: noon + 2000, at: noon };
    const setVisit = (one: Parameters<Removals["setVisit"]>[0], now = noon + 1000) => removals.setVisit(one, now);
    const ends = async () => (await removals.waiting(null, noon + 90_000)).map((one) => one.visit?.endsAt);

    it("lists the end of a visit once it is due, behind earlier removals", async () => {
      await setVisit(visit);
      await setVisit({ ...visit, person: "s.2", endsAt: noon + 3000 });
      await ask("a", "gate-1", noon + 1);
      expect(await waiting(null, noon + 1999)).toEqual(["rem_a"]);
      const [, due, ...others] = await removals.waiting(["gate-1"], noon + 2000);
      expect(due).toMatchObject({
        box: "gate-1",
        person: "s.1",
        at: noon + 2000,
        visit: { action: "act_1", endsAt: noon + 2000 },
      });
      expect(others).toEqual([]);
      expect(await waiting(null, noon + 3000)).toHaveLength(3);
    });

    it("keeps one end of a visit for a person at a box, of the last order, and none again after the removal", async () => {
      await setVisit(visit);
      await setVisit({ ...visit, action: "act_0", endsAt: noon + 4000, at: noon - 1 });
      expect(await ends()).toEqual([noon + 2000]);
      const [set] = await removals.waiting(null, noon + 9000);
      await removals.end(set?.id ?? "", { state: "failed", reason: "no answer" });
      for (const at of [noon, noon + 1]) await setVisit({ ...visit, at });
      await setVisit({ ...visit, action: "act_0", at: noon - 1 });
      await removals.undoVisit(visit);
      expect(await ends()).toEqual([]);
      await setVisit({ ...visit, number: 2, endsAt: noon + 5000 });
      expect(await removals.get(set?.id ?? "")).toMatchObject({ person: "s.1", state: "waiting", reason: null });
      await setVisit({ ...visit, number: 3, endsAt: null });
      expect(await ends()).toEqual([]);
      expect(await removals.get(set?.id ?? "")).toBeNull();
    });

    it("has the end of the order before again if one is undone, in any order", async () => {
      const prolonged = { ...visit, action: "act_2", endsAt: noon + 8000, at: noon + 1 };
      const stays = { ...visit, action: "act_3", endsAt: null, at: noon + 2 };
      for (const one of [visit, prolonged, stays, prolonged]) await setVisit(one);
      expect(await ends()).toEqual([]);
      expect(await removals.visitOf(visit)).toBeNull();
      for (const _ of ["once", "again"]) await removals.undoVisit(stays);
      expect(await ends()).toEqual([noon + 8000]);
      expect(await removals.visitOf(visit)).toEqual({ action: "act_2", endsAt: noon + 8000 });
      await removals.undoVisit(prolonged);
      expect(await removals.visitOf(visit)).toEqual({ action: "act_1", endsAt: noon + 2000 });
      await setVisit(prolonged);
      await removals.undoVisit(visit);
      expect(await ends()).toEqual([noon + 8000]);
      await removals.undoVisit(prolonged);
      expect(await ends()).toEqual([]);
    });

    it("has the end of the last order after the clock was set back, also after the removal", async () => {
      await setVisit(visit);
      const [hour, then] = [3_600_000, noon - 3_600_000];
      const later = { ...visit, action: "act_2", endsAt: noon + hour, at: then };
      await setVisit(later, then + 5);
      expect(await removals.visitOf(visit)).toEqual({ action: "act_2", endsAt: noon + hour });
      await setVisit({ ...later, action: "act_3", endsAt: noon, at: then + 10 }, noon + 1000);
      await removals.undoVisit({ ...visit, action: "act_3" });
      expect(await removals.visitOf(visit)).toEqual({ action: "act_2", endsAt: noon + hour });
      const [due] = await removals.waiting(null, noon + hour);
      await removals.end(due?.id ?? "", { state: "done", reason: null });
      const next = { ...later, action: "act_4", at: then - hour };
      await setVisit(next, noon + hour);
      expect(await removals.visitOf(visit)).toBeNull();
      await setVisit(next, then - hour + 5);
      expect(await removals.visitOf(visit)).toEqual({ action: "act_4", endsAt: noon + hour });
    });

    it("keeps the ends of the last two hundred orders", async () => {
      for (let n = 0; n <= 200; n++) await setVisit({ ...visit, action: `act_${n}`, endsAt: noon + n, at: noon + n });
      for (let n = 200; n > 0; n--) {
        expect(await ends()).toEqual([noon + n]);
        await removals.undoVisit({ ...visit, action: `act_${n}` });
      }
      expect(await ends()).toEqual([]);
    });

    it("keeps the ends of orders at the same time", async () => {
      const orders = [0, 1, 2, 3].map((n) => ({ ...visit, action: `act_${n}`, endsAt: noon + n, at: noon + n }));
      await Promise.all(orders.map((one) => setVisit(one)));
      for (const [n, one] of [...orders.entries()].toReversed()) {
        expect(await ends()).toEqual([noon + n]);
        await removals.undoVisit(one);
      }
      expect(await ends()).toEqual([]);
    });

    it("is forgotten after thirty days, even if no box took it", async () => {
      await ask("a", "gate-1");
      opened.setClock(noon + removalLifetimeMs - 1000);
      expect(await waiting()).toEqual(["rem_a"]);
      opened.setClock(noon + removalLifetimeMs);
      expect(await waiting()).toEqual([]);
      expect(await removals.get("rem_a")).toBeNull();
      expect(await removals.end("rem_a", { state: "done", reason: null })).toBe(false);
    });
  });
}
