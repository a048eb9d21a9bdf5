import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { action, day, noon, upsert } from "../samples.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

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

    it("are leased oldest first, over all shards", async () => {
      const order = Array.from({ length: 20 }, (_, n) => `e${n}`);
      for (const [n, event] of order.entries()) await enqueue(event, { at: new Date(noon - 1000 + n).toISOString() });
      const taken = [...(await lease(15)), ...(await lease(15))];
      expect(taken.map(({ event }) => event.id)).toEqual(order.map((event) => upsert(event).eventId));
    });

    it("cost one query a shard when none is pending", async () => {
      await deps.ingest.actions.markAnnounced(await enqueue("a"), true);
      const calls = countCalls(deps.clients);
      expect(await lease()).toEqual([]);
      expect(calls).toEqual({ QueryCommand: 16 });
    });

    it.each([
      ["announced", (id: string) => deps.ingest.actions.markAnnounced(id, true)],
      ["settled", (id: string) => deps.ingest.actions.settle(id, "done", null)],
      ["withheld", (id: string) => deps.ingest.actions.withhold(id, "too poor")],
    ] as const)("are not leased by a sweep that found them pending before they were %s", async (_, change) => {
      const id = await enqueue("a");
      before(deps.clients.dynamo, "UpdateItemCommand", "SET #h_1001", () => change(id));
      expect(await lease()).toEqual([]);
    });

    it.each([
      ["announced", (id: string) => deps.ingest.actions.markAnnounced(id, true)],
      ["settled", (id: string) => deps.ingest.actions.settle(id, "done", null)],
    ] as const)("have no lease any more once they were %s", async (_, change) => {
      const id = await enqueue("a");
      const leasedUntil = async () => {
        const asked = { TableName: deps.names.table, Key: { pk: { S: upsert("a").eventId } } };
        return (await deps.clients.dynamo.send(new GetItemCommand(asked))).Item?.["h_1001"]?.N;
      };
      await lease();
      expect(await leasedUntil()).toBe(`${noon + 120_000}`);
      await change(id);
      expect(await leasedUntil()).toBeUndefined();
    });

    it("are leased and announced one by one if one event has both kinds", async () => {
      const id = await enqueue("a");
      await deps.ingest.index.upsert(upsert("a", { action: action("a", "1002") }));
      expect((await lease()).map((taken) => taken.action.wantAction).sort()).toEqual(["1001", "1002"]);
      await deps.ingest.actions.markAnnounced(id, true);
      const pending = await deps.reads.actionReader.list({ states: ["pending"] }, { limit: 10, cursor: null });
      expect(pending.items.map(({ wantAction }) => wantAction)).toEqual(["1002"]);
    });
  });
});
