import type { ActionBus } from "@gatepost/core/actions";
import type { EventIndex } from "@gatepost/core/events";
import { actionRequested, type BusEntry, type EventAction, eventRecorded } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Envelope } from "../support/subscriber.ts";
import { action, upsert } from "./samples.ts";

export interface BusUnderTest {
  bus: ActionBus;
  index: EventIndex;
  /** Makes a rule. The returned list has its deliveries so far, in any order. */
  addRule(pattern: object): Promise<{ delivered(): Promise<readonly Envelope[]> }>;
  close(): Promise<void>;
}

const announcing = { addressOf: () => ({ bucket: null, key: "x" }), now: Date.now() };

export function actionBusContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the promises of a bus:`, () => {
    let deps: BusUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    const store = async (event: string, enqueued: EventAction) => {
      const { event: stored } = await deps.index.upsert(upsert(event, { action: enqueued }));
      if (stored === null) throw new Error("stored before");
      return stored;
    };
    const requested = async (event: string, wantAction: "1001" | "1002"): Promise<BusEntry> => {
      const enqueued = action(event, wantAction);
      return actionRequested(await store(event, enqueued), enqueued, announcing);
    };
    const wants = (...wantActions: string[]) => ({ source: ["gatepost"], detail: { want_action: wantActions } });
    const keys = (envelopes: readonly Envelope[]) => envelopes.map(({ detail }) => detail.idempotency_key);

    it("delivers an entry to each matching rule, and to no other", async () => {
      const [first, second, both] = [
        await deps.addRule(wants("1001")),
        await deps.addRule(wants("1002")),
        await deps.addRule(wants("1001", "1002")),
      ];
      const [one, two] = [await requested("one", "1001"), await requested("two", "1002")];
      await deps.bus.put(one);
      await deps.bus.put(two);
      await expect.poll(async () => keys(await both.delivered()).sort()).toEqual([one.id, two.id].sort());
      await expect.poll(async () => keys(await first.delivered())).toEqual([one.id]);
      await expect.poll(async () => keys(await second.delivered())).toEqual([two.id]);
    });

    it("delivers the entry whole, in the envelope of EventBridge", async () => {
      const rule = await deps.addRule(wants("1001"));
      const entry = await requested("whole", "1001");
      await deps.bus.put(entry);
      await expect
        .poll(() => rule.delivered())
        .toMatchObject([
          { source: "gatepost", "detail-type": entry.detailType, detail: JSON.parse(JSON.stringify(entry.detail)) },
        ]);
    });

    it("matches an entry about a recorded event by its detail-type", async () => {
      const rule = await deps.addRule({ "detail-type": ["Face Event Recorded"] });
      const enqueued = action("recorded", "1001");
      const stored = await store("recorded", enqueued);
      await deps.bus.put(actionRequested(stored, enqueued, announcing));
      await deps.bus.put(eventRecorded(stored, announcing));
      await expect.poll(() => rule.delivered()).toMatchObject([{ detail: { event: { id: stored.id } } }]);
    });

    it("accepts an entry that no rule wants", async () => {
      await deps.addRule(wants("1002"));
      await expect(deps.bus.put(await requested("unwanted", "1001"))).resolves.toBeTypeOf("boolean");
    });

    it("accepts an entry again, and delivers it at most under the same idempotency key", async () => {
      const rule = await deps.addRule(wants("1001"));
      const entry = await requested("again", "1001");
      await deps.bus.put(entry);
      await deps.bus.put(entry);
      const last = await requested("last", "1001");
      await deps.bus.put(last);
      await expect.poll(async () => new Set(keys(await rule.delivered()))).toEqual(new Set([entry.id, last.id]));
    });
  });
}
