import { GetItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { action, day, noon, picture, report, upsert } from "../samples.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

const second = 1000;
const expiresAt = noon + 30 * day;

onStandIns((standIns) => {
  describe("a row lives as long as it must, and no longer:", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const { eventId } = upsert("a");
    const rowOf = async (pk: string) => {
      const asked = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: pk } } });
      return (await deps.clients.dynamo.send(asked)).Item;
    };
    const rows = async (prefix: string) => {
      const found: { pk: string; ttl: number }[] = [];
      for await (const { Items = [] } of paginateScan(
        { client: deps.clients.dynamo },
        { TableName: deps.names.table },
      )) {
        found.push(...Items.map(({ pk, ttl }) => ({ pk: pk?.S ?? "", ttl: Number(ttl?.N) })));
      }
      return found.filter(({ pk }) => pk.startsWith(prefix));
    };
    const shows = (seed: string) => {
      const { data: _, ...registered } = picture(seed);
      return report({ pictures: { registered } });
    };

    it("a device, two days longer than the event that it was seen with", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      expect(await rows("device ")).toMatchObject([{ ttl: (expiresAt + 2 * day) / second }]);
    });

    it("a device is written again once a day, so that it outlives every event", async () => {
      const at = async (time: number) => {
        await deps.ingest.index.upsert(upsert(`at ${time}`, { now: time, expiresAt: time + 30 * day }));
        return (await rows("device "))[0]?.ttl;
      };
      const first = await at(noon);
      expect(await at(noon + day - 1)).toBe(first);
      expect(await at(noon + day)).toBe((noon + 33 * day) / second);
    });

    it("a device that could not be written is written with the next report", async () => {
      before(deps.clients.dynamo, "UpdateItemCommand", '"device ', () => Promise.reject(new Error("no")));
      await deps.ingest.index.upsert(upsert("a"));
      expect(await rows("device ")).toEqual([]);
      await deps.ingest.index.upsert(upsert("b"));
      expect(await rows("device ")).toHaveLength(1);
    });

    it("a picture outside its event's row, as long as the event", async () => {
      await deps.ingest.index.upsert(upsert("a", { report: shows("one") }));
      await deps.ingest.index.upsert(upsert("a", { report: shows("two") }));
      expect(await rows("besides ")).toMatchObject([{ ttl: expiresAt / second }]);
    });

    it("a box status, as long as a report is kept", async () => {
      await deps.ingest.boxStatus.put({ box: "gate-1", kind: "status", receivedAt: noon, report: {} });
      expect(await rows("notice ")).toMatchObject([{ ttl: (noon + 90 * day) / second }]);
    });

    it("unknown terminals, a day after the last request", async () => {
      await deps.reads.unknownTerminals.note("SN1", "198.51.100.7");
      expect(await rows("unknown-terminals")).toMatchObject([{ ttl: (noon + day) / second }]);
    });

    it("the receipt of a report without a time, a minute", async () => {
      const body = Buffer.from("card=7");
      await deps.ingest.receipts.firstOf({ box: "gate-1", path: [], body, isRelayed: false }, noon);
      expect(await rows("receipt ")).toMatchObject([{ ttl: noon / second + 60 }]);
    });

    it("a ticket, until it expires", async () => {
      await deps.reads.tickets.issue("ab", "cd", noon + 60_500);
      expect(await rows("ticket ")).toMatchObject([{ ttl: (noon + 61_000) / second }]);
      deps.setClock(noon + 60_499);
      expect(await deps.reads.tickets.find("ab")).toBe("cd");
      deps.setClock(noon + 60_500);
      expect(await deps.reads.tickets.find("ab")).toBeNull();
    });

    it("an event, as long as its first report says", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      await deps.ingest.index.upsert(upsert("a", { expiresAt: expiresAt + day, report: report({ kind: "live" }) }));
      expect((await rowOf(eventId))?.["ttl"]).toEqual({ N: `${expiresAt / second}` });
    });

    it.each([
      [-1, "merged"],
      [0, "created"],
      [second - 1, "created"],
      [second, "created"],
      [second + 1, "created"],
      [2 * second, "created"],
    ])("a report %i ms after an event has expired: it is %s", async (after, outcome) => {
      await deps.ingest.index.upsert(upsert("a", { action: action("a", "1001") }));
      const now = expiresAt + after;
      deps.setClock(now);
      const live = { now, expiresAt: now + 30 * day, report: report({ kind: "live", receivedAt: now }) };
      expect((await deps.ingest.index.upsert(upsert("a", live))).outcome).toBe(outcome);
      const reports = (await deps.reads.events.get(eventId))?.reports.map(({ kind }) => kind);
      expect(reports).toEqual(outcome === "merged" ? ["history", "live"] : ["live"]);
    });

    it.each([
      [-1, "settled"],
      [0, "unknown"],
      [second, "unknown"],
      [2 * second, "unknown"],
    ])("the answer of a subscriber %i ms after an event has expired is %s", async (after, answer) => {
      const enqueued = action("a", "1001");
      await deps.ingest.index.upsert(upsert("a", { action: enqueued }));
      await deps.ingest.actions.markAnnounced(enqueued.id, true);
      deps.setClock(expiresAt + after);
      expect(await deps.ingest.actions.settle(enqueued.id, "done", null)).toBe(answer);
    });

    it("an action of an expired event is leased by no sweep", async () => {
      await deps.ingest.index.upsert(upsert("a", { action: action("a", "1001") }));
      const lease = { before: expiresAt + day, until: expiresAt + 2 * day, limit: 10 };
      deps.setClock(expiresAt);
      expect(await deps.ingest.actions.lease(lease)).toEqual([]);
      deps.setClock(expiresAt - 1);
      expect(await deps.ingest.actions.lease(lease)).toHaveLength(1);
    });

    it("an event is in no list of a person whom its reports do not name", async () => {
      await deps.ingest.index.upsert(upsert("a", { report: report({ kind: "realtime" }) }));
      expect((await rowOf(eventId))?.["byPerson"]).toBeDefined();
      const stranger = report({ person: { id: "1", type: "stranger" } });
      await deps.ingest.index.upsert(upsert("a", { report: stranger }));
      expect((await rowOf(eventId))?.["byPerson"]).toBeUndefined();
    });
  });
});
