import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { fixture } from "../../support/fixtures.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, noon, realtime, stranger } from "../../support/reports.ts";

export interface Running {
  url: string;
  admin: string;
  stop(): Promise<void>;
}

/** `noon` of the builders is in the past for every clock these tests run by. */
const acknowledged = { status: 200, text: '{"message":"SUCCESS","status":0}' };

const unknown = z.object({ terminals: z.array(z.object({ serial: z.string() })) });

/** The main job as a box and a console see it, on any runtime. */
export function mainJob(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, a box posts and Gatepost keeps it:`, () => {
    let running: Running;
    let client: Client;
    let box: Box;
    let name: string;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
    });
    afterAll(() => running.stop());

    /** A new box, so that tests do not meet in the store. */
    const newBox = async () => {
      name = `gate-${randomUUID().slice(0, 8)}`;
      return new Box(running.url, (await client.createKey(name)).token);
    };
    const events = () => client.events(`&box=${name}`);

    it.each([
      ["/PassRecord", "platform-b", "pass-record"],
      ["/RealTimeEvent", "se3-realtime", "realtime"],
      ["/HistoryEvent", "history-nested", "history"],
      ["/EventServer/api/HistoryEvent", "history-nested", "history"],
      ["/AsyncEvent", "history-nested", "history"],
      ["/LiveEvent", "ws-v5", "live"],
    ] as const)("%s accepts the documented %s", async (path, dialect, kind) => {
      box = await newBox();
      const body = fixture(dialect, path === "/AsyncEvent" ? "async-printed" : "printed");
      expect(await box.post(path, body)).toEqual(acknowledged);
      const [event] = await events();
      expect(event).toMatchObject({ box: { id: name }, reports: [{ kind, dialect }], flags: [] });
    });

    it("shows every fact of a pass record, and its pictures byte for byte", async () => {
      box = await newBox();
      const body = fixture("platform-b", "complete");
      const [registered, scene, face] = ["registered", "scene", "face"].map((kind) => jpeg(`${name} ${kind}`));
      const text = (picture: Buffer | undefined) => picture?.toString("base64") ?? "";
      const ext_data = { ...(body["ext_data"] as object), spot_pic: text(scene), recognize_face: text(face) };
      await box.post("/PassRecord", { ...body, reg_pic: text(registered), ext_data });
      const [event] = await events();
      expect(Object.keys(event?.pictures ?? {}).sort()).toEqual(["face", "registered", "scene"]);
      if (event === undefined) return;
      expect(await client.picture(event, "registered")).toEqual(registered);
      expect(await client.picture(event, "scene")).toEqual(scene);
      expect(await client.picture(event, "face")).toEqual(face);
      expect(event.pictures.face?.sha256).toBe(sha256(face ?? ""));
      const { events: _, ...alone } = { ...event, events: null };
      expect(await (await client.get(`/v1/events/${event.id}`)).json()).toEqual(alone);
    });

    it("the same report a hundred times at once is one event with one action enqueued", async () => {
      box = await newBox();
      const body = JSON.stringify(history({ want_action: "1002" }, { recognize_face: photo(name) }));
      const answers = await Promise.all(Array.from({ length: 100 }, () => box.post("/HistoryEvent", body)));
      expect(answers).toEqual(Array.from({ length: 100 }, () => acknowledged));
      const found = await events();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ wantAction: "1002", actions: [{ wantAction: "1002" }], reports: [{}] });
    });

    it.each([
      ["real-time first", ["realtime", "history"]],
      ["history first", ["history", "realtime"]],
    ])("real-time and history of one passing are one event: %s", async (_, order) => {
      box = await newBox();
      const bodies = {
        realtime: () => box.post("/RealTimeEvent", realtime({}, { spot_pic: photo("rt") })),
        history: () => box.post("/HistoryEvent", history({ score: 0.9 }, { recognize_face: photo("hi") })),
      };
      for (const kind of order) await bodies[kind as keyof typeof bodies]();
      const found = await events();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        score: 0.9,
        box: { id: name, serial: "SNO1" },
        reports: [{ kind: "history" }, { kind: "realtime" }],
        pictures: { face: { sha256: sha256(jpeg("hi")) } },
      });
    });

    it("two strangers in one frame are two events", async () => {
      box = await newBox();
      const scene = photo("scene");
      await box.post("/HistoryEvent", stranger({}, { spot_pic: scene, recognize_face: photo("one") }));
      await box.post("/HistoryEvent", stranger({}, { spot_pic: scene, recognize_face: photo("two") }));
      expect(await events()).toHaveLength(2);
    });

    it("two faces of one frame with one person are two events, the second marked", async () => {
      box = await newBox();
      const bodies = ["one", "two"].map((face) => history({}, { recognize_face: photo(face) }));
      for (const body of [...bodies, ...bodies]) await box.post("/HistoryEvent", body);
      const flags = (await events()).map((event) => event.flags);
      expect(flags.sort()).toEqual([[], ["same-person-twice"]]);
    });

    it("a repeat with another counter is no event, and one with other facts is", async () => {
      box = await newBox();
      const bodies = [0.5, 0.6].flatMap((score) => [1, 2, 3].map((seq) => history({ score, seq })));
      await box.post("/HistoryEvent", bodies.toReversed());
      for (const body of bodies) expect(await box.post("/HistoryEvent", body)).toEqual(acknowledged);
      const found = await events();
      expect(found.map(({ score, flags }) => [score, flags]).sort()).toEqual([
        [0.5, ["same-person-twice"]],
        [0.6, []],
      ]);
      expect(found.map(({ extra }) => extra)).toEqual([{ seq: 3 }, { seq: 3 }]);
    });

    it("a repeated timestamp of 0 is one event, and two passings of it are two", async () => {
      box = await newBox();
      const passing = (score: number) => history({ timestamp: 0, score });
      for (const score of [0.5, 0.5, 0.6])
        expect(await box.post("/HistoryEvent", passing(score))).toEqual(acknowledged);
      const found = await events();
      expect(found.map((event) => event.flags)).toEqual([["clock"], ["clock"]]);
      expect(found[0]?.extra).toMatchObject({ timestamp: 0 });
    });

    it("a stranger with too poor a picture has a withheld action", async () => {
      box = await newBox();
      await box.post("/HistoryEvent", fixture("history-nested", "register-stranger-too-poor"));
      expect((await events())[0]?.actions).toMatchObject([{ wantAction: "1001", state: "withheld" }]);
    });

    it("understands any report on any path under the key, and the key in the query", async () => {
      box = await newBox();
      expect(await box.post("//anything/else/,", history())).toEqual(acknowledged);
      const { origin, pathname } = new URL(box.url);
      const answer = await fetch(`${origin}/HistoryEvent?token=${pathname.slice(1)}`, {
        method: "POST",
        body: JSON.stringify(history({ timestamp: noon + 1 })),
      });
      expect(answer.status).toBe(200);
      expect(await events()).toHaveLength(2);
    });

    it("keeps unknown reports in quarantine unchanged, and makes events of the others", async () => {
      box = await newBox();
      expect(await box.post("/HistoryEvent", "{broken")).toEqual(acknowledged);
      expect(await box.post("/HistoryEvent", [history(), { nothing: "known" }])).toEqual(acknowledged);
      const broken = history({ timestamp: noon + 9 }, { recognize_face: "/9j/..." });
      expect(await box.post("/HistoryEvent", broken)).toEqual(acknowledged);
      const { records } = (await (await client.get(`/v1/quarantine?box=${name}`)).json()) as {
        records: { id: string; reason: string }[];
      };
      expect(records.map(({ reason }) => reason).sort()).toEqual(["not-json", "picture", "unknown-shape"]);
      const flags = (await events()).map((event) => event.flags);
      expect(flags.sort()).toEqual([[], ["picture-unreadable:face"]]);
      const kept = records.find(({ reason }) => reason === "not-json");
      expect(await (await client.get(`/v1/quarantine/${kept?.id}`)).json()).toMatchObject({ body: "{broken" });
    });

    it("returns the outcome of each report to people in a header", async () => {
      box = await newBox();
      const outcomeOf = async (body: unknown) => (await box.postOnce("/HistoryEvent", body)).outcome;
      const report = history({}, { recognize_face: photo(name) });
      await expect.poll(() => outcomeOf(report)).toMatch(/^(stored|duplicate); id=evt_/);
      const [event] = await events();
      await expect.poll(() => outcomeOf(report)).toBe(`duplicate; id=${event?.id}`);
      await expect.poll(() => outcomeOf("hello")).toMatch(/^quarantined; reason=not-json; id=qrt_\w+$/);
      const batch = [history({ timestamp: noon + 60_000 }), report, { nothing: "known" }];
      await expect.poll(() => outcomeOf(batch)).toMatch(/^batch; (stored=1; duplicate=1|duplicate=2); quarantined=1$/);
    });

    it.each([
      ["POST", "/{key}/HistoryEvent"],
      ["GET", "/{key}/HistoryEvent"],
      ["PUT", "/{key}/HistoryEvent"],
      ["POST", "/{another}/HistoryEvent"],
      ["POST", "/HistoryEvent"],
      ["GET", "/v1/events"],
      ["GET", "/v1/none"],
      ["DELETE", "/healthz"],
      ["GET", "/assets/none.js"],
    ])("lets a browser neither sniff nor run the answer to %s %s", async (method, path) => {
      const { token } = await client.createKey(name);
      const { headers } = await fetch(
        running.url + path.replace("{key}", token).replace("{another}", "gpi_unknownunknownunknownunknown"),
        { method },
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    });

    it("lists a terminal whose serial no key lists, until a key does", async () => {
      const serial = `SN${randomUUID().slice(0, 8)}`;
      const ask = async () => (await fetch(`${running.url}/iclock/cdata?SN=${serial}&options=all`)).text();
      const serials = async () =>
        unknown.parse(await (await client.get("/v1/unknown-terminals")).json()).terminals.map((one) => one.serial);
      expect(await ask()).toBe("ERROR\n");
      expect(await serials()).toContain(serial);
      await client.createKey("terminal-1", [serial]);
      expect(await serials()).not.toContain(serial);
      expect(await ask()).toContain(`GET OPTION FROM: ${serial}`);
    });

    it("refuses a report without a valid key, and stores nothing of it", async () => {
      box = await newBox();
      const { id, token } = await client.createKey(name);
      await fetch(`${running.url}/v1/keys/${id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${running.admin}` },
      });
      for (const key of [token, "gpi_unknownunknownunknownunknown"]) {
        const answer = await new Box(running.url, key).post("/HistoryEvent", history());
        expect(answer.status).toBe(401);
        expect(JSON.parse(answer.text)).toMatchObject({ status: 401, message: expect.any(String) });
      }
      expect((await new Box(running.url, running.admin).post("/HistoryEvent", history())).status).toBe(403);
      expect(await events()).toEqual([]);
    });
  });
}
