import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { ChainCheck, shownAuditRecord, storedRecord } from "@gatepost/core/audit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon, stranger } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";
import routes from "./read-routes.json" with { type: "json" };

export interface Reading extends Running {
  /** Waits until all of an erasure is done. */
  finish(): Promise<void>;
}

const eventList = z.object({
  events: z.array(z.looseObject({ id: z.string(), person: z.looseObject({ id: z.string().nullable() }) })),
});
const feedPage = eventList.extend({ next: z.string(), more: z.boolean() });
const items = z.array(z.looseObject({ id: z.string() })).optional();
const largePage = z.object({
  events: items,
  actions: items,
  next: z.string().nullable(),
  more: z.boolean().optional(),
});
const created = z.object({ id: z.string(), token: z.string() });

/** Without a live key; 429 if there were too many of that within a minute. */
const isClosed = (status: number) => status === 401 || status === 429;

/** The requests of readers over HTTP, on any runtime: every route, filter and scope. */
export function reading(runtime: string, start: () => Promise<Reading>): void {
  describe(`on ${runtime}, readers ask:`, () => {
    let running: Reading;
    let client: Client;
    const keys: Record<string, string> = {};
    const [gate, other] = [`gate-${randomUUID().slice(0, 8)}`, `门-${randomUUID().slice(0, 8)}`];
    const pictures = { reg_pic: photo("registered") };
    const bodies = [
      history(pictures, { spot_pic: photo("scene"), recognize_face: photo("face") }),
      history({ identity_id: "78", identity_name: "Grace", timestamp: noon + 1000, want_action: "1002" }),
      history({ identity_id: "80", timestamp: noon - 1000, reg_pic: "no picture" }, { device_ip: "10.0.0.8" }),
      stranger({ timestamp: noon - 2000, want_action: "1001" }, { recognize_face: photo("strange") }),
    ];
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      const box = new Box(running.url, (await client.createKey(gate)).token);
      for (const body of bodies) await box.post("/HistoryEvent", body);
      const deviceList = [{ epId: "SNO1__192.168.1.60", direction: 1, epStatus: "online" }];
      await box.post("/box/device/sync", { devSno: "SNO1", deviceList });
      const ofOther = { ep_id: "SNO2__10.0.0.9", person_type: 5 };
      const second = new Box(running.url, (await client.createKey(other)).token);
      await second.post("/HistoryEvent", history({ identity_id: "79", timestamp: noon + 2000 }, ofOther));
      await second.post("/HistoryEvent", "{broken");
      for (const scope of ["read", "admin"]) keys[scope] = await keyOf({ scope });
      keys["ingest"] = await keyOf({ scope: "ingest", box: gate });
    });
    afterAll(() => running.stop());

    const keyOf = async (key: object) => created.parse(await (await client.post("/v1/keys", key)).json()).token;
    const ask = (route: string, token = "", body?: unknown) => {
      const [method = "", path = ""] = route.split(" ");
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { authorization: `Bearer ${token}` };
      return fetch(running.url + path, { method, headers, ...content });
    };
    let strangers = 1;
    /** The status of a request without a key, each time from another address: so many from one are refused as such. */
    const withoutKey = (route: string) => {
      const [method = "", path = ""] = route.split(" ");
      strangers += 1;
      const localAddress = `127.0.0.${strangers}`;
      return new Promise<number>((resolve, reject) => {
        const asked = request(running.url + path, { method, localAddress }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        asked.on("error", reject).end();
      });
    };
    const found = async (query: string) => {
      const answer = await ask(`GET /v1/events?from=${noon - 10_000}&to=${noon + 10_000}&${query}`, keys["read"]);
      expect(answer.status).toBe(200);
      return eventList.parse(await answer.json()).events;
    };
    const eventOf = async (person: string) => {
      const [event] = await found(`person=${person}`);
      if (event === undefined) throw new Error(`there is no event of ${person}`);
      return event.id;
    };

    // First of all: after 30 failures within a minute the answer is 429, and says no more.
    it("the reason why a key is refused", async () => {
      const codeOf = async (token: string) =>
        z.object({ code: z.string() }).parse(await (await ask("GET /v1/me", token)).json()).code;
      const { id, token } = created.parse(await (await client.post("/v1/keys", { scope: "read" })).json());
      await ask(`DELETE /v1/keys/${id}`, keys["admin"]);
      expect(await codeOf(token)).toBe("revoked");
      expect(await codeOf(`gpr_${"x".repeat(27)}`)).toBe("unknown");
      const expiresAt = new Date(Date.now() + 1000).toISOString();
      const short = await keyOf({ scope: "read", expiresAt });
      await expect.poll(async () => (await ask("GET /v1/me", short)).status).toBe(401);
      expect(await codeOf(short)).toBe("expired");
    });

    describe.each([...routes.readable, ...routes.administrable])("%s", (route) => {
      it("is closed without a key, and to the key of a box", async () => {
        expect(await withoutKey(route)).toBe(401);
        expect((await ask(route, keys["ingest"])).status).toBe(403);
      });

      it("is open to the right scopes", async () => {
        const isForReaders = routes.readable.includes(route);
        expect((await ask(route, keys["read"])).status === 403).toBe(!isForReaders);
        expect([200, 201, 204, 400, 404, 428]).toContain((await ask(route, keys["admin"])).status);
      });
    });

    it.each(routes.open)("%s needs no key", async (route) => {
      const answer = await ask(route);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    });

    it.each(["/v1/events?limit=1", "/openapi.json", "/docs", "/healthz", "/v1/none", "/v1/events/{id}/pictures/face"])(
      "%s by HEAD, with the same length as by GET",
      async (template) => {
        const path = template.replace("{id}", await eventOf("888001"));
        const headers = { authorization: `Bearer ${keys["read"]}` };
        const by = (method: string) => fetch(running.url + path, { method, headers, redirect: "manual" });
        const [head, got] = [await by("HEAD"), await by("GET")];
        expect(head.status).toBe(got.status);
        const length = `${(await got.arrayBuffer()).byteLength}`;
        expect([null, length]).toContain(head.headers.get("content-length"));
      },
    );

    it.each([
      ["", ["79", "78", "888001", "80", "1772366400.25"]],
      [`box=${encodeURIComponent(other)}`, ["79"]],
      ["person=78", ["78"]],
      ["person=1772366400.25", []],
      ["device=10.0.0.8", ["80"]],
      ["device=SNO2__10.0.0.9", ["79"]],
      ["type=vip", ["79"]],
      ["type=stranger", ["1772366400.25"]],
      ["action=1002", ["78"]],
      ["flag=picture-unreadable:registered", ["80"]],
      ["q=gRa", ["78"]],
      ["q=王芳&type=employee&limit=1", ["888001"]],
      [`q=sno1&box=${gate}`, ["78", "888001", "80", "1772366400.25"]],
    ])("events by %j", async (query, persons) => {
      expect((await found(query)).map(({ person }) => person.id)).toEqual(persons);
    });

    it.each([
      [`from=${noon + 1000}&to=${noon + 2000}`, ["78"]],
      ["from=2026-03-01T20:00:02%2B08:00", ["79"]],
    ])("events by time: %s", async (query, persons) => {
      const answer = await ask(`GET /v1/events?${query}`, keys["read"]);
      expect(eventList.parse(await answer.json()).events.map(({ person }) => person.id)).toEqual(persons);
    });

    it("events page by page", async () => {
      const all = (await client.events()).map(({ id }) => id);
      const ids: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: Response = await client.get(
          `/v1/events?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        const { events, next } = eventList.extend({ next: z.string().nullable() }).parse(await page.json());
        ids.push(...events.map(({ id }) => id));
        cursor = next;
      }
      expect(ids).toEqual(all);
    });

    it.each([
      "/v1/events?from=",
      "/v1/events/count?from=",
      `/v1/stats?to=${noon + 10_000}&from=`,
      `/v1/flags?to=${noon + 10_000}&from=`,
      "/v1/audit?limit=1&from=",
      `/v1/boxes/${gate}/arrivals?after=`,
      "/v1/counts?seen=",
    ])("%s with a time in ISO 8601, in seconds or in milliseconds, all equivalent", async (path) => {
      const times = [new Date(noon).toISOString(), "2026-03-01T20:00:00+08:00", `${noon / 1000}`, `${noon}`];
      const answers: unknown[] = [];
      for (const time of times) {
        const answer = (await (await ask(`GET ${path}${time}`, keys["admin"])).json()) as object;
        answers.push({ ...answer, keptFrom: "a time before the question" });
      }
      expect(answers[0]).not.toHaveProperty("detail");
      expect(answers).toEqual(times.map(() => answers[0]));
      expect((await ask(`GET ${path}2026-03-01`, keys["admin"])).status).toBe(400);
    });

    it("a time zone must have one meaning", async () => {
      const detail = async (zone: string) =>
        (await (await ask(`GET /v1/stats?zone=${zone}`, keys["read"])).json()) as { detail?: string };
      const { detail: ambiguous } = await detail("CST");
      expect(ambiguous).toBe("zone: CST is the name of several time zones: write Asia/Shanghai or America/Chicago");
      const { detail: offset } = await detail("UTC+8");
      expect(offset).toBe("zone: must be a time zone: write Asia/Shanghai or Etc/GMT-8 for this offset");
      expect(await detail("Asia/Shanghai")).not.toHaveProperty("detail");
    });

    it("one event, by its id", async () => {
      const id = await eventOf("78");
      expect(await (await ask(`GET /v1/events/${id}`, keys["read"])).json()).toMatchObject({
        id,
        person: { name: "Grace" },
      });
      expect((await ask("GET /v1/events/evt_none", keys["read"])).status).toBe(404);
    });

    it("boxes, their arrivals, and an admin's settings of them", async () => {
      const { boxes } = (await (await ask("GET /v1/boxes?limit=500", keys["read"])).json()) as {
        boxes: { id: string }[];
      };
      expect(boxes.map(({ id }) => id)).toEqual(expect.arrayContaining([gate, other]));
      const path = `/v1/boxes/${encodeURIComponent(other)}`;
      const settings = { site: "north", silence: { afterMs: 7_200_000 } };
      const set = await ask(`PATCH ${path}`, keys["admin"], settings);
      expect(set.status).toBe(200);
      expect(await (await ask(`GET ${path}`, keys["read"])).json()).toMatchObject({
        id: other,
        site: "north",
        silence: { afterMs: 7_200_000, isOverride: true, isExpected: false },
      });
      const arrived = async () => {
        const { arrivals } = (await (await ask(`GET ${path}/arrivals`, keys["admin"])).json()) as {
          arrivals: { outcome: string; kind?: string; reason?: string }[];
        };
        return arrivals.map(({ outcome, kind, reason }) => kind ?? reason ?? outcome);
      };
      await expect.poll(arrived).toEqual(["not-json", "history"]);
    });

    it("the direction of an event's device, which only a notice contains", async () => {
      const answer = await ask(`GET /v1/events/${await eventOf("78")}`, keys["read"]);
      expect(await answer.json()).toMatchObject({ device: { endpoint: "SNO1__192.168.1.60", direction: "out" } });
      expect((await found("person=79"))[0]).toMatchObject({ device: { direction: null } });
    });

    it("the feed of changes, and from its end the later ones", async () => {
      const first = feedPage.parse(await (await client.get("/v1/events?order=received&limit=500")).json());
      expect(first.events).toHaveLength(5);
      expect(first.more).toBe(false);
      const box = new Box(running.url, keys["ingest"] ?? "");
      await box.post("/HistoryEvent", history({ identity_id: "81", timestamp: noon + 60_000 }));
      const path = `/v1/events?order=received&after=${encodeURIComponent(first.next)}`;
      for (let time = 0; time < 2; time++) {
        const { events } = feedPage.parse(await (await client.get(path)).json());
        expect(events.map(({ person }) => person.id)).toContain("81");
      }
      expect((await client.get("/v1/events?order=received&after=nonsense")).status).toBe(400);
    });

    it.each([
      ["registered", "registered"],
      ["scene", "scene"],
      ["face", "face"],
    ])("the %s picture, byte for byte, and a link to it", async (kind, seed) => {
      const path = `/v1/events/${await eventOf("888001")}/pictures/${kind}`;
      const answer = await client.get(path);
      expect(answer.headers.get("content-type")).toBe("image/jpeg");
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(jpeg(seed));
      const { url } = z.object({ url: z.string() }).parse(await (await client.get(`${path}?link=1`)).json());
      const linked = url.startsWith("/") ? await client.get(url) : await fetch(url);
      expect(Buffer.from(await linked.arrayBuffer())).toEqual(jpeg(seed));
    });

    it("actions, whose outcome a subscriber reports", async () => {
      const list = z.object({ actions: z.array(z.object({ id: z.string(), state: z.string(), eventId: z.string() })) });
      const { actions } = list.parse(await (await client.get("/v1/actions")).json());
      const action = actions.find(({ id }) => id.endsWith("1002"));
      expect(action?.eventId).toBe(await eventOf("78"));
      const body = { state: "done", note: "registered" };
      expect((await ask(`POST /v1/actions/${action?.id}`, keys["read"], body)).status).toBe(403);
      expect(await (await ask(`POST /v1/actions/${action?.id}`, keys["admin"], body)).json()).toMatchObject({
        state: "done",
      });
      const done = list.parse(await (await client.get("/v1/actions?state=done")).json());
      expect(done.actions.map(({ id }) => id)).toEqual([action?.id]);
      expect((await ask(`POST /v1/actions/${action?.id}`, keys["admin"], { state: "failed", note: null })).status).toBe(
        409,
      );
    });

    it("quarantined records, and their replay", async () => {
      const path = `/v1/quarantine?box=${encodeURIComponent(other)}`;
      const { records } = z
        .object({ records: z.array(z.object({ id: z.string(), reason: z.string() })) })
        .parse(await (await client.get(path)).json());
      expect(records).toMatchObject([{ reason: "not-json" }]);
      const id = records[0]?.id;
      expect(await (await client.get(`/v1/quarantine/${id}`)).json()).toMatchObject({ body: "{broken" });
      expect(await (await client.post(`/v1/quarantine/${id}/replay`, undefined)).json()).toMatchObject({
        outcome: "kept",
      });
    });

    it("keys, which are made, listed and revoked", async () => {
      const { id } = await client.createKey("gate-listed");
      const listed = z.object({ keys: z.array(z.looseObject({ id: z.string(), revokedAt: z.string().nullable() })) });
      const find = async () =>
        listed.parse(await (await client.get("/v1/keys")).json()).keys.find((key) => key.id === id);
      expect(await find()).toMatchObject({ box: "gate-listed", scope: "ingest", revokedAt: null });
      expect((await ask(`DELETE /v1/keys/${id}`, keys["admin"])).status).toBe(204);
      expect(await find()).toMatchObject({ revokedAt: expect.any(String) });
    });

    it("a key's own scope, and facts about the server", async () => {
      const me = z.object({
        key: z.object({ id: z.string(), scope: z.literal("read") }),
        now: z.iso.datetime(),
        server: z.object({
          version: z.string(),
          runtime: z.enum(["one-machine", "aws"]),
          rules: z.enum(["editable", "elsewhere"]),
          rangeFor: z.array(z.string()),
        }),
        limits: z.object({ bodyBytes: z.int(), pictureBytes: z.int(), textBytes: z.int(), nesting: z.int() }),
        retention: z.object({ eventDays: z.int(), quarantineDays: z.int() }),
        room: z.object({ usedBytes: z.int(), ofBytes: z.int() }).nullable(),
      });
      const answer = await ask("GET /v1/me", keys["read"]);
      const { server, room } = me.parse(await answer.json());
      expect(server.runtime === "one-machine").toBe(room !== null);
    });

    it("a limited key sees nothing of another box", async () => {
      const limited = await keyOf({ scope: "read", note: "the guard of the other gate", boxes: [other, "gate-x"] });
      const json = async (route: string) => (await ask(route, limited)).json();
      const [own, hidden] = [await eventOf("79"), await eventOf("78")];
      const shown = eventList.parse(await json("GET /v1/events?limit=500"));
      expect(shown.events.map(({ id }) => id)).toEqual([own]);
      expect(await json(`GET /v1/events?box=${gate}`)).toEqual({ events: [], next: null });
      const feed = feedPage.parse(await json("GET /v1/events?order=received"));
      expect(feed.events.map(({ id }) => id)).toEqual([own]);
      expect((await ask(`GET /v1/events/${own}`, limited)).status).toBe(200);
      for (const path of [hidden, `${await eventOf("888001")}/pictures/face`]) {
        expect((await ask(`GET /v1/events/${path}`, limited)).status).toBe(404);
      }
      expect(await json("GET /v1/actions")).toMatchObject({ actions: [] });
      const { records } = z
        .object({ records: z.array(z.object({ box: z.string() })) })
        .parse(await json("GET /v1/quarantine"));
      expect(records.map(({ box }) => box)).toEqual([other]);
      expect(await json("GET /SophonDevice/api/Devices")).toEqual({
        data: { devices_list: [{ device_id: "SNO2__10.0.0.9" }] },
      });
      expect(await json("GET /v1/me")).toMatchObject({ key: { scope: "read", boxes: [other, "gate-x"] } });
    });

    it("the devices, as an SE5 lists them, with the key in the URL", async () => {
      const answer = await fetch(`${running.url}/SophonDevice/api/Devices?token=${keys["read"]}`);
      expect(await answer.json()).toEqual({
        data: { devices_list: [{ device_id: "SNO1__192.168.1.60" }, { device_id: "SNO2__10.0.0.9" }] },
      });
    });

    it("a picture of a width, made smaller or sent with the reason", async () => {
      const path = `/v1/events/${await eventOf("888001")}/pictures/face`;
      const headers = { authorization: `Bearer ${keys["read"]}` };
      const answer = await fetch(`${running.url}${path}?width=96`, { headers, redirect: "manual" });
      expect([200, 302]).toContain(answer.status);
      const why = /^as-sent; reason=(unreadable|not-installed|aws)$/.exec(answer.headers.get("gatepost-picture") ?? "");
      expect(why !== null || answer.headers.get("etag")?.endsWith('-96"')).toBe(true);
      expect((await fetch(`${running.url}${path}?width=97`, { headers })).status).toBe(400);
    });

    it("pictures with a cookie, which opens nothing else and ends with the sign-out", async () => {
      const token = await keyOf({ scope: "read" });
      const answer = await ask("POST /v1/tickets", token, { for: "pictures" });
      expect(answer.status).toBe(204);
      const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
      expect(cookie).toMatch(/^gatepost_pictures=gpc_/);
      const id = await eventOf("888001");
      const get = (path: string) => fetch(running.url + path, { headers: { cookie }, redirect: "follow" });
      const picture = await get(`/v1/events/${id}/pictures/face`);
      expect(Buffer.from(await picture.arrayBuffer())).toEqual(jpeg("face"));
      expect((await get(`/v1/events/${id}`)).status).toSatisfy(isClosed);
      expect((await get("/v1/me")).status).toSatisfy(isClosed);
      const gone = await ask("DELETE /v1/tickets", token);
      expect([gone.status, gone.headers.get("clear-site-data")]).toEqual([204, '"cache"']);
      expect((await get(`/v1/events/${id}/pictures/face`)).status).toSatisfy(isClosed);
    });

    it("the audit log, whose chain is intact", async () => {
      const answer = z.object({
        entries: z.array(shownAuditRecord.transform(storedRecord)),
        next: z.null(),
        head: z.object({ seq: z.int(), hash: z.string() }),
      });
      const me = await (await ask("GET /v1/me", keys["read"])).json();
      const { id } = await client.createKey("gate-audited");
      await ask(`DELETE /v1/keys/${id}`, keys["admin"]);
      const { entries, head } = answer.parse(await (await client.get("/v1/audit?limit=500")).json());
      const about = entries
        .filter((entry) => entry.about["key"] === id)
        .map(({ action, outcome }) => [action, outcome]);
      expect(about).toEqual([
        ["key-revoked", "done"],
        ["key-revoked", "asked"],
        ["key-made", "done"],
      ]);
      const { key } = z.object({ key: z.object({ id: z.string() }) }).parse(me);
      const signIns = entries.filter(({ action, by }) => action === "signed-in" && by === key.id);
      expect(signIns).toHaveLength(1);
      expect(signIns[0]?.from).toMatch(/^[0-9a-f]{16}$/);
      const check = new ChainCheck(head);
      for (const entry of entries) check.take(entry);
      expect(check.end(0)).toEqual({ entries: head.seq, oldest: 1, brokenAt: null, faults: [] });
    });

    describe("lists of large reports", () => {
      const box = `large-${randomUUID().slice(0, 8)}`;
      const tokens: Record<string, string> = {};
      beforeAll(async () => {
        const sender = new Box(running.url, (await client.createKey(box)).token);
        const texts = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`text_${n}`, "x".repeat(8000)]));
        for (let from = 0; from < 80; from += 40) {
          const times = Array.from({ length: 40 }, (_, n) => noon + 100_000_000 + from + n);
          const reports = times.map((timestamp) => history({ timestamp, want_action: "1002", ...texts }));
          expect((await sender.post("/HistoryEvent", reports)).status).toBe(200);
        }
        tokens["every box"] = await keyOf({ scope: "read" });
        tokens["one box"] = await keyOf({ scope: "read", boxes: [box] });
      });

      /** The ids on all pages of a list. */
      const idsOf = async (list: string, parameter: string, token = ""): Promise<Set<string>> => {
        const ids = new Set<string>();
        for (let asked = list; ; ) {
          const answer = await ask(`GET ${asked}`, token);
          const text = await answer.text();
          expect([answer.status, Math.max(Buffer.byteLength(text), 4_000_000)]).toEqual([200, 4_000_000]);
          const { events = [], actions = [], next, more = true } = largePage.parse(JSON.parse(text));
          for (const { id } of [...events, ...actions]) ids.add(id);
          if (next === null || !more) return ids;
          asked = `${list}&${parameter}=${encodeURIComponent(next)}`;
        }
      };

      it.each([
        [`/v1/events?box=${box}&limit=500`, "cursor", "every box"],
        [`/v1/events?box=${box}&limit=500`, "cursor", "one box"],
        ["/v1/events?order=received&limit=500", "after", "every box"],
        ["/v1/events?order=received&limit=500", "after", "one box"],
        [`/v1/actions?box=${box}&with=event&limit=500`, "cursor", "every box"],
        [`/v1/actions?box=${box}&with=event&limit=500`, "cursor", "one box"],
      ])("%s continues a page of 4 MB by %s, for a key of %s", async (list, parameter, key) => {
        expect((await idsOf(list, parameter, tokens[key])).size).toBeGreaterThanOrEqual(80);
      });
    });

    it("a person, in any spelling of the name", async () => {
      const names = ["Éva Müller", "\ue817拉·买买提"];
      const box = new Box(running.url, (await client.createKey(`${gate}-names`)).token);
      for (const [n, identity_name] of names.entries())
        await box.post("/HistoryEvent", history({ identity_id: `n${n}`, identity_name, timestamp: noon + n }));
      const namesBy = async (typed: string) => {
        const path = `/v1/events?from=${noon}&to=${noon + 10}&box=${gate}-names&q=${encodeURIComponent(typed)}`;
        const { events } = eventList.parse(await (await ask(`GET ${path}`, keys["read"])).json());
        return events.map(({ person }) => person["name"]);
      };
      const latin = ["ÉVA muller", "eva mu\u0308ller", "ＥＶＡ　MULLER", "evamuller", "A·MÜ"];
      const others = ["\ue817拉", "𠂉拉 买买提", "𠂉拉•买买提", "拉・买"];
      for (const typed of latin) expect([typed, await namesBy(typed)]).toEqual([typed, names.slice(0, 1)]);
      for (const typed of others) expect([typed, await namesBy(typed)]).toEqual([typed, names.slice(1)]);
      for (const typed of [" ", "·", "eve"]) expect([typed, await namesBy(typed)]).toEqual([typed, []]);
    });

    it("the erasure of an event, and of a person", async () => {
      const id = await eventOf("888001");
      const picture = `/v1/events/${id}/pictures/face?link=1`;
      const { url } = z.object({ url: z.string() }).parse(await (await client.get(picture)).json());
      expect((await ask(`DELETE /v1/events/${id}`, keys["admin"])).status).toBe(204);
      await running.finish();
      expect((await ask(`GET /v1/events/${id}`, keys["read"])).status).toBe(404);
      expect((url.startsWith("/") ? await client.get(url) : await fetch(url)).status).toBe(404);
      const person = await ask(`DELETE /v1/people?id=79&box=${encodeURIComponent(other)}`, keys["admin"]);
      expect(await person.json()).toMatchObject({ erased: 1, records: [] });
      expect(await found("person=79")).toEqual([]);
    });
  });
}
