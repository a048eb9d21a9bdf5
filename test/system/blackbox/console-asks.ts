import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon, realtime, stranger } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";

const change = z.object({
  state: z.string(),
  at: z.iso.datetime(),
  reason: z.string().exactOptional(),
  by: z.string().exactOptional(),
});
const listedActions = z.object({
  actions: z.array(
    z.looseObject({
      id: z.string(),
      eventId: z.string(),
      box: z.string(),
      state: z.string(),
      history: z.array(change),
      event: z.looseObject({ id: z.string() }).exactOptional(),
      deliveries: z.array(z.unknown()).nullable().exactOptional(),
    }),
  ),
});

/** The requests of a console that other readers do not make, on any runtime. */
export function consoleAsks(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, a console asks for`, () => {
    let running: Running;
    let client: Client;
    let readKey: { id: string; token: string };
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      for (const box of ["gate-1", "门-2"]) {
        const sender = new Box(running.url, (await client.createKey(box)).token);
        const asked = { timestamp: noon, identity_id: "78", want_action: "1002" };
        await sender.post("/HistoryEvent", history(asked));
        await sender.post("/HistoryEvent", stranger({ timestamp: noon + 1000, want_action: "1001" }));
      }
      const third = new Box(running.url, (await client.createKey("gate-3")).token);
      const seen = { timestamp: noon - 60_000, identity_id: "79" };
      await third.post("/RealTimeEvent", realtime(seen, { device_ip: "192.168.1.60" }));
      await third.post("/HistoryEvent", history(seen, { spot_pic: photo("scene"), recognize_face: photo("face") }));
      readKey = await madeKey({ scope: "read" });
    });
    afterAll(() => running.stop());

    const madeKey = async (asked: object) => {
      const made = await client.post("/v1/keys", asked);
      return z.object({ id: z.string(), token: z.string() }).parse(await made.json());
    };
    const ask = (method: string, path: string, body?: unknown, token = readKey.token) =>
      fetch(running.url + path, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const told = async (path: string) => {
      const answer = await ask("GET", path);
      expect(answer.status, await answer.clone().text()).toBe(200);
      return answer.json();
    };
    const actions = async (query: string) => listedActions.parse(await told(`/v1/actions?${query}`)).actions;

    it("actions by states, types and boxes, with their events", async () => {
      const boxes = async (query: string) => (await actions(query)).map(({ box }) => box).sort();
      expect(await boxes("want=1002")).toEqual(["gate-1", "门-2"]);
      expect(await boxes("want=1001&want=1002")).toHaveLength(4);
      expect(await boxes(`want=1001&box=${encodeURIComponent("门-2")}`)).toEqual(["门-2"]);
      expect(await boxes(`box=gate-1&box=${encodeURIComponent("门-2")}&state=pending,announced`)).toHaveLength(4);
      expect(await boxes("state=withheld")).toEqual([]);
      for (const { eventId, event, deliveries } of await actions("with=event,deliveries")) {
        expect(event?.id).toBe(eventId);
        expect(deliveries).toEqual(runtime === "one machine" ? [] : null);
      }
      for (const wrong of ["state=open", "want=1003", "with=pictures", "state=", "state=done,"]) {
        expect((await ask("GET", `/v1/actions?${wrong}`)).status, wrong).toBe(400);
      }
    });

    it("the count of events, and neighbours of one, by several values of a filter", async () => {
      const range = `from=${noon}&to=${noon + 10_000}`;
      const [newest, oldest] = await client.events(`&box=gate-1&${range}`);
      expect(await told(`/v1/events/count?${range}&type=stranger&type=employee`)).toEqual({ count: 4, isExact: true });
      expect(await told(`/v1/events/count?${range}&box=gate-1&type=stranger`)).toEqual({ count: 1, isExact: true });
      const beside = `/v1/events/${oldest?.id}/neighbours?box=gate-1`;
      expect(await told(beside)).toEqual({ newer: newest?.id, older: null });
      expect(await told(`${beside}&${range}&type=vip`)).toEqual({ newer: null, older: null });
      expect((await ask("GET", "/v1/events/evt_none/neighbours")).status).toBe(404);
    });

    it("the pictures in each report of an event", async () => {
      const [event] = await client.events(`&person=79`);
      expect(event?.reports).toMatchObject([
        { kind: "history", brought: ["scene", "face"] },
        { kind: "realtime", brought: [] },
      ]);
    });

    it("the events that a person has seen, and marks one", async () => {
      const seen = async () => z.object({ seen: z.array(z.string()) }).parse(await told("/v1/events?with=seen")).seen;
      expect(await seen()).toEqual([]);
      const [event] = await client.events();
      for (let time = 0; time < 2; time++) expect((await ask("PUT", `/v1/events/${event?.id}/seen`)).status).toBe(204);
      expect(await seen()).toEqual([event?.id]);
      expect((await ask("PUT", "/v1/events/evt_none/seen")).status).toBe(404);
      expect(await told("/v1/events")).not.toHaveProperty("seen");
    });

    it("quarantine in groups, with the place of the fault, and its pictures folded", async () => {
      const { token } = await client.createKey("gate-q");
      const body = `{"identity_id":"7","reg_pic":"${jpeg("x".repeat(2000)).toString("base64")}","ext_data":{"a":tru}}`;
      const box = new Box(running.url, token);
      await box.post("/HistoryEvent", body);
      await box.post("/PassRecord", "{broken");
      const { groups } = z.object({ groups: z.array(z.unknown()) }).parse(await told("/v1/quarantine/groups"));
      const group = { reason: "not-json", box: "gate-q", count: 1 };
      expect(groups).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...group, path: "/HistoryEvent", bytes: body.length }),
          expect.objectContaining({ ...group, path: "/PassRecord", bytes: 7 }),
        ]),
      );
      const listed = z.object({ records: z.array(z.object({ id: z.string() })) });
      const { records } = listed.parse(await told("/v1/quarantine?box=gate-q&reason=not-json&path=/HistoryEvent"));
      const path = `/v1/quarantine/${records[0]?.id}`;
      const fault = { byte: body.indexOf("tru"), path: "ext_data.a", isTorn: false };
      expect(await told(path)).toMatchObject({ body, fault });
      const folded = z
        .object({ body: z.string(), fault: z.unknown(), isCut: z.boolean() })
        .parse(await told(`${path}?fold=1`));
      expect(folded).toMatchObject({ fault, isCut: false });
      const { href } = z
        .object({ href: z.string() })
        .parse(JSON.parse(/\{"\$picture":(\{.*?\})\}/.exec(folded.body)?.[1] ?? ""));
      expect(href).toBe(`${path}/pictures/reg_pic`);
      const picture = await ask("GET", href);
      expect(picture.headers.get("content-type")).toBe("image/jpeg");
      expect(Buffer.from(await picture.arrayBuffer())).toEqual(jpeg("x".repeat(2000)));
      expect((await ask("GET", `${path}/pictures/none`)).status).toBe(404);
    });

    it("the history of an action, and the key of each state", async () => {
      const [action] = await actions("want=1002&box=gate-1");
      const path = `/v1/actions/${action?.id}`;
      const answer = { state: "done", note: "registered as 4711" };
      expect((await ask("POST", path, answer)).status).toBe(403);
      const limited = await madeKey({ scope: "read", boxes: ["gate-1"] });
      expect((await ask("POST", path, answer, limited.token)).status).toBe(200);
      const { history: changes, event } = listedActions.shape.actions.element.parse(await told(path));
      expect(changes.map(({ state }) => state)).toEqual(["pending", "announced", "done"]);
      expect(changes.at(-1)).toMatchObject({ reason: "registered as 4711", by: limited.id });
      expect(event?.id).toBe(action?.eventId);
      expect(await told(`/v1/events/${action?.eventId}`)).toMatchObject({
        id: action?.eventId,
        actions: [{ id: action?.id, state: "done", history: changes }],
      });
      expect((await ask("GET", "/v1/actions/act_none")).status).toBe(404);
    });
  });
}
