import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeTableCommand, GetItemCommand, UpdateItemCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { relayOutbox } from "@gatepost/core/actions";
import { hashToken, newToken } from "@gatepost/core/keys";
import { idOf, merge } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { photo } from "../../support/pictures.ts";
import { history, realtime } from "../../support/reports.ts";
import { action, day, noon, report, upsert } from "../samples.ts";
import { countUse } from "./cost-counter.ts";
import { deliver } from "./posting.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const minute = 60_000;
const costs = readFileSync(join(import.meta.dirname, "../../../docs/costs.md"), "utf8");
const nothing = { announced: 0, failed: 0 };

onStandIns((standIns) => {
  let deps: TestRuntime;
  beforeEach(async () => {
    deps = await runtimeOn(standIns, { variables: { GATEPOST_ANNOUNCE_EVENTS: "1" } });
    standIns.bus.calls.length = 0;
  });
  afterEach(async () => {
    standIns.bus.mode = "well";
    await deps.close();
  });

  const rowOf = async (id: string) => {
    const asked = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: id } } });
    return (await deps.clients.dynamo.send(asked)).Item;
  };
  const make = async (event: string, overrides = {}) => {
    const entry = upsert(event, { isAwaited: true, ...overrides });
    const { outcome } = await deps.ingest.index.upsert(entry);
    return { id: entry.eventId, outcome };
  };
  const lease = (at = noon + minute) => {
    deps.setClock(at);
    return deps.ingest.eventOutbox.lease({ before: at - minute, until: at + minute, limit: 100 });
  };

  describe("the announcement of a recorded event", () => {
    let token: string;
    beforeEach(async () => {
      token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    });

    const sent = { timestamp: noon };
    const send = async (body: unknown = history(sent, { spot_pic: photo("scene") }), route = "HistoryEvent") =>
      expect(await deliver(body, { token, ports: deps.ingest, route })).toMatchObject({ statusCode: 200 });
    const event = async () => {
      const [first] = (await deps.reads.events.list({}, { limit: 10, cursor: null })).items;
      if (first === undefined) throw new Error("there is no event");
      return first;
    };
    const announced = () => standIns.bus.calls.flat().map(({ DetailType, Detail }) => ({ DetailType, Detail }));
    const relayAt = (at: number) => {
      deps.setClock(at);
      return relayOutbox(deps.ingest);
    };

    it.each(["partial", "throttled", "garbage"] as const)(
      "is sent once, a minute later, if the bus (%s) did not take it",
      async (mode) => {
        standIns.bus.mode = mode;
        await send();
        expect(announced()).toEqual([]);
        standIns.bus.mode = "well";
        expect(await relayAt(noon + minute - 1)).toEqual(nothing);
        expect(await relayAt(noon + minute)).toEqual({ announced: 1, failed: 0 });
        const Detail = expect.objectContaining({ event: expect.objectContaining({ id: (await event()).id }) });
        expect(announced()).toEqual([{ DetailType: "Face Event Recorded", Detail }]);
        expect(await relayAt(noon + day)).toEqual(nothing);
      },
    );

    it("is sent again a minute after a sweep that the bus failed", async () => {
      standIns.bus.mode = "throttled";
      await send();
      expect(await relayAt(noon + minute)).toEqual({ announced: 0, failed: 1 });
      standIns.bus.mode = "well";
      expect(await relayAt(noon + 2 * minute - 1)).toEqual(nothing);
      expect(await relayAt(noon + 2 * minute)).toEqual({ announced: 1, failed: 0 });
      expect(announced()).toHaveLength(1);
    });

    it("is sent at once, and not again for a repeat or another report", async () => {
      await send();
      await send();
      await send(realtime(sent, { spot_pic: photo("other") }), "RealTimeEvent");
      expect((await event()).reports).toHaveLength(2);
      expect(await relayAt(noon + day)).toEqual(nothing);
      expect(announced()).toHaveLength(1);
    });

    it("waits while DynamoDB fills the index, and is logged once; actions are still announced", async () => {
      const message = "Cannot read from backfilling global secondary index: awaited";
      const refused = () => Promise.reject(Object.assign(new Error(message), { name: "ValidationException" }));
      const filling = () => before(deps.clients.dynamo, "QueryCommand", "awaited#", refused);
      await make("a", { action: action("a", "1001") });
      filling();
      expect(await relayAt(noon + minute)).toEqual({ announced: 1, failed: 0 });
      filling();
      expect(await relayAt(noon + 2 * minute)).toEqual(nothing);
      const facts = { index: "awaited", cause: expect.objectContaining({ message }) };
      expect(deps.lines.filter(({ level }) => level !== "info")).toEqual([
        { level: "warn", message: "events wait to be announced until DynamoDB has filled the index", facts },
      ]);
      expect(await relayAt(noon + 3 * minute)).toEqual({ announced: 1, failed: 0 });
      expect(announced().map(({ DetailType }) => DetailType)).toEqual([
        "Stranger Registration Requested",
        "Face Event Recorded",
      ]);
    });

    it("fails the sweep if the index is missing, after actions are announced", async () => {
      await make("a", { action: action("a", "1001") });
      const gone = Object.assign(new Error("The table does not have the specified index: awaited"), {
        name: "ValidationException",
      });
      before(deps.clients.dynamo, "QueryCommand", "awaited#", () => Promise.reject(gone));
      await expect(relayAt(noon + minute)).rejects.toThrow(gone);
      expect(announced()).toHaveLength(1);
    });

    it("is sent once for an event that another report joined before the sweep", async () => {
      standIns.bus.mode = "throttled";
      await send(realtime(sent, {}), "RealTimeEvent");
      await send();
      standIns.bus.mode = "well";
      expect(await relayAt(noon + minute)).toEqual({ announced: 1, failed: 0 });
      expect(announced()[0]?.Detail["event"]).toMatchObject({ reports: [{ kind: "history" }, { kind: "realtime" }] });
      await send();
      expect(await relayAt(noon + day)).toEqual(nothing);
      expect(announced()).toHaveLength(1);
    });

    it("is not sent for an erased event", async () => {
      standIns.bus.mode = "throttled";
      await send();
      standIns.bus.mode = "well";
      await deps.reads.eraser.eraseEvent((await event()).id);
      expect(await relayAt(noon + minute)).toEqual(nothing);
      expect(announced()).toEqual([]);
    });

    it("does not make a report fail if the table lacks the index", async () => {
      const gone = [{ Delete: { IndexName: "awaited" } }];
      const change = { TableName: deps.names.table, GlobalSecondaryIndexUpdates: gone };
      await deps.clients.dynamo.send(new UpdateTableCommand(change));
      const table = async () =>
        (await deps.clients.dynamo.send(new DescribeTableCommand({ TableName: deps.names.table }))).Table;
      const indexes = async () => (await table())?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName);
      await expect.poll(indexes).not.toContain("awaited");
      await expect.poll(async () => (await table())?.TableStatus).toBe("ACTIVE");
      await send();
      await send(realtime(sent, {}), "RealTimeEvent");
      expect((await event()).reports).toHaveLength(2);
      expect(announced()).toHaveLength(1);
    });
  });

  describe("events that wait for the bus, in DynamoDB,", () => {
    const own = ["awaited", "awaitedAt", "heldUntil"];

    it("leave no attribute in their rows afterwards, even with another report", async () => {
      const { id } = await make("a");
      const made = await rowOf(id);
      expect(Object.keys(made ?? {})).toEqual(expect.arrayContaining(["awaited", "awaitedAt"]));
      await lease();
      await deps.ingest.eventOutbox.markAnnounced(id);
      const others = Object.entries(made ?? {}).filter(([name]) => !own.includes(name));
      expect(await rowOf(id)).toEqual(Object.fromEntries(others));
      expect(await make("a", { report: report({ kind: "realtime" }) })).toMatchObject({ outcome: "merged" });
      expect(Object.keys((await rowOf(id)) ?? {}).filter((name) => own.includes(name))).toEqual([]);
    });

    it("cost one query a shard when none waits", async () => {
      await deps.ingest.eventOutbox.markAnnounced((await make("a")).id);
      const calls = countCalls(deps.clients);
      expect(await lease()).toEqual([]);
      expect(calls).toEqual({ QueryCommand: 32 });
    });

    it("cost as much as docs/costs.md says", async () => {
      // A row of 1.7 KB, like the row of a usual passing, of a device that was noted.
      const device = { id: "1" };
      const sized = (kind: "history" | "realtime") =>
        report({ kind, device, extra: kind === "history" ? { filling: "x".repeat(800) } : {} });
      await make("warm", { report: sized("history") });
      const unitsOf = async (event: string, isAwaited: boolean) => {
        const use = countUse(deps.clients);
        const { id } = await make(event, { isAwaited, report: sized("history") });
        if (isAwaited) await deps.ingest.eventOutbox.markAnnounced(id);
        const alone = use.writeUnits;
        await make(event, { isAwaited, report: sized("realtime") });
        return { alone, joining: use.writeUnits - alone };
      };
      const [plain, told] = [await unitsOf("plain", false), await unitsOf("told", true)];
      expect(costs).toContain(`an event takes ${told.alone - plain.alone} units more`);
      expect(costs).toContain(`another report takes ${told.joining - plain.joining} more`);
    });

    it("are leased oldest first, over all shards", async () => {
      const order = Array.from({ length: 20 }, (_, n) => `e${n}`);
      for (const [n, event] of order.entries()) await make(event, { now: noon - 1000 + n });
      const taken = await lease();
      expect(taken.map(({ id }) => id)).toEqual(order.map((event) => idOf("evt", [event])));
    });

    it("are not leased by a sweep after they were announced", async () => {
      const { id } = await make("a");
      before(deps.clients.dynamo, "UpdateItemCommand", "#heldUntil", () => deps.ingest.eventOutbox.markAnnounced(id));
      expect(await lease()).toEqual([]);
    });

    it("wait even if they were erased just before another report joined", async () => {
      const { id } = await make("a");
      before(deps.clients.dynamo, "UpdateItemCommand", "attribute_exists(#pk)", () => deps.reads.eraser.eraseEvent(id));
      expect(await make("a", { report: report({ kind: "realtime" }) })).toMatchObject({ outcome: "created" });
      expect((await lease()).map((stored) => merge(stored).reports.length)).toEqual([1]);
    });

    it("are made once from two simultaneous reports", async () => {
      const both = await Promise.all([make("a"), make("a", { report: report({ kind: "realtime" }) })]);
      expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(["created", "merged"]);
      expect(await lease()).toHaveLength(1);
    });

    it("do not wait behind a broken row, which alone is an error", async () => {
      const { id: broken } = await make("broken", { now: noon - 1 });
      const { id } = await make("a");
      await deps.clients.dynamo.send(
        new UpdateItemCommand({
          TableName: deps.names.table,
          Key: { pk: { S: broken } },
          UpdateExpression: "SET r_history = :text",
          ExpressionAttributeValues: { ":text": { S: "{" } },
        }),
      );
      expect((await lease()).map((stored) => stored.id)).toEqual([id]);
      expect(deps.lines.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
        "event not leased",
      ]);
      await deps.ingest.eventOutbox.markAnnounced(id);
      await expect(lease(noon + 3 * minute)).rejects.toThrow("no event could be leased");
    });
  });
});
