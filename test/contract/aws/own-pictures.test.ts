import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { relayOutbox } from "@gatepost/core/actions";
import { hashToken, newToken } from "@gatepost/core/keys";
import { type JsonObject, locatePicture, merge, type PictureKind, type Report } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, realtime, stranger } from "../../support/reports.ts";
import { noon, picture, report, upsert } from "../samples.ts";
import { deliver } from "./posting.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const page = { limit: 10, cursor: null };

onStandIns((standIns) => {
  describe("the pictures of an event in its own objects:", () => {
    let deps: TestRuntime;
    let token: string;
    let admin: string;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      [token, admin] = [newToken("ingest"), newToken("admin")];
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
    });
    afterEach(() => deps.close());

    const send = async (body: JsonObject, route = "HistoryEvent") =>
      expect(await deliver(body, { token, ports: deps.ingest, route })).toMatchObject({ statusCode: 200 });
    const known = (changes: JsonObject = {}, ext: JsonObject = {}) =>
      history({ timestamp: noon, ...changes }, { spot_pic: photo("scene"), recognize_face: photo("face"), ...ext });
    const events = async () => (await deps.reads.events.list({}, page)).items;
    const event = async () => {
      const [only, ...others] = await events();
      if (only === undefined || others.length > 0) throw new Error("there is not one event");
      return only;
    };
    const keys = async () => {
      const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
      return Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, size: Size }));
    };
    const bytesOf = async (kind: PictureKind, id?: string) => {
      const stored = id === undefined ? await event() : await deps.reads.events.get(id);
      const found = locatePicture(stored?.reports ?? [], kind);
      return found && deps.reads.pictures.get(found.month, kind, found.sha256, found);
    };
    const ask = async (
      path: string,
      query = "",
      headers: Record<string, string> = { authorization: `Bearer ${admin}` },
    ) => apiHandler(() => deps.reads)(httpEvent({ method: "GET", path, query, headers }));
    const finish = async () => {
      deps.setClock(noon + 120_000);
      await deps.reads.eraser.finish();
      deps.setClock(noon);
    };
    const erase = async (id: string) => {
      expect(await deps.reads.eraser.eraseEvent(id)).toBe(true);
      await finish();
    };

    it("are in one object for each report, except the shared registered one", async () => {
      await send(known({ reg_pic: photo("registered") }, { ir_pic: photo("infrared") }));
      const sizes = ["scene", "face", "infrared"].map((seed) => jpeg(seed).length);
      expect((await keys()).map(({ key, size }) => [key.split("/")[0], size])).toEqual([
        ["pictures", sizes.reduce((sum, size) => sum + size, 0)],
        ["registered", jpeg("registered").length],
      ]);
      for (const kind of ["scene", "face", "infrared", "registered"] as const) {
        expect(await bytesOf(kind), kind).toEqual(jpeg(kind));
      }
      expect(Object.keys(merge(await event()).pictures.scene ?? {})).toEqual([
        "sha256",
        "bytes",
        "contentType",
        "href",
      ]);
    });

    it("are opened by an API link without a key, and only by their bytes", async () => {
      await send(known());
      const { id } = await event();
      const { body = "" } = await ask(`/v1/events/${id}/pictures/face`, "link=1");
      const { url } = JSON.parse(Buffer.from(body, "base64").toString()) as { url: string };
      expect(url).toMatch(/^\/v1\/pictures\//);
      const opened = await ask(url, "", {});
      expect([opened.statusCode, opened.headers?.["content-type"]]).toEqual([200, "image/jpeg"]);
      expect(Buffer.from(opened.body ?? "", "base64")).toEqual(jpeg("face"));
      expect(await ask(`/v1/events/${id}/pictures/face`)).toMatchObject({ statusCode: 302 });
    });

    it("are opened at S3 if alone in their object, as are those over 4 MB", async () => {
      const large = picture("large", 4 * 1024 * 1024 + 1);
      await send(known({}, { spot_pic: large.data.toString("base64"), ir_pic: photo("infrared") }));
      const { id } = await event();
      expect((await keys()).map(({ size }) => size).sort((a, b) => a - b)).toEqual([
        jpeg("face").length + jpeg("infrared").length,
        large.bytes,
      ]);
      expect(await bytesOf("scene")).toEqual(large.data);
      const { headers } = await ask(`/v1/events/${id}/pictures/scene`);
      expect(headers?.["location"]).toContain("X-Amz-Signature");
    });

    it("are not written again by any process if the event has them", async () => {
      await send(realtime({ timestamp: noon }, { spot_pic: photo("scene") }), "RealTimeEvent");
      const other = await runtimeOn({ fresh: async () => deps });
      await deliver(known(), { token, ports: other.ingest });
      const calls = countCalls(deps.clients);
      await send(known());
      expect(calls["PutObjectCommand"]).toBeUndefined();
      expect((await keys()).map(({ size }) => size).sort()).toEqual([jpeg("scene").length, jpeg("face").length].sort());
      expect([await bytesOf("scene"), await bytesOf("face")]).toEqual([jpeg("scene"), jpeg("face")]);
    });

    it("are in a second object if a repeat adds one, and an erasure removes both", async () => {
      await send(history({ timestamp: noon }, { recognize_face: photo("face") }));
      await send(known());
      expect(await keys()).toHaveLength(2);
      expect([await bytesOf("scene"), await bytesOf("face")]).toEqual([jpeg("scene"), jpeg("face")]);
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("a repeat in another month leaves the first picture in place", async () => {
      await send(history({ timestamp: noon }, { recognize_face: photo("face") }));
      deps.setClock(noon + 12 * 24 * 60 * 60 * 1000);
      await send(known());
      expect((await keys()).map(({ key }) => key.slice(0, 16))).toEqual(["pictures/2026-11", "pictures/2026-12"]);
      expect([await bytesOf("scene"), await bytesOf("face")]).toEqual([jpeg("scene"), jpeg("face")]);
    });

    it("one that a repeat brings and the event does not show goes with the event", async () => {
      await send(known());
      await send(known({}, { spot_pic: photo("another scene") }));
      expect([await keys(), await bytesOf("scene")]).toEqual([expect.toSatisfy(hasLength(2)), jpeg("scene")]);
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("a truncated one that an intact one replaced goes with the event", async () => {
      const cut = jpeg("scene").subarray(0, -2);
      await send(known({}, { spot_pic: cut.toString("base64") }));
      await send(known());
      expect(await bytesOf("scene")).toEqual(jpeg("scene"));
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("a truncated one alone in its object is removed with the event after its replacement", async () => {
      const cut = picture("scene", 4 * 1024 * 1024 + 1);
      await send(known({}, { spot_pic: cut.data.toString("base64") }));
      await send(known());
      expect([await keys(), await bytesOf("scene")]).toEqual([expect.toSatisfy(hasLength(3)), jpeg("scene")]);
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("two events that show the same bytes share nothing: each is erased alone", async () => {
      await send(known({ reg_pic: photo("registered") }));
      await send(known({ reg_pic: photo("registered"), timestamp: noon + 1 }));
      expect(await keys()).toHaveLength(3);
      const [second, first] = await events();
      await erase(first?.id ?? "");
      expect(await keys()).toHaveLength(2);
      expect(await bytesOf("face", second?.id)).toEqual(jpeg("face"));
      await erase(second?.id ?? "");
      expect(await keys()).toEqual([]);
    });

    it("a second face in a frame has its own, whichever one is erased", async () => {
      await send(known());
      await send(known({}, { recognize_face: photo("second face") }));
      const twin = (await events()).find(({ isSecondFace }) => isSecondFace);
      const first = (await events()).find(({ isSecondFace }) => !isSecondFace);
      await erase(first?.id ?? "");
      expect(await bytesOf("face", twin?.id)).toEqual(jpeg("second face"));
      await erase(twin?.id ?? "");
      expect(await keys()).toEqual([]);
    });

    /** For a box whose clock is ahead. Reports that it sends after an erasure seem to be of a later passing. */
    const ahead = { timestamp: noon + 60_000 };
    const eraseFirst = async (id: string) => {
      await deps.reads.eraser.eraseEvent(id);
      deps.setClock(noon + 1000);
    };

    it("a second face keeps its picture when the first event is erased", async () => {
      await send(known(ahead));
      const { id } = await event();
      await send(known(ahead, { recognize_face: photo("second face") }));
      const twin = (await events()).find(({ isSecondFace }) => isSecondFace)?.id ?? "";
      await eraseFirst(id);
      await send(known(ahead));
      await finish();
      expect((await events()).map((one) => one.id)).toEqual([twin]);
      expect(await bytesOf("face", twin)).toEqual(jpeg("second face"));
      await erase(twin);
      expect(await keys()).toEqual([]);
    });

    it("an event that is sent again during its erasure leaves no picture", async () => {
      await send(known(ahead));
      const { id } = await event();
      await eraseFirst(id);
      await send(known(ahead));
      await finish();
      expect([await events(), await keys()]).toEqual([[], []]);
    });

    it("an object that a report may just have brought again is decided about later", async () => {
      deps.setClock(Date.now() - 120_000);
      await send(known());
      expect(await deps.reads.eraser.eraseEvent((await event()).id)).toBe(true);
      deps.setClock(Date.now());
      await deps.reads.eraser.finish();
      expect(await keys()).toHaveLength(1);
      deps.setClock(Date.now() + 120_000);
      await deps.reads.eraser.finish();
      expect(await keys()).toEqual([]);
    });

    it("pictures of a report that joined during the erasure are removed as well", async () => {
      await send(history({ timestamp: noon }, { recognize_face: photo("face") }));
      const { id } = await event();
      before(deps.clients.dynamo, "DeleteItemCommand", id, () =>
        send(realtime({ timestamp: noon }, { spot_pic: photo("scene") }), "RealTimeEvent"),
      );
      await erase(id);
      expect(await keys()).toEqual([]);
    });

    it("an object whose row was never written is overwritten by the repeat", async () => {
      let failures = 1;
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            commandName === "UpdateItemCommand" && JSON.stringify(args.input).includes("r_history") && failures-- > 0
              ? Promise.reject(new Error("the process ended"))
              : next(args),
        { step: "initialize" },
      );
      expect(await deliver(known(), { token, ports: deps.ingest })).toMatchObject({ statusCode: 503 });
      expect([await keys(), await events()]).toEqual([expect.toSatisfy(hasLength(1)), []]);
      await send(known());
      expect(await keys()).toHaveLength(1);
      expect(await bytesOf("face")).toEqual(jpeg("face"));
    });

    it("are written although the event could not be read", async () => {
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            JSON.stringify(args.input).includes('"S":"evt_') && commandName === "BatchGetItemCommand"
              ? Promise.reject(new Error("throttled"))
              : next(args),
        { step: "initialize", name: "no reads" },
      );
      await send(known());
      await send(known());
      deps.clients.dynamo.middlewareStack.remove("no reads");
      expect(await bytesOf("face")).toEqual(jpeg("face"));
      expect(await keys()).toHaveLength(1);
    });

    it("a damaged object is answered as lost, and never with other bytes", async () => {
      await send(known());
      const [object] = await keys();
      await overwrite(deps, object?.key ?? "", Buffer.alloc(object?.size ?? 0, "x"));
      expect(await bytesOf("face")).toBeNull();
      await overwrite(deps, object?.key ?? "", Buffer.alloc(3));
      expect(await bytesOf("face")).toBeNull();
    });

    it("an overwritten object of one picture counts as lost, also for its action", async () => {
      await send(history({ timestamp: noon, want_action: "1002" }, { recognize_face: photo("face") }));
      const [action] = (await deps.reads.actionReader.list({}, page)).items;
      const [object] = await keys();
      const asked = () => ask(`/v1/actions/${action?.id}/photo`);
      expect(Buffer.from((await asked()).body ?? "", "base64")).toEqual(jpeg("face"));
      await overwrite(deps, object?.key ?? "", jpeg("another"));
      expect(await bytesOf("face")).toBeNull();
      expect(await asked()).toMatchObject({ statusCode: 410 });
    });

    describe("the photo of an announcement", () => {
      const announced = () => standIns.bus.calls.flat().map((entry) => entry["Detail"] as { photo: { key: string } });

      it("is an object that has nothing else, in the report that asks", async () => {
        await send(
          stranger(
            { timestamp: noon, want_action: "1001" },
            { spot_pic: photo("scene"), recognize_face: photo("face") },
          ),
        );
        const key = announced().at(-1)?.photo.key ?? "";
        expect(await read(deps, key)).toEqual(jpeg("face"));
        expect(await keys()).toHaveLength(2);
      });

      it("is copied from the received bytes if stored already, and erased with the event", async () => {
        await send(known());
        const calls = countCalls(deps.clients);
        await send(known({ want_action: "1002" }));
        expect(calls).toMatchObject({ PutObjectCommand: 1, PutEventsCommand: 1 });
        expect(calls["GetObjectCommand"]).toBeUndefined();
        const key = announced().at(-1)?.photo.key ?? "";
        expect(await read(deps, key)).toEqual(jpeg("face"));
        await erase((await event()).id);
        expect(await keys()).toEqual([]);
      });

      it("is erased though the event returned with another picture of the same object", async () => {
        await send(known());
        await send(known({ want_action: "1002" }));
        const { id, reports } = await event();
        const copy = announced().at(-1)?.photo.key ?? "";
        const { scene } = reports[0]?.pictures ?? {};
        if (scene === undefined) throw new Error("there is no scene");
        expect(await deps.reads.eraser.eraseEvent(id)).toBe(true);
        // By its clock the report is later. It was on its way while the event was there.
        const later = { time: noon + 5000, receivedAt: noon + 5000, pictures: { scene } };
        await deps.ingest.index.upsert(upsert("", { eventId: id, report: report(later) }));
        await finish();
        expect((await keys()).map(({ key }) => key)).toEqual([copy.replace(/\.\d+$/, "")]);
        expect(await bytesOf("scene", id)).toEqual(jpeg("scene"));
        await erase(id);
        expect(await keys()).toEqual([]);
      });

      it("is erased though it was copied again after the event returned with others", async () => {
        await send(known());
        const { id, reports } = await event();
        const { scene, face } = reports[0]?.pictures ?? {};
        if (scene === undefined || face === undefined) throw new Error("a picture is missing");
        expect(await deps.reads.eraser.eraseEvent(id)).toBe(true);
        const put = (pictures: NonNullable<Report["pictures"]>) =>
          deps.ingest.index.upsert(
            upsert("", { eventId: id, report: report({ time: noon + 5000, receivedAt: noon + 5000, pictures }) }),
          );
        const { at: _, ...shown } = face;
        await put({ scene, face: { ...shown, in: "x".repeat(22) } });
        await put({ face });
        await finish();
        const [{ key = "" } = {}] = await keys();
        await overwrite(deps, `${key}.${face.at}`, jpeg("face"));
        await erase(id);
        expect(await keys()).toEqual([]);
      });

      it("is copied by the sweep for another report's action, even after a failure", async () => {
        await send(known());
        const { id } = await event();
        const asking = { id: `act_${id.slice(4)}_1002`, wantAction: "1002" as const, name: "update-photo" as const };
        const { eventId, ...entry } = upsert("", { report: report({ kind: "live", dialect: "ws-v5" }) });
        const action = { ...asking, state: "pending" as const, reason: null, at: new Date(noon).toISOString() };
        expect(await deps.ingest.index.upsert({ ...entry, eventId: id, action })).toMatchObject({ enqueued: true });
        deps.setClock(noon + 61_000);
        deps.clients.s3.middlewareStack.add(
          (next, { commandName }) =>
            (args) =>
              commandName === "GetObjectCommand" ? Promise.reject(new Error("slow down")) : next(args),
          { step: "initialize", name: "no reads" },
        );
        expect(await relayOutbox(deps.ingest)).toEqual({ announced: 0, failed: 1 });
        deps.clients.s3.middlewareStack.remove("no reads");
        deps.setClock(noon + 122_000);
        expect(await relayOutbox(deps.ingest)).toEqual({ announced: 1, failed: 0 });
        expect(await read(deps, announced().at(-1)?.photo.key ?? "")).toEqual(jpeg("face"));
      });
    });
  });
});

async function read({ clients, names }: TestRuntime, key: string): Promise<Buffer> {
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: names.bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function overwrite({ clients, names }: TestRuntime, key: string, body: Buffer): Promise<void> {
  await clients.s3.send(new PutObjectCommand({ Bucket: names.bucket, Key: key, Body: body }));
}

const hasLength = (length: number) => (list: unknown[]) => list.length === length;
