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
    const waiting = async (boxes: readonly string[] | null = null) =>
      (await removals.waiting(boxes)).map(({ id }) => id);

    it("lists waiting removals, the oldest first, of all boxes or some", async () => {
      await ask("b", "lobby", noon + 2);
      await ask("a", "gate-1", noon + 1);
      await ask("c", "gate-1", noon + 3);
      expect(await waiting()).toEqual(["rem_a", "rem_b", "rem_c"]);
      expect(await waiting(["gate-1"])).toEqual(["rem_a", "rem_c"]);
      expect(await waiting([])).toEqual([]);
      expect(await removals.get("rem_b")).toEqual({
        ...{ id: "rem_b", box: "lobby", person: "888031", state: "waiting", reason: null, at: noon + 2 },
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
      const ended = { id: "rem_a", box: "gate-1", person: null, at: noon };
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
