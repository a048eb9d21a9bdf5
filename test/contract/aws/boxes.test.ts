import type { ActionBus } from "@gatepost/core/actions";
import { BoxNotes, signOfReport } from "@gatepost/core/boxes";
import type { BusEntry } from "@gatepost/protocol";
import { Body, deliver } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Pulse } from "../../../packages/aws/src/boxes/pulse.ts";
import type { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoItems } from "../../../packages/aws/src/dynamo/items.ts";
import { signsIn } from "../../../packages/aws/src/events/box-signs.ts";
import { awsBoxSweep, boxesOn } from "../../../packages/aws/src/runtime/boxes.ts";
import { environmentOf, onMotoOrStandIns, patient, tableOf } from "../../standins/aws.ts";
import { engine } from "../../standins/dynamo.ts";
import { history } from "../../support/reports.ts";
import { day, noon, report, upsert } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const minute = 60_000;

onMotoOrStandIns((standIns) => {
  describe("boxes on AWS", () => {
    let deps: TestRuntime;
    let now: number;
    let put: BusEntry[];
    let sweep: () => Promise<void>;
    let dynamo: Dynamo;
    let pulse: Pulse;
    beforeEach(async () => {
      deps = await runtimeOn(standIns, { clock: () => now });
      now = noon;
      put = [];
      const bus: ActionBus = { put: async (entry) => put.push(entry) > 0 };
      sweep = awsBoxSweep({ ...deps.ingest, bus }, environmentOf(deps.names), {
        clients: deps.clients,
        limits: patient,
      });
      dynamo = tableOf(deps);
      pulse = new Pulse(dynamo, deps.ingest.log);
    });
    afterEach(() => deps.close());

    /** The notes of boxes, as the function that reads the stream makes them. */
    function tally() {
      const { log, clock } = deps.ingest;
      const { boxes, hours } = boxesOn({ items: new DynamoItems(dynamo, clock), bus: null, log, clock });
      return new BoxNotes({ boxes, hours, clock });
    }

    const heard = (at: number, box = "gate-1") => signOfReport(box, report({ receivedAt: at, time: at, device: {} }));

    /**
     * Sweeps each minute. An hour suffices for a silence in the first week. The pulse returns only if the stream is
     * read.
     */
    async function sweepUntil(time: number, isStreamRead = true, every = minute): Promise<void> {
      while (now < time) {
        now = Math.min(now + every, time);
        await sweep();
        if (isStreamRead) await pulse.hear([{ after: { pk: "pulse", time: now } }]);
      }
    }

    it("become silent and recover once each", async () => {
      const notes = tally();
      await sweepUntil(noon + 2 * minute);
      notes.add([heard(now)]);
      await notes.flush();
      await sweepUntil(now + 65 * minute);
      notes.add([heard(now)]);
      await notes.flush();
      await sweepUntil(now + 10 * minute);
      expect(put.map(({ detailType }) => detailType)).toEqual(["Box Silent", "Box Recovered"]);
      expect(await deps.reads.boxes.reader.get("gate-1")).toMatchObject({ state: "reports", refused: null });
    });

    it("have an unknown action announced by the sweep, once a day", async () => {
      const notes = tally();
      await sweepUntil(noon + 2 * minute);
      const post = async (person: string) => {
        const body = new Body(Buffer.from(JSON.stringify(history({ identity_id: person, want_action: "1003" }))));
        const request = { method: "POST", headers: {}, body, address: "192.168.1.25" };
        const { headers } = await deliver(request, { box: "gate-1", path: ["HistoryEvent"] }, deps.ingest);
        const id = headers["gatepost-outcome"]?.replace("stored; id=", "") ?? "";
        await notes.addBatch(signsIn({ before: undefined, after: (await dynamo.get(id)) ?? undefined }));
      };
      await post("1");
      await sweepUntil(now + 2 * minute);
      expect(put).toMatchObject([
        { detailType: "Unknown Action Requested", detail: { box: { id: "gate-1" }, wantAction: "1003" } },
      ]);
      await post("2");
      await sweepUntil(now + 2 * minute);
      expect(put).toHaveLength(1);
    });

    it("have a clock behind by a constant lag, not by records of the past", async () => {
      const notes = tally();
      const skew = async () => (await deps.reads.boxes.reader.get("gate-1"))?.clock.skewMs;
      const record = (ago: number) =>
        signOfReport("gate-1", report({ kind: "backfill", receivedAt: now, time: now - ago, device: {} }));
      for (let n = 6; n > 0; n--) await notes.addBatch([record(day - n * 17 * minute)]);
      now += minute;
      await notes.flush();
      expect(await skew()).toBeNull();
      for (let n = 0; n < 3; n++) {
        now += 3 * minute;
        await notes.addBatch([record(2 * 60 * minute)]);
      }
      expect(await skew()).toBe(-2 * 60 * minute);
    });

    it("are not announced silent while the stream is not read", async () => {
      const notes = tally();
      await sweepUntil(noon + 2 * minute);
      notes.add([heard(now)]);
      await notes.flush();
      await sweepUntil(now + 65 * minute, false, 2 * minute);
      expect(put).toEqual([]);
      expect(deps.lines.map(({ message }) => message)).toContain(
        "no box is looked at: what they send is not received or not noted",
      );
      await sweepUntil(now + 50 * minute, true, 2 * minute);
      expect(put).toEqual([]);
      await sweepUntil(now + 20 * minute, true, 2 * minute);
      expect(put).toHaveLength(1);
    });

    it("are logged as unwatched if the stream is never read, except in the first minutes", async () => {
      const said = () => deps.lines.filter(({ message }) => message.startsWith("no box is looked at"));
      await sweepUntil(noon + 4 * minute, false);
      expect(said()).toEqual([]);
      await sweepUntil(noon + 6 * minute, false);
      expect(said().map(({ facts }) => facts)).toEqual([{ since: noon + minute }, { since: noon + minute }]);
      await pulse.hear([{ after: { pk: "pulse", time: now, since: noon + minute } }]);
      await sweepUntil(now + 2 * minute);
      expect(said()).toHaveLength(2);
    });

    it("are logged as unwatched even if the pulse row lacks its start", async () => {
      await dynamo.update({ pk: "pulse", set: { time: noon } });
      await sweepUntil(noon + 4 * minute, false);
      expect(deps.lines).toEqual([]);
      await sweepUntil(noon + 5 * minute, false);
      expect(deps.lines).toHaveLength(1);
    });

    it.each([{}, { time: "soon" }, { time: 1.5 }, { time: 1e30 }])(
      "are watched again a minute after the heard pulse was %j",
      async (row) => {
        const notes = tally();
        await sweepUntil(noon + 2 * minute);
        notes.add([heard(now)]);
        await notes.flush();
        await dynamo.remove("pulse heard");
        await dynamo.update({ pk: "pulse heard", set: { other: 1, ...row } });
        await sweepUntil(now + 2 * minute);
        expect(await pulse.heardAt()).toBe(now);
        const fault = "pulse heard is not as this version stores it: time: ";
        expect(deps.lines).toMatchObject([
          {
            level: "error",
            message: "a row is broken and not used",
            facts: { row: "pulse heard", cause: { message: expect.stringContaining(fault) } },
          },
        ]);
        await sweepUntil(now + 65 * minute);
        expect(put).toHaveLength(1);
      },
    );

    it("are logged as unwatched even if the start in the pulse row is broken", async () => {
      await dynamo.update({ pk: "pulse", set: { time: noon, since: "monday" } });
      await sweepUntil(noon + 6 * minute, false);
      expect(deps.lines.slice(0, 2)).toMatchObject([
        { level: "error", facts: { row: "pulse" } },
        { level: "warn", facts: { since: noon + minute } },
      ]);
    });

    it("ignore a pulse that is late or repeated", async () => {
      expect(await pulse.heardAt()).toBeNull();
      await pulse.hear([{ after: undefined }, { after: { pk: "evt_1" } }]);
      expect(await pulse.heardAt()).toBeNull();
      await pulse.hear([{ after: { pk: "pulse", time: noon } }, { after: { pk: "pulse", time: noon + 5 } }]);
      await pulse.hear([{ after: { pk: "pulse", time: noon + 1 } }]);
      await pulse.hear([{ after: { pk: "pulse", time: "soon" } }]);
      expect(await pulse.heardAt()).toBe(noon + 5);
    });

    it("cost one write a minute however much they send, and few calls a sweep", async () => {
      const notes = tally();
      await sweepUntil(noon + 2 * minute);
      notes.add([heard(now)]);
      await notes.flush();
      const calls = countCalls(deps.clients);
      for (let second = 0; second < 60; second += 1) {
        now += 1000;
        notes.add([heard(now)]);
        await notes.flush();
      }
      // The reception, the row as it is, and the row as it will be.
      expect(calls).toEqual({ GetItemCommand: 2, UpdateItemCommand: 1 });
      await sweep();
      const before = { ...calls };
      now += minute;
      await pulse.hear([{ after: { pk: "pulse", time: now } }]);
      const { GetItemCommand = 0, UpdateItemCommand = 0, QueryCommand = 0 } = calls;
      await sweep();
      // The lists of boxes and visits, and, with 16 shards each, the heartbeats of the feed, the list of alarms and the feed.
      const reads = ((calls["QueryCommand"] ?? 0) - QueryCommand - 2) / 16;
      // The index of DynamoDB Local may lag: then renewed heartbeats are looked for up to four times more.
      expect(engine === "memory" ? [3] : [3, 4, 5, 6, 7]).toContain(reads);
      // One of them is the head of the feed, one the place of visits in it.
      expect(calls["GetItemCommand"]).toBe(GetItemCommand + 6);
      expect(calls["UpdateItemCommand"]).toBe(UpdateItemCommand + 2);
      expect(calls).not.toEqual(before);
    });

    it("are listed by their names without reading a row, the silent ones first", async () => {
      const notes = tally();
      await sweepUntil(noon + 2 * minute);
      notes.add([heard(now, "b"), heard(now, "a")]);
      await notes.flush();
      await sweepUntil(now + 65 * minute, true, 2 * minute);
      notes.add([heard(now, "a")]);
      await notes.flush();
      await expect
        .poll(async () => (await deps.reads.boxes.reader.list({ limit: 10, cursor: null })).items.map(({ id }) => id))
        .toEqual(["b", "a"]);
    });

    it("are gone 400 days after their last sign, and are new then", async () => {
      const notes = tally();
      notes.add([heard(now)]);
      await notes.flush();
      now += 400 * day - 1;
      expect(await deps.reads.boxes.reader.get("gate-1")).not.toBeNull();
      now += 1001;
      expect(await deps.reads.boxes.reader.get("gate-1")).toBeNull();
      notes.add([heard(now)]);
      await notes.flush();
      expect(await deps.reads.boxes.reader.get("gate-1")).toMatchObject({ firstSeen: new Date(now).toISOString() });
    });

    it("list stored arrivals, and no refused ones", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      await deps.ingest.quarantine.put({
        id: "qrt_1",
        box: "gate-1",
        path: "/HistoryEvent",
        reason: "not-json",
        receivedAt: noon + 1,
        headers: {},
        body: Buffer.from("x"),
        event: null,
      });
      const { arrivals } = deps.reads.boxes;
      await expect.poll(async () => (await arrivals.of("gate-1")).length).toBe(2);
      expect(await arrivals.of("gate-1")).toMatchObject([
        { outcome: "quarantined", quarantine: "qrt_1", path: "/HistoryEvent", bytes: 1, from: null },
        { outcome: "event", kind: "history", path: "/HistoryEvent", bytes: null, from: null },
      ]);
      expect(arrivals.isWrongKeyKnown).toBe(false);
    });

    it("show their notices until these expire", async () => {
      await deps.ingest.boxStatus.put({
        box: "gate-1",
        kind: "device-sync",
        receivedAt: noon,
        report: { devSno: "S", deviceList: [{ epId: "S__10.0.0.7", direction: 0 }] },
      });
      const notes = tally();
      notes.add([heard(now)]);
      await notes.flush();
      const devices = async () => (await deps.reads.boxes.reader.get("gate-1"))?.devices;
      expect(await devices()).toMatchObject([{ id: "S__10.0.0.7", direction: "in" }]);
      now += 90 * day + 1000;
      expect(await devices()).toEqual([]);
    });
  });
});
