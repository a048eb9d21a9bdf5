import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { relayOutbox } from "@gatepost/core/actions";
import { hashToken, newToken } from "@gatepost/core/keys";
import { type JsonObject, locatePicture, merge, type PictureKind } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, realtime } from "../../support/reports.ts";
import { day, noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const page = { limit: 10, cursor: null };
const variables = { GATEPOST_SCENE_DAYS: "30" };

onStandIns((standIns) => {
  describe("scenes that are kept for fewer days than events:", () => {
    let deps: TestRuntime;
    let token: string;
    let admin: string;
    beforeEach(async () => {
      deps = await runtimeOn(standIns, { variables });
      [token, admin] = [newToken("ingest"), newToken("admin")];
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
    });
    afterEach(() => deps.close());

    const send = async (body: JsonObject, route = "HistoryEvent") =>
      expect(await deliver(body, { token, ports: deps.ingest, route })).toMatchObject({ statusCode: 200 });
    const known = (changes: JsonObject = {}, ext: JsonObject = {}) =>
      history({ timestamp: noon, ...changes }, { spot_pic: photo("scene"), recognize_face: photo("face"), ...ext });
    const events = async (on = deps) => (await on.reads.events.list({}, page)).items;
    const first = async (on = deps) => {
      const [event] = await events(on);
      if (event === undefined) throw new Error("there is no event");
      return event;
    };
    const objects = async () => {
      const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
      return Contents.map(({ Key = "", Size = 0 }) => [Key.replace(/[^/]+$/, "NAME"), Size]);
    };
    const bytesOf = async (kind: PictureKind) => {
      const found = locatePicture((await first()).reports, kind);
      return found && deps.reads.pictures.get(found.month, kind, found.sha256, found);
    };
    const statusOf = async (kind: PictureKind, query = "") => {
      const [{ id }, headers] = [await first(), { authorization: `Bearer ${admin}` }];
      const asked = httpEvent({ method: "GET", path: `/v1/events/${id}/pictures/${kind}`, query, headers });
      return (await apiHandler(() => deps.reads)(asked)).statusCode;
    };
    const erase = async (id: string) => {
      await deps.reads.eraser.eraseEvent(id);
      deps.setClock(noon + 120_000);
      await deps.reads.eraser.finish();
      deps.setClock(noon);
    };
    const sceneObject = ["pictures/scene/2026-11/NAME", jpeg("scene").length];
    const faceObject = ["pictures/2026-11/NAME", jpeg("face").length];

    it("each is an object under a separate prefix, and can be read", async () => {
      await send(known());
      expect(await objects()).toEqual([faceObject, sceneObject]);
      expect([await bytesOf("scene"), await bytesOf("face")]).toEqual([jpeg("scene"), jpeg("face")]);
      expect(await statusOf("scene")).toBe(302);
    });

    it("other pictures of the report still share one object", async () => {
      await send(known({}, { ir_pic: photo("infrared") }));
      expect(await objects()).toEqual([
        ["pictures/2026-11/NAME", jpeg("face").length + jpeg("infrared").length],
        sceneObject,
      ]);
    });

    it("each is hidden after its days, with a flag, while the face stays", async () => {
      await send(known());
      deps.setClock(noon + 30 * day - 1);
      expect(Object.keys(merge(await first()).pictures)).toEqual(["scene", "face"]);
      deps.setClock(noon + 30 * day);
      const event = merge(await first());
      expect([Object.keys(event.pictures), event.flags]).toEqual([["face"], ["picture-expired:scene"]]);
      const { items } = await deps.reads.feed.read(null, 9);
      expect(items.map((change) => merge(change.event).flags)).toEqual([["picture-expired:scene"]]);
      expect(await Promise.all([statusOf("scene"), statusOf("scene", "link=1"), statusOf("face")])).toEqual([
        410, 410, 302,
      ]);
    });

    it("each is not the photo of an action any more after its days", async () => {
      await send(known({ want_action: "1002" }));
      const [action] = (await first()).actions;
      deps.setClock(noon + 30 * day);
      const asked = await deps.reads.actionReader.eventOf(action?.id ?? "");
      expect(asked && Object.keys(merge(asked).pictures)).toEqual(["face"]);
    });

    it("stay hidden after the setting was removed", async () => {
      await send(known());
      const without = await runtimeOn({ fresh: async () => deps }, { clock: () => noon + 30 * day });
      expect(Object.keys(merge(await first(without)).pictures)).toEqual(["face"]);
    });

    it("are hidden if stored before the setting was made", async () => {
      const without = await runtimeOn({ fresh: async () => deps });
      expect(await deliver(known(), { token, ports: without.ingest })).toMatchObject({ statusCode: 200 });
      expect(await objects()).toEqual([["pictures/2026-11/NAME", jpeg("scene").length + jpeg("face").length]]);
      deps.setClock(noon + 30 * day);
      expect(Object.keys(merge(await first()).pictures)).toEqual(["face"]);
    });

    it("are not written again if the event has them, also when they have ended", async () => {
      await send(realtime({ timestamp: noon }, { spot_pic: photo("scene") }), "RealTimeEvent");
      deps.setClock(noon + 31 * day);
      await send(known());
      const calls = countCalls(deps.clients);
      await send(known());
      expect(calls["PutObjectCommand"]).toBeUndefined();
      expect((await objects()).filter(([key]) => String(key).includes("scene"))).toEqual([sceneObject]);
      expect(Object.keys(merge(await first()).pictures)).toEqual(["face"]);
    });

    it("are removed by an erasure of their event", async () => {
      await send(known());
      await erase((await first()).id);
      expect(await objects()).toEqual([]);
    });

    it("a second face in a frame has another one, which only its event removes", async () => {
      await send(known());
      await send(known({}, { recognize_face: photo("second face") }));
      const idOf = async (isTwin: boolean) =>
        (await events()).find(({ isSecondFace }) => isSecondFace === isTwin)?.id ?? "";
      await erase(await idOf(false));
      expect(await bytesOf("scene")).toEqual(jpeg("scene"));
      await erase(await idOf(true));
      expect(await objects()).toEqual([]);
    });

    it("an erasure removes one that a repeat brought", async () => {
      await send(history({ timestamp: noon }, { recognize_face: photo("face") }));
      await send(known());
      expect(await objects()).toEqual([faceObject, sceneObject]);
      await erase((await first()).id);
      expect(await objects()).toEqual([]);
    });

    it("one that is announced as the photo is named at its prefix", async () => {
      const asking = realtime({ timestamp: noon, want_action: "1002" }, { spot_pic: photo("scene") });
      await send(asking, "RealTimeEvent");
      await relayOutbox(deps.ingest);
      expect(await objects()).toEqual([sceneObject]);
      expect(await deps.ingest.bundles?.addressOf(locatePicture((await first()).reports, "scene") as never)).toEqual({
        bucket: deps.names.bucket,
        key: expect.stringMatching(/^pictures\/scene\/2026-11\/[\w-]{22}$/),
      });
    });
  });
});
