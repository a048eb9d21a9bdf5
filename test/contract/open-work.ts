import type { ActionOutbox } from "@gatepost/core/actions";
import type { EventIndex } from "@gatepost/core/events";
import type { Quarantine } from "@gatepost/core/quarantine";
import type { OpenWork } from "@gatepost/core/statistics";
import { actionId, idOf } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { action, day, noon, upsert } from "./samples.ts";

export interface OpenWorkUnderTest {
  index: EventIndex;
  actions: ActionOutbox;
  quarantine: Quarantine;
  work: OpenWork;
  setClock(now: number): void;
  close(): Promise<void>;
}

const all = { boxes: null, since: null };

/** What every counter of open work promises. */
export function openWorkContract(name: string, open: () => Promise<OpenWorkUnderTest>): void {
  describe(`${name} counts open work:`, () => {
    let deps: OpenWorkUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const enqueue = (event: string, box = "gate-1") =>
      deps.index.upsert(upsert(event, { box, action: action(event, "1001") }));
    const keep = (id: string, overrides: Partial<Parameters<Quarantine["put"]>[0]> = {}) =>
      deps.quarantine.put({
        id: idOf("qrt", [id]),
        box: "gate-1",
        path: "/HistoryEvent",
        reason: "not-json",
        receivedAt: noon,
        headers: {},
        event: null,
        body: Buffer.from("{"),
        ...overrides,
      });

    it("actions by state, of all boxes and of some", async () => {
      for (const event of ["a", "b", "c", "d"]) await enqueue(event);
      await enqueue("e", "lobby");
      const actionOf = (event: string) => actionId(idOf("evt", [event]), "1001");
      await deps.actions.markAnnounced(actionOf("b"), true);
      await deps.actions.settle(actionOf("c"), "failed", null);
      await deps.actions.settle(actionOf("d"), "done", null);
      await expect.poll(() => deps.work.actions(all)).toEqual({ pending: 2, announced: 1, failed: 1 });
      expect(await deps.work.actions({ boxes: ["lobby"] })).toEqual({ pending: 1, announced: 0, failed: 0 });
      expect(await deps.work.actions({ boxes: [] })).toEqual({ pending: 0, announced: 0, failed: 0 });
    });

    it("records in quarantine, of all boxes and of some, and since a time", async () => {
      await keep("a");
      await keep("b", { receivedAt: noon + 1000 });
      await keep("c", { box: "lobby", receivedAt: noon + 2000 });
      await expect.poll(() => deps.work.quarantined(all)).toBe(3);
      expect(await deps.work.quarantined({ boxes: ["lobby"], since: null })).toBe(1);
      expect(await deps.work.quarantined({ boxes: null, since: noon + 1000 })).toBe(2);
      expect(await deps.work.quarantined({ boxes: ["gate-1"], since: noon + 1000 })).toBe(1);
      expect(await deps.work.quarantined({ boxes: ["gate-1"], since: noon + 1001 })).toBe(0);
    });

    it("no expired record, however long ago the last look was", async () => {
      await keep("a");
      await expect.poll(() => deps.work.quarantined(all)).toBe(1);
      deps.setClock(noon + 90 * day + 1);
      expect(await deps.work.quarantined({ boxes: null, since: noon - day })).toBe(0);
      expect(await deps.work.quarantined(all)).toBe(0);
    });
  });
}
