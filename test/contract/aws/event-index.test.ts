import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { merge } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { action, day, noon, report, upsert } from "../samples.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("between two calls of one upsert", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const { eventId } = upsert("a");
    const remove = () =>
      deps.clients.dynamo.send(new DeleteItemCommand({ TableName: deps.names.table, Key: { pk: { S: eventId } } }));
    const stored = async () => {
      const found = await deps.reads.events.get(eventId);
      return found === null ? null : merge(found);
    };

    it("DynamoDB may remove the event: a repeated report with an action restores it whole", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      before(deps.clients.dynamo, "UpdateItemCommand", "attribute_not_exists(#a_1001)", remove);
      const written = await deps.ingest.index.upsert(upsert("a", { action: action("a", "1001") }));
      expect(written).toMatchObject({ outcome: "created", enqueued: true, event: { reports: [{}], actions: [{}] } });
      expect(await stored()).toMatchObject({ box: { id: "gate-1" }, reports: [{ kind: "history" }] });
    });

    it("DynamoDB may remove an expired event: the event is made all the same", async () => {
      await deps.ingest.index.upsert(upsert("a", { expiresAt: noon + day }));
      deps.setClock(noon + day);
      before(deps.clients.dynamo, "PutItemCommand", eventId, remove);
      const later = { now: noon + day, expiresAt: noon + 2 * day };
      expect((await deps.ingest.index.upsert(upsert("a", later))).outcome).toBe("created");
      expect(await stored()).not.toBeNull();
    });

    it("another process may renew an expired event: the report joins without removing anything", async () => {
      await deps.ingest.index.upsert(upsert("a", { expiresAt: noon + day }));
      deps.setClock(noon + day);
      const later = { now: noon + day, expiresAt: noon + 2 * day };
      before(deps.clients.dynamo, "PutItemCommand", eventId, () =>
        deps.ingest.index.upsert(upsert("a", { ...later, report: report({ kind: "live" }) })),
      );
      expect((await deps.ingest.index.upsert(upsert("a", later))).outcome).toBe("merged");
      expect(await stored()).toMatchObject({ reports: [{ kind: "history" }, { kind: "live" }] });
    });

    it("another report may be newer: the event is not moved back to an older place", async () => {
      const at = noon + 2 * day;
      await deps.ingest.index.upsert(upsert("a", { report: report({ kind: "realtime", time: at }) }));
      const live = report({
        kind: "live",
        time: at,
        receivedAt: noon + 3 * day,
        person: { id: "1", type: "stranger" },
      });
      const known = report({ time: at, receivedAt: noon + 3 * day });
      before(deps.clients.dynamo, "UpdateItemCommand", "#rev = :is_0", () =>
        deps.ingest.index.upsert(upsert("a", { report: known })),
      );
      await deps.ingest.index.upsert(upsert("a", { report: live }));
      const page = { limit: 10, cursor: null };
      expect((await deps.reads.events.list({ person: "666666" }, page)).items).toHaveLength(1);
    });

    it("a process may end before it moved an event: the repetition moves it", async () => {
      const at = noon + 2 * day;
      const early = upsert("a", { report: report({ kind: "realtime", time: at }) });
      const late = upsert("a", { report: report({ time: at, receivedAt: at }) });
      await deps.ingest.index.upsert(early);
      before(deps.clients.dynamo, "UpdateItemCommand", "#rev = :is_0", () =>
        Promise.reject(new Error("the process ended")),
      );
      await expect(deps.ingest.index.upsert(late)).rejects.toThrow("the process ended");
      expect((await deps.ingest.index.upsert(late)).outcome).toBe("duplicate");
      const found = await deps.reads.events.list({ from: at }, { limit: 10, cursor: null });
      expect(found.items.map(({ id }) => id)).toEqual([eventId]);
    });

    it("another may announce or take an action: a sweep leaves it", async () => {
      const enqueued = upsert("a", { action: action("a", "1001") });
      await deps.ingest.index.upsert(enqueued);
      deps.setClock(noon + day);
      const lease = { before: noon + day, until: noon + day + 60_000, limit: 10 };
      before(deps.clients.dynamo, "UpdateItemCommand", "h_1001", () =>
        deps.ingest.actions.markAnnounced(enqueued.action?.id ?? "", true),
      );
      expect(await deps.ingest.actions.lease(lease)).toEqual([]);
      expect((await stored())?.actions).toMatchObject([{ state: "announced" }]);
    });
  });

  describe("a row of the table", () => {
    it("has an expiry in seconds by which DynamoDB removes it", async () => {
      const deps = await runtimeOn(standIns);
      const { eventId, expiresAt } = upsert("a");
      await deps.ingest.index.upsert(upsert("a"));
      const { Item } = await deps.clients.dynamo.send(
        new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: eventId } } }),
      );
      expect(Item?.["ttl"]).toEqual({ N: String(expiresAt / 1000) });
      await deps.close();
    });

    it("is refused, not misread, if another version wrote it", async () => {
      const deps = await runtimeOn(standIns);
      const Item = { pk: { S: "evt_x" }, ttl: { N: "9999999999" }, box: { BOOL: true } };
      await deps.clients.dynamo.send(new PutItemCommand({ TableName: deps.names.table, Item }));
      await expect(deps.reads.events.get("evt_x")).rejects.toThrow("not as this version stores it");
      await deps.close();
    });
  });
});
