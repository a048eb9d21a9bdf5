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

    it("lists the end of a visit once it is due, behind earlier removals", async () => {
      const visit = { box: "gate-1", person: "s.1", action: "act_1", endsAt: noon + 2000 };
      await removals.setVisit(visit, noon);
      await removals.setVisit({ ...visit, person: "s.2", endsAt: noon + 3000 }, noon);
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

    it("keeps one end of a visit for a person at a box, the last one", async () => {
      const visit = { box: "gate-1", person: "s.1", action: "act_1", endsAt: noon + 2000 };
      const ends = async () => (await removals.waiting(null, noon + 9000)).map((one) => one.visit?.endsAt);
      await removals.setVisit(visit, noon);
      await removals.setMissingVisit({ ...visit, action: "act_2", endsAt: noon + 4000 }, noon);
      expect(await ends()).toEqual([noon + 2000]);
      const [set] = await removals.waiting(null, noon + 9000);
      await removals.end(set?.id ?? "", { state: "failed", reason: "no answer" });
      await removals.setVisit(visit, noon);
      expect(await ends()).toEqual([]);
      await removals.setVisit({ ...visit, endsAt: noon + 5000 }, noon);
      expect(await removals.get(set?.id ?? "")).toMatchObject({ person: "s.1", state: "waiting", reason: null });
      await removals.dropVisit(visit);
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
