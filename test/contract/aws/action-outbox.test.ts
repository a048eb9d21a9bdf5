import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { action, day, noon, upsert } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("actions in DynamoDB", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const enqueue = async (event: string, overrides = {}) => {
      const enqueued = action(event, "1001", overrides);
      await deps.ingest.index.upsert(upsert(event, { action: enqueued, expiresAt: noon + day }));
      return enqueued.id;
    };
    const lease = (limit = 100) => {
      deps.setClock(noon + 60_000);
      return deps.ingest.actions.lease({ before: noon, until: noon + 120_000, limit });
    };

    it("are taken the oldest first, over all shards", async () => {
      const order = Array.from({ length: 20 }, (_, n) => `e${n}`);
      for (const [n, event] of order.entries()) await enqueue(event, { at: new Date(noon - 1000 + n).toISOString() });
      const taken = [...(await lease(15)), ...(await lease(15))];
      expect(taken.map(({ event }) => event.id)).toEqual(order.map((event) => upsert(event).eventId));
    });

    it("cost nothing to look for where none is pending but one question a shard", async () => {
      await deps.ingest.actions.markAnnounced(await enqueue("a"));
      const calls = countCalls(deps.clients);
      expect(await lease()).toEqual([]);
      expect(calls).toEqual({ QueryCommand: 16 });
    });

    it("of both kinds on one event are each taken, and each announced for itself", async () => {
      const id = await enqueue("a");
      await deps.ingest.index.upsert(upsert("a", { action: action("a", "1002") }));
      expect((await lease()).map((taken) => taken.action.wantAction).sort()).toEqual(["1001", "1002"]);
      await deps.ingest.actions.markAnnounced(id);
      const pending = await deps.reads.actionReader.list({ states: ["pending"] }, { limit: 10, cursor: null });
      expect(pending.items.map(({ wantAction }) => wantAction)).toEqual(["1002"]);
    });
  });
});
