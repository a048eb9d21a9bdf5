import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { hashToken, newToken } from "@gatepost/core/keys";
import { type JsonObject, locatePicture, merge, type PictureKind } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { onStandIns } from "../../standins/aws.ts";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { httpEvent } from "../../support/http-event.ts";
import { jpeg, photo, png, sha256 } from "../../support/pictures.ts";
import { history, realtime, stranger, understood } from "../../support/reports.ts";
import { day, noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const page = { limit: 10, cursor: null };
const nextMonth = noon + 12 * day;

onStandIns((standIns) => {
  describe("the pictures of an event:", () => {
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
    /** The key of the picture, once it is shown that its link is for just these bytes. */
    const linked = async (kind: PictureKind, bytes: Buffer, id?: string) => {
      const path = `/v1/events/${id ?? (await event()).id}/pictures/${kind}`;
      const answer = await ask(path);
      expect(answer.statusCode).toBe(302);
      const { body = "" } = await ask(`${path}/link`);
      const said = JSON.parse(Buffer.from(body, "base64").toString());
      expect(said).toEqual({ url: expect.any(String), expires: expect.any(String) });
      const [key, other] = [String(answer.headers?.["location"]), said.url].map((url) => {
        expect(new URL(url).searchParams.get("X-Amz-Signature")).not.toBeNull();
        return decodeURIComponent(new URL(url).pathname).split("/").slice(2).join("/");
      });
      expect(key).toBe(other);
      expect((await read(deps, key ?? "")).equals(bytes), kind).toBe(true);
      return key ?? "";
    };
    const bytesOf = async (kind: PictureKind, id?: string) => {
      const stored = id === undefined ? await event() : await deps.reads.events.get(id);
      const found = stored && locatePicture(stored, kind);
      return found && deps.reads.pictures.get(found);
    };
    const hash = (seed: string) => sha256(jpeg(seed)).slice(0, 8);
    const ask = async (path: string, headers: Record<string, string> = { authorization: `Bearer ${admin}` }) =>
      apiHandler(() => deps.reads)(httpEvent({ method: "GET", path, headers }));
    /** Meanwhile no event can be read before its pictures are written. */
    const unreadable = async (work: () => Promise<void>) => {
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            JSON.stringify(args.input).includes('"S":"evt_') && commandName === "BatchGetItemCommand"
              ? Promise.reject(new Error("throttled"))
              : next(args),
        { step: "initialize", name: "no reads" },
      );
      await work();
      deps.clients.dynamo.middlewareStack.remove("no reads");
    };
    const finish = async (at = noon + 120_000) => {
      deps.setClock(at);
      await deps.reads.eraser.finish();
      deps.setClock(noon);
    };
    const erase = async (id: string, at?: number) => {
      expect(await deps.reads.eraser.eraseEvent(id)).toBe(true);
      await finish(at);
    };

    it("are an object each, named by event, report, kind and hash", async () => {
      await send(known({ reg_pic: photo("registered") }, { ir_pic: photo("infrared") }));
      const { id } = await event();
      for (const kind of ["scene", "face", "infrared"] as const) {
        const key = `pictures/2026-11/${id}/history-${kind}-${hash(kind)}.jpg`;
        expect(await linked(kind, jpeg(kind))).toBe(key);
      }
      const shared = `registered/2026-11/${sha256(jpeg("registered"))}.jpg`;
      expect(await linked("registered", jpeg("registered"))).toBe(shared);
      expect((await keys()).map(({ size }) => size).sort()).toEqual(
        ["scene", "face", "infrared", "registered"].map((seed) => jpeg(seed).length).sort(),
      );
      expect(Object.keys(merge(await event()).pictures.scene ?? {})).toEqual([
        "sha256",
        "bytes",
        "contentType",
        "href",
      ]);
    });

    it.each(eventFixtures())("are those that %s/%s sends", async (dialect, name) => {
      const route = routeOf(dialect);
      const { pictures } = understood(fixture(dialect, name), { route });
      await send(fixture(dialect, name), route);
      for (const [kind, { data }] of pictures) await linked(kind, data);
      expect(Object.keys(merge(await event()).pictures).sort()).toEqual([...pictures.keys()].sort());
    });

    it("tell browsers their type and that they never change, and people their box and kind", async () => {
      await send(known({ reg_pic: photo("registered") }, { recognize_face: png.toString("base64") }));
      const about = await Promise.all(
        (await keys()).map(({ key: Key }) =>
          deps.clients.s3.send(new HeadObjectCommand({ Bucket: deps.names.bucket, Key, ChecksumMode: "ENABLED" })),
        ),
      );
      expect(about.map(({ ContentType, CacheControl, Metadata }) => [ContentType, CacheControl, Metadata])).toEqual([
        ["image/png", "private, immutable", { box: "gate-1", kind: "face" }],
        ["image/jpeg", "private, immutable", { box: "gate-1", kind: "scene" }],
        ["image/jpeg", "private, immutable", { kind: "registered" }],
      ]);
      expect(JSON.stringify(about)).not.toContain("小明");
      const sums = [png, jpeg("scene"), jpeg("registered")].map((data) =>
        Buffer.from(sha256(data), "hex").toString("base64"),
      );
      expect(about.map(({ ChecksumSHA256 }) => ChecksumSHA256)).toEqual(sums);
    });

    it("are all kept if two reports bring different ones", async () => {
      await send(realtime({ timestamp: noon }, { spot_pic: photo("early scene") }), "RealTimeEvent");
      expect(await linked("scene", jpeg("early scene"))).toContain("/realtime-scene-");
      await send(known());
      expect(await linked("scene", jpeg("scene"))).toContain("/history-scene-");
      expect(await linked("face", jpeg("face"))).toContain("/history-face-");
      expect(await keys()).toHaveLength(3);
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("are not written again by a repeat or another report of the event", async () => {
      await send(realtime({ timestamp: noon }, { spot_pic: photo("scene") }), "RealTimeEvent");
      await send(known());
      expect(await linked("scene", jpeg("scene"))).toContain("/realtime-scene-");
      expect(await linked("face", jpeg("face"))).toContain("/history-face-");
      const other = await runtimeOn({ fresh: async () => deps });
      const calls = countCalls(deps.clients);
      await deliver(known(), { token, ports: other.ingest });
      await send(known());
      expect(calls["PutObjectCommand"]).toBeUndefined();
      expect(await keys()).toHaveLength(2);
    });

    it("a repeat that brings a missing one fills it in, and an erasure removes both", async () => {
      await send(history({ timestamp: noon }, { recognize_face: photo("face") }));
      await send(known());
      await linked("scene", jpeg("scene"));
      await linked("face", jpeg("face"));
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it.each<[string, () => Promise<void>]>([
      ["a repeat", () => send(known())],
      ["another report", () => send(realtime({ timestamp: noon }, { spot_pic: photo("scene") }), "RealTimeEvent")],
    ])("%s in the next month keeps the month of the first receipt", async (_, repeat) => {
      await send(history({ timestamp: noon }, { recognize_face: photo("face") }));
      deps.setClock(nextMonth);
      await repeat();
      expect(await linked("face", jpeg("face"))).toMatch(/^pictures\/2026-11\/evt_\w+\/history-face-/);
      expect(await linked("scene", jpeg("scene"))).toMatch(/^pictures\/2026-11\/evt_\w+\/\w+-scene-/);
      await erase((await event()).id, nextMonth + 120_000);
      expect(await keys()).toEqual([]);
    });

    it("an erasure removes pictures of a repeat whose event could not be read", async () => {
      await send(known());
      deps.setClock(nextMonth);
      await unreadable(() => send(known()));
      expect((await keys()).map(({ key }) => key.slice(0, 16))).toEqual([
        ...["pictures/2026-11", "pictures/2026-11", "pictures/2026-12", "pictures/2026-12"],
      ]);
      expect(await linked("face", jpeg("face"))).toContain("2026-11");
      await erase((await event()).id, nextMonth + 120_000);
      expect(await keys()).toEqual([]);
    });

    it("one that a repeat brings and the event does not show goes with the event", async () => {
      await send(known());
      await send(known({}, { spot_pic: photo("another scene") }));
      expect(await keys()).toHaveLength(3);
      await linked("scene", jpeg("scene"));
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("an intact one does not overwrite the broken one that someone may be reading", async () => {
      const cut = jpeg("scene").subarray(0, -2);
      await send(known({}, { spot_pic: cut.toString("base64") }));
      const before = await linked("scene", cut);
      await send(known());
      expect(await linked("scene", jpeg("scene"))).not.toBe(before);
      expect(await read(deps, before)).toEqual(cut);
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("two processes that take the same report at once write the same objects", async () => {
      const other = await runtimeOn({ fresh: async () => deps });
      await Promise.all([send(known()), deliver(known(), { token, ports: other.ingest })]);
      expect(await keys()).toHaveLength(2);
      await linked("face", jpeg("face"));
      await linked("scene", jpeg("scene"));
    });

    it("two events that show the same bytes share nothing: each is erased alone", async () => {
      await send(known({ reg_pic: photo("registered") }));
      await send(known({ reg_pic: photo("registered"), timestamp: noon + 1 }));
      expect(await keys()).toHaveLength(5);
      const [second, first] = await events();
      await erase(first?.id ?? "");
      expect(await keys()).toHaveLength(3);
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

    it("an erased second face leaves the pictures of the first alone", async () => {
      await send(known());
      const ofFirst = await keys();
      await send(known({}, { recognize_face: photo("second face") }));
      await erase((await events()).find(({ isSecondFace }) => isSecondFace)?.id ?? "");
      expect(await keys()).toEqual(ofFirst);
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
      expect(await keys()).toHaveLength(2);
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

    it("objects whose row was never written are overwritten by the repeat, and erased with it", async () => {
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
      expect([(await keys()).length, await events()]).toEqual([2, []]);
      await send(known());
      expect(await keys()).toHaveLength(2);
      expect(await bytesOf("face")).toEqual(jpeg("face"));
      await erase((await event()).id);
      expect(await keys()).toEqual([]);
    });

    it("are written although the event could not be read", async () => {
      await unreadable(async () => {
        await send(known());
        await send(known());
      });
      expect(await bytesOf("face")).toEqual(jpeg("face"));
      expect(await keys()).toHaveLength(2);
    });

    it("a damaged object is answered as lost, and never with other bytes", async () => {
      await send(known());
      const { key, size } = (await keys()).find((one) => one.key.includes("face")) ?? { key: "", size: 0 };
      await overwrite(deps, key, Buffer.alloc(size, "x"));
      expect(await bytesOf("face")).toBeNull();
      await overwrite(deps, key, Buffer.alloc(3));
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
      const announced = () =>
        standIns.bus.calls.flat().map((entry) => entry["Detail"] as { photo: { bucket: string; key: string } });

      it("is the object of the event itself, which is erased with it", async () => {
        await send(
          stranger(
            { timestamp: noon, want_action: "1001" },
            { spot_pic: photo("scene"), recognize_face: photo("face") },
          ),
        );
        const { bucket, key } = announced().at(-1)?.photo ?? { bucket: "", key: "" };
        expect([bucket, await read(deps, key)]).toEqual([deps.names.bucket, jpeg("face")]);
        expect(await keys()).toHaveLength(2);
        await erase((await event()).id);
        expect(await keys()).toEqual([]);
      });

      it("is named by a repeat without another write", async () => {
        await send(known());
        const calls = countCalls(deps.clients);
        await send(known({ want_action: "1002" }));
        expect(calls).toMatchObject({ PutEventsCommand: 1 });
        expect([calls["PutObjectCommand"], calls["GetObjectCommand"]]).toEqual([undefined, undefined]);
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
