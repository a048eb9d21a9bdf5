import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { hashToken, newToken } from "@gatepost/core/keys";
import { merge } from "@gatepost/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { type StaleDynamo, staleDynamo } from "../../standins/stale-dynamo.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { noon, picture, report, upsert } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const page = { limit: 10, cursor: null };

onStandIns((standIns) => {
  describe("while reads and indexes lag behind", () => {
    let stale: StaleDynamo;
    let direct: string | undefined;
    let deps: TestRuntime;
    beforeAll(async () => {
      stale = await staleDynamo(standIns.dynamo.url);
      direct = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
    });
    afterAll(() => stale.close());
    beforeEach(async () => {
      process.env["AWS_ENDPOINT_URL_DYNAMODB"] = direct;
      const { names } = await standIns.fresh();
      process.env["AWS_ENDPOINT_URL_DYNAMODB"] = stale.url;
      deps = await runtimeOn({ fresh: async () => ({ clients: stale.connect(), names }) });
      stale.lagMs = 0;
    });
    afterEach(async () => {
      process.env["AWS_ENDPOINT_URL_DYNAMODB"] = direct;
      await deps.close();
    });

    const lag = () => {
      stale.lagMs = Number.POSITIVE_INFINITY;
    };
    const { eventId } = upsert("a");
    const listed = async (filter = {}) =>
      (await deps.reads.events.list(filter, page)).items.map((event) => [event.id, merge(event).timestamp]);

    it("an event is read as it was written last", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      lag();
      await deps.ingest.index.upsert(upsert("a", { report: report({ kind: "live" }) }));
      expect((await deps.reads.events.get(eventId))?.reports).toHaveLength(2);
      expect((await deps.reads.events.list({}, page)).items).toMatchObject([{ reports: [{}, {}] }]);
    });

    it("an erased event is read no more, and listed no more", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      lag();
      await deps.reads.eraser.eraseEvent(eventId);
      expect(await deps.reads.events.get(eventId)).toBeNull();
      expect(await listed()).toEqual([]);
    });

    it("a key that was revoked opens nothing", async () => {
      const tokenHash = hashToken(newToken("ingest"));
      const { id } = await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash });
      lag();
      await deps.reads.keyAdmin.revoke(id);
      expect(await deps.ingest.keys.find(tokenHash)).toBeNull();
    });

    it("the time of an erasure is current: a known picture is written again", async () => {
      const tokenHash = hashToken(newToken("ingest"));
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash });
      const face = picture("face");
      await putPicture(deps.ingest.pictures, "2026-11", "registered", face);
      await deps.ingest.index.upsert(upsert("a"));
      lag();
      await deps.reads.eraser.eraseEvent(eventId);
      const { key: Key } = deps.ingest.pictures.address(pictureAt("2026-11", "registered", face.sha256));
      await deps.clients.s3.send(new DeleteObjectCommand({ Bucket: deps.names.bucket, Key }));
      deps.setClock(noon + 30_000);
      await deps.ingest.keys.find(tokenHash);
      await putPicture(deps.ingest.pictures, "2026-11", "registered", face);
      expect(await deps.reads.pictures.get(pictureAt("2026-11", "registered", face.sha256))).toEqual(face.data);
    });

    it("a moved event is in no list twice, and not in its old place", async () => {
      const [early, late] = [noon + 1000, noon + 2000];
      await deps.ingest.index.upsert(upsert("a", { report: report({ kind: "realtime", time: early }) }));
      lag();
      await deps.ingest.index.upsert(upsert("a", { report: report({ time: late }) }));
      expect(await listed()).toEqual([]);
      stale.lagMs = 0;
      expect(await listed()).toEqual([[eventId, late]]);
      expect(await listed({ to: early + 500 })).toEqual([]);
    });

    it("an erasure of a person finds at its end events that no index had", async () => {
      lag();
      await deps.ingest.index.upsert(upsert("a"));
      expect(await erasePerson(deps.reads.eraser, "666666", null)).toBe(0);
      stale.lagMs = 0;
      deps.setClock(noon + 120_000);
      await deps.reads.eraser.finish();
      expect(await deps.reads.events.get(eventId)).toBeNull();
    });

    it("an unindexed quarantine record is erased with its event, at the latest at the end", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      lag();
      const facts = { box: "gate-1", path: "/", reason: "picture", headers: {}, receivedAt: noon };
      const event = { id: eventId, fingerprint: "face-a" };
      await deps.ingest.quarantine.put({ ...facts, id: "qrt_1", body: Buffer.from("a face"), event });
      await deps.reads.eraser.eraseEvent(eventId);
      expect(await deps.reads.quarantine.get("qrt_1")).not.toBeNull();
      stale.lagMs = 0;
      deps.setClock(noon + 120_000);
      await deps.reads.eraser.finish();
      expect(await deps.reads.quarantine.get("qrt_1")).toBeNull();
    });
  });
});
