import { ListObjectsV2Command, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import { hashToken, newToken } from "@gatepost/core/keys";
import { type JsonObject, locatePicture, merge, type PictureKind } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { sceneTag } from "../../../packages/aws/src/pictures/keys.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
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
      return Contents.map(({ Key = "" }) => Key.replace(/evt_\w+/, "EVENT").replace(/[0-9a-f]{8}\./, "HASH."));
    };
    const bytesOf = async (kind: PictureKind) => {
      const found = locatePicture(await first(), kind);
      return found && deps.reads.pictures.get(found);
    };
    const statusOf = async (kind: PictureKind | "scene/link") => {
      const [{ id }, headers] = [await first(), { authorization: `Bearer ${admin}` }];
      const asked = httpEvent({ method: "GET", path: `/v1/events/${id}/pictures/${kind}`, headers });
      return (await apiHandler(() => deps.reads)(asked)).statusCode;
    };
    const erase = async (id: string) => {
      await deps.reads.eraser.eraseEvent(id);
      deps.setClock(noon + 120_000);
      await deps.reads.eraser.finish();
      deps.setClock(noon);
    };
    const sceneObject = "pictures/2026-11/EVENT/history-scene-HASH.jpg";
    const faceObject = "pictures/2026-11/EVENT/history-face-HASH.jpg";

    it("each is an object that the bucket removes by its tag, and can be read", async () => {
      const tags = new Map<string, string | undefined>();
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            const { Key, Tagging } = args.input as PutObjectCommandInput;
            if (commandName === "PutObjectCommand") tags.set(/-(\w+)-/.exec(Key ?? "")?.[1] ?? "", Tagging);
            return next(args);
          },
        { step: "initialize" },
      );
      await send(known());
      expect(Object.fromEntries(tags)).toEqual({ scene: sceneTag, face: undefined });
      expect(await objects()).toEqual([faceObject, sceneObject]);
      expect([await bytesOf("scene"), await bytesOf("face")]).toEqual([jpeg("scene"), jpeg("face")]);
      expect(await statusOf("scene")).toBe(302);
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
      expect(await Promise.all([statusOf("scene"), statusOf("scene/link"), statusOf("face")])).toEqual([410, 410, 302]);
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
      expect(await objects()).toEqual([faceObject, sceneObject]);
      deps.setClock(noon + 30 * day);
      expect(Object.keys(merge(await first()).pictures)).toEqual(["face"]);
    });

    it("are not written again if the event has them, also when they have ended", async () => {
      await send(known());
      deps.setClock(noon + 31 * day);
      const calls = countCalls(deps.clients);
      await send(known());
      expect(calls["PutObjectCommand"]).toBeUndefined();
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
  });
});
