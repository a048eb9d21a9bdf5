import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { hashToken, newToken } from "@gatepost/core/keys";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { replay } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { photo } from "../../support/pictures.ts";
import { history, realtime } from "../../support/reports.ts";
import { noon } from "../samples.ts";
import { removeExpired } from "./expiring.ts";
import { deliver } from "./posting.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const day = 24 * 60 * 60 * 1000;

/** When events of noon end, by the default retention, and the sweep has come some times. */
const end = noon + 90 * day;

onStandIns((standIns) => {
  describe("pictures that arrive long after the first report of their event", () => {
    let deps: TestRuntime;
    let token: string;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    });
    afterEach(() => deps.close());

    const send = async (at: number, body: unknown, route = "HistoryEvent") => {
      deps.setClock(at);
      expect(await deliver(body, { token, ports: deps.ingest, route })).toMatchObject({ statusCode: 200 });
    };
    const late = history({ timestamp: noon }, { recognize_face: photo("late"), reg_pic: photo("registered") });
    const objects = async () => {
      const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
      return Contents.map(({ Key = "" }) => Key.split("/")[0]).sort();
    };
    const sweep = async (from: number) => {
      for (let times = 0; times < 4; times++) {
        deps.setClock(from + times * 300_000);
        await deps.reads.eraser.finish();
      }
    };

    it("are removed with it, even if its row is gone already, and not before", async () => {
      await send(noon, realtime({ timestamp: noon }), "RealTimeEvent");
      await send(noon + 60 * day, late);
      expect((await deps.reads.events.list({}, { limit: 10, cursor: null })).items).toHaveLength(1);
      await sweep(end - day);
      expect(await objects()).toEqual(["pictures", "registered"]);
      await removeExpired(deps, end);
      await sweep(end);
      expect(await objects()).toEqual([]);
      expect(await deps.reads.eraser.finish()).toBe(0);
    });

    it("are removed with it even if only a registered one was late", async () => {
      await send(noon, realtime({ timestamp: noon }), "RealTimeEvent");
      await send(noon + 60 * day, history({ timestamp: noon }, { reg_pic: photo("registered") }));
      expect(await objects()).toEqual(["registered"]);
      await sweep(end);
      expect(await objects()).toEqual([]);
    });

    const replayLate = async (at: number) => {
      deps.setClock(at);
      const kept = { id: "qrt_late", box: "gate-1", path: "/HistoryEvent", reason: "unknown-shape", receivedAt: noon };
      const body = Buffer.from(JSON.stringify(late));
      const record: QuarantineRecord = { ...kept, headers: { "content-type": "application/json" }, event: null, body };
      await replay(record, deps.ingest);
    };

    it("are removed with the event of a replay", async () => {
      await replayLate(noon + 80 * day);
      expect(await objects()).toEqual(["pictures", "registered"]);
      await sweep(end);
      expect(await objects()).toEqual([]);
    });

    it("are removed with an event whose end a replayed earlier report sets", async () => {
      const inTime = realtime({ timestamp: noon }, { recognize_face: photo("of the event") });
      await send(noon + 60 * day, inTime, "RealTimeEvent");
      await replayLate(noon + 80 * day);
      const all = { limit: 10, cursor: null };
      expect((await deps.reads.events.list({}, all)).items).toMatchObject([{ reports: [{}, {}] }]);
      expect(await objects()).toEqual(["pictures", "pictures", "registered"]);
      deps.setClock(end);
      expect((await deps.reads.events.list({}, all)).items).toEqual([]);
      await sweep(end);
      expect(await objects()).toEqual([]);
    });

    it("stay if another event shows them, or the passing was reported again", async () => {
      await send(noon, realtime({ timestamp: noon }), "RealTimeEvent");
      await send(noon + 60 * day, late);
      await send(noon + 60 * day, { ...late, timestamp: noon + 59 * day });
      await removeExpired(deps, end);
      await send(end, late);
      await sweep(end);
      expect(await objects()).toEqual(["pictures", "pictures", "registered", "registered"]);
    });

    it("are noted in a row that erases no person, even if it is forged", async () => {
      await send(noon, late);
      await send(noon, realtime({ timestamp: noon - 1000, identity_id: "else" }), "RealTimeEvent");
      const { items } = await deps.reads.events.list({}, { limit: 10, cursor: null });
      const id = items[0]?.id;
      const work = { person: late["identity_id"], box: null, before: "9".repeat(20) };
      const Item = {
        pk: { S: `erasure ${id} forged` },
        byTime: { S: "erasures" },
        at: { S: `${noon} forged` },
        work: { S: JSON.stringify(work) },
      };
      await deps.clients.dynamo.send(new PutItemCommand({ TableName: deps.names.table, Item }));
      await expect(deps.reads.eraser.finish()).rejects.toThrow("some erasures are not finished");
      expect((await deps.reads.events.list({}, { limit: 10, cursor: null })).items).toHaveLength(items.length);
    });

    it("are noted with every late repeat, which may have written them again", async () => {
      const faceOf = (person: string) =>
        history({ timestamp: noon, identity_id: person }, { recognize_face: photo(person) });
      const repeated = async (person: string, at: number) => {
        const calls = countCalls(deps.clients);
        await send(at, faceOf(person));
        return calls["UpdateItemCommand"] ?? 0;
      };
      await send(noon, faceOf("1"));
      // One is refused, another notes the use of the key, and one raises the head of the feed.
      expect(await repeated("1", noon + 40 * day)).toBe(4);
      await send(noon, realtime({ timestamp: noon, identity_id: "2" }), "RealTimeEvent");
      await send(noon + 60 * day, faceOf("2"));
      // The process that took it may have ended before it noted them.
      expect(await repeated("2", noon + 61 * day)).toBe(4);
    });

    it("are left to the bucket without a write if they arrive within a day", async () => {
      const writesOf = async (person: string, at: number) => {
        await send(noon, realtime({ timestamp: noon, identity_id: person }), "RealTimeEvent");
        const calls = countCalls(deps.clients);
        await send(at, { ...late, identity_id: person });
        return calls["UpdateItemCommand"] ?? 0;
      };
      const within = await writesOf("1", noon + day - 1000);
      await sweep(end);
      expect(await objects()).toEqual(["pictures", "registered"]);
      expect(await writesOf("2", noon + 2 * day)).toBe(within + 1);
    });
  });
});
