import { hashToken, newToken } from "@gatepost/core/keys";
import type { JsonObject, Picture } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, realtime, stranger } from "../../support/reports.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { noon } from "../samples.ts";
import { countUse } from "./cost-counter.ts";
import { deliver } from "./posting.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("the cost of a report, counted at the clients:", () => {
    let deps: TestRuntime;
    let token: string;
    let calls: Record<string, number>;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      // Before the first report of this process its key is read, and an hour's use of it noted.
      await send(history({ timestamp: noon - 1, reg_pic: photo("registered") }));
      calls = countCalls(deps.clients);
    });
    afterEach(() => deps.close());

    const send = async (body: JsonObject, route = "HistoryEvent") =>
      expect(await deliver(body, { token, ports: deps.ingest, route })).toMatchObject({ statusCode: 200 });

    const known = (timestamp = noon) =>
      history({ timestamp, reg_pic: photo("registered") }, { spot_pic: photo("scene"), recognize_face: photo("face") });

    it("a known person with a seen registered picture: one read, one write, two objects", async () => {
      await send(known());
      expect(calls).toEqual({ BatchGetItemCommand: 1, UpdateItemCommand: 1, PutObjectCommand: 2 });
    });

    it("a stranger: the same", async () => {
      await send(stranger({ timestamp: noon }, { spot_pic: photo("scene"), recognize_face: photo("face") }));
      expect(calls).toEqual({ BatchGetItemCommand: 1, UpdateItemCommand: 1, PutObjectCommand: 2 });
    });

    it("a report of another kind that joins: one write", async () => {
      await send(known());
      const { PutObjectCommand } = calls;
      await send(realtime({ timestamp: noon }), "RealTimeEvent");
      expect(calls).toEqual({ BatchGetItemCommand: 1, UpdateItemCommand: 2, PutObjectCommand });
    });

    it("a repetition: one write that is refused, and no object", async () => {
      await send(known());
      await send(known());
      expect(calls).toEqual({ BatchGetItemCommand: 2, UpdateItemCommand: 2, PutObjectCommand: 2 });
    });

    it("history after a real-time report with the scene: only the face is written", async () => {
      await send(realtime({ timestamp: noon - 2 }), "RealTimeEvent");
      // That was the first report of its device, which is noted.
      for (const command of Object.keys(calls)) delete calls[command];
      await send(realtime({ timestamp: noon }, { spot_pic: photo("scene") }), "RealTimeEvent");
      expect(calls).toEqual({ UpdateItemCommand: 1, PutObjectCommand: 1 });
      const used = countUse(deps.clients);
      await send(known());
      expect(calls).toEqual({ BatchGetItemCommand: 1, UpdateItemCommand: 2, PutObjectCommand: 2 });
      expect(used.s3Bytes).toBe(jpeg("face").length);
    });

    it("an action: a write to enqueue, a bus entry, a write to note it", async () => {
      await send(stranger({ timestamp: noon, want_action: "1001" }, { recognize_face: photo("face") }));
      expect(calls).toEqual({ BatchGetItemCommand: 1, UpdateItemCommand: 2, PutObjectCommand: 1, PutEventsCommand: 1 });
    });

    it("a repetition of one with an action: one write that is refused, and no entry", async () => {
      const body = stranger({ timestamp: noon, want_action: "1001" }, { recognize_face: photo("face") });
      await send(body);
      await send(body);
      expect(calls).toEqual({ BatchGetItemCommand: 2, UpdateItemCommand: 3, PutObjectCommand: 1, PutEventsCommand: 1 });
    });

    it("a withheld action: one write alone", async () => {
      const poor = { recognize_face: photo("face"), box_fiqa_info: { fiqa_result: false } };
      await send(stranger({ timestamp: noon, want_action: "1001" }, poor));
      expect(calls).toEqual({ BatchGetItemCommand: 1, UpdateItemCommand: 1, PutObjectCommand: 1 });
    });

    it("another face: a refused write, and a write for itself", async () => {
      await send(known());
      await send(history({ timestamp: noon }, { recognize_face: photo("another") }));
      expect(calls).toEqual({ BatchGetItemCommand: 3, UpdateItemCommand: 3, PutObjectCommand: 4 });
    });

    it("a registered picture that this process did not see: asked for before it is written", async () => {
      await send(history({ timestamp: noon, reg_pic: photo("of someone else") }));
      expect(calls).toEqual({ HeadObjectCommand: 1, PutObjectCommand: 1, UpdateItemCommand: 1 });
    });

    it("a registered picture that another process wrote: asked for, and not written", async () => {
      const other = await runtimeOn({ fresh: async () => deps });
      await putPicture(other.ingest.pictures, "2026-11", "registered", pictureOf("shared"));
      await putPicture(deps.ingest.pictures, "2026-11", "registered", pictureOf("shared"));
      // The other process asks when the last erasure was.
      expect(calls).toEqual({ HeadObjectCommand: 2, PutObjectCommand: 1, BatchGetItemCommand: 1 });
    });

    it("an unknown body: a row, an object, a count, and once a minute the mappings", async () => {
      await send({ nonsense: true });
      expect(calls).toEqual({ QueryCommand: 1, UpdateItemCommand: 2, PutObjectCommand: 1 });
      await send({ nonsense: false });
      expect(calls).toEqual({ QueryCommand: 1, UpdateItemCommand: 4, PutObjectCommand: 2 });
    });

    it("twenty reports in one body: twenty writes", async () => {
      const batch = Array.from({ length: 20 }, (_, n) => history({ timestamp: noon + n }));
      await send({ events: batch });
      expect(calls).toEqual({ UpdateItemCommand: 20 });
    });
  });
});

function pictureOf(seed: string): Picture {
  const data = jpeg(seed);
  return { data, bytes: data.length, contentType: "image/jpeg", sha256: sha256(data) };
}
