import type { ActionOutbox, EventIndex } from "@gatepost/ingest";
import type { WantAction } from "@gatepost/protocol";
import type { EventReader } from "@gatepost/query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { action, day, noon, upsert } from "./samples.ts";

export interface LedgerUnderTest {
  index: EventIndex;
  reader: EventReader;
  actions: ActionOutbox;
  setClock(now: number): void;
  close(): Promise<void>;
}

const minute = 60_000;

/** What every ledger of actions promises. */
export function actionLedgerContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the promises of a ledger of actions:`, () => {
    let deps: LedgerUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const arm = async (event: string, wantAction: WantAction = "1001", overrides = {}) => {
      const armed = action(event, wantAction, overrides);
      await deps.index.upsert(upsert(event, { action: armed }));
      return armed.id;
    };
    const stateOf = async (event: string) => (await deps.reader.get(upsert(event).eventId))?.actions[0];
    const lease = (at: number, limit = 100) => {
      deps.setClock(at);
      return deps.actions.lease({ before: at - minute, until: at + minute, limit });
    };

    it("leases what is pending for long enough, with its event", async () => {
      const id = await arm("a");
      expect(await lease(noon + minute - 1)).toEqual([]);
      const [taken] = await lease(noon + minute);
      expect(taken).toMatchObject({ action: { id, state: "pending" }, event: { id: upsert("a").eventId } });
      expect(taken?.event.reports).toHaveLength(1);
    });

    it("gives each action to exactly one of many that sweep at once", async () => {
      for (let i = 0; i < 30; i++) await arm(`race ${i}`);
      deps.setClock(noon + 2 * minute);
      const sweeps = await Promise.all(Array.from({ length: 8 }, () => lease(noon + 2 * minute)));
      const ids = sweeps.flat().map(({ action: { id } }) => id);
      expect(ids).toHaveLength(30);
      expect(new Set(ids).size).toBe(30);
    });

    it("frees what a sweep held and did not announce once its time is over", async () => {
      await arm("a");
      expect(await lease(noon + minute)).toHaveLength(1);
      expect(await lease(noon + 2 * minute - 1)).toEqual([]);
      expect(await lease(noon + 2 * minute)).toHaveLength(1);
    });

    it("takes no more than asked for", async () => {
      for (let i = 0; i < 5; i++) await arm(`many ${i}`);
      expect(await lease(noon + minute, 3)).toHaveLength(3);
      expect(await lease(noon + minute, 3)).toHaveLength(2);
    });

    it("never leases what was announced, is withheld or is settled", async () => {
      await deps.actions.markAnnounced(await arm("announced"));
      await arm("withheld", "1001", { state: "withheld", reason: "too poor" });
      await deps.actions.settle(await arm("settled"), "done", null);
      expect(await lease(noon + day)).toEqual([]);
      expect((await stateOf("announced"))?.state).toBe("announced");
    });

    it("does not lease what expired with its event", async () => {
      await arm("a");
      expect(await lease(noon + 31 * day)).toEqual([]);
    });

    it("arming again after the announcement changes nothing", async () => {
      await deps.actions.markAnnounced(await arm("a"));
      await arm("a");
      expect((await stateOf("a"))?.state).toBe("announced");
    });

    it("marks only what is pending as announced", async () => {
      const id = await arm("a");
      await deps.actions.settle(id, "failed", "no such person");
      await deps.actions.markAnnounced(id);
      expect(await stateOf("a")).toMatchObject({ state: "failed", reason: "no such person" });
    });

    it("settles as the subscriber says, and a try that failed may still succeed", async () => {
      const id = await arm("a", "1002");
      await deps.actions.markAnnounced(id);
      deps.setClock(noon + 5);
      expect(await deps.actions.settle(id, "failed", "camera offline")).toBe("settled");
      expect(await stateOf("a")).toMatchObject({
        state: "failed",
        reason: "camera offline",
        at: new Date(noon + 5).toISOString(),
      });
      expect(await deps.actions.settle(id, "done", null)).toBe("settled");
      expect(await deps.actions.settle(id, "done", null)).toBe("settled");
      expect(await deps.actions.settle(id, "failed", "late")).toBe("refused");
      expect((await stateOf("a"))?.state).toBe("done");
    });

    it("saying the same twice changes nothing, not even the time; another note is news", async () => {
      const id = await arm("a");
      await deps.actions.settle(id, "failed", "camera offline");
      deps.setClock(noon + 5);
      expect(await deps.actions.settle(id, "failed", "camera offline")).toBe("settled");
      expect(await stateOf("a")).toMatchObject({ at: new Date(noon).toISOString() });
      expect(await deps.actions.settle(id, "failed", "still offline")).toBe("settled");
      expect(await stateOf("a")).toMatchObject({ reason: "still offline", at: new Date(noon + 5).toISOString() });
    });

    it("refuses to settle what is withheld, and says so where there is no such action", async () => {
      const id = await arm("a", "1001", { state: "withheld", reason: "too poor" });
      expect(await deps.actions.settle(id, "done", null)).toBe("refused");
      expect(await deps.actions.settle(action("never", "1001").id, "done", null)).toBe("unknown");
      expect(await deps.actions.settle("act_nonsense", "done", null)).toBe("unknown");
    });
  });
}
