import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { fixture } from "../../support/fixtures.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon, realtime } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";

export interface Live extends Running {
  /** The address of the live feed for a token. */
  address(token: string): string;
  /** Whether a reader that resumes gets the event before the named one once more. */
  repeats?: boolean;
  /** The time of its clock (ms) after so many ms, if it is not the clock of this process. */
  timeIn?(ms: number): number;
}

const message = z.looseObject({ event_id: z.string() });
const errorLike = { error: { status: 400, message: expect.any(String) } };

/** The live feed as its readers see it, on any runtime. */
export function live(runtime: string, start: () => Promise<Live>): void {
  describe(`on ${runtime}, the live feed:`, () => {
    let running: Live;
    let client: Client;
    let box: Box;
    const sockets: WebSocket[] = [];
    let times = 0;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      box = new Box(running.url, (await client.createKey("gate-1")).token);
    });
    afterEach(async () => {
      for (const socket of sockets.splice(0)) {
        const isClosed = socket.readyState === socket.CLOSED || once(socket, "close");
        socket.close();
        await isClosed;
      }
    });
    afterAll(() => running.stop());

    const created = z.object({ id: z.string(), token: z.string() });
    const key = async (scope = "read") => {
      const asked = scope === "ingest" ? { scope, box: "gate-2" } : { scope };
      return created.parse(await (await client.post("/v1/keys", asked)).json());
    };
    const open = async (token?: string) => {
      const socket = new WebSocket(running.address(token ?? (await key()).token));
      sockets.push(socket);
      const received: unknown[] = [];
      socket.on("message", (data) => received.push(JSON.parse(data.toString())));
      const closed = once(socket, "close");
      closed.catch(() => {});
      await once(socket, "open");
      const count = async (messages: number) => {
        await expect.poll(() => received.length).toBeGreaterThanOrEqual(messages);
        return z.array(message).parse(received);
      };
      /** Asks, and returns once that has had its effect: a message that is no configuration is answered after it. */
      const ask = async (configuration: object) => {
        socket.send(JSON.stringify(configuration));
        socket.send("{");
        await expect.poll(() => received).toContainEqual(errorLike);
        received.splice(
          received.findIndex((one) => z.object({ error: z.unknown() }).safeParse(one).success),
          1,
        );
      };
      return { socket, received, closed, count, ask };
    };
    const refusedWith = async (address: string) => {
      const socket = new WebSocket(address);
      socket.on("error", () => {});
      const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
      socket.terminate();
      return response.statusCode;
    };
    /** A time that no other passing here has. */
    const next = () => noon + 10_000 * ++times;
    const deliver = async (body: unknown, path = "/HistoryEvent") => {
      expect((await box.post(path, body)).status).toBe(200);
    };
    const ids = async (timestamps: readonly number[]) => {
      const events = await client.events();
      return timestamps.map((timestamp) => events.find((event) => event.timestamp === timestamp)?.id);
    };

    it("sends each event of the requested devices once, and no other", async () => {
      const reader = await open();
      await reader.ask({ event_list: ["192.168.7.7", "SNO1__192.168.1.60"] });
      const [one, two, three] = [next(), next(), next()];
      const first = realtime({ timestamp: one }, { device_ip: "192.168.7.7" });
      for (let time = 0; time < 2; time++) await deliver(first, "/RealTimeEvent");
      await deliver(realtime({ timestamp: two }, { device_ip: "10.9.9.9" }), "/RealTimeEvent");
      await deliver(history({ timestamp: three }));
      const messages = await reader.count(2);
      const [idOne, idThree] = await ids([one, three]);
      expect(messages.map(({ event_id }) => event_id)).toEqual([idOne, idThree]);
    });

    it("names a device as an SE5 does: the sent video_id, else its id", async () => {
      const reader = await open();
      await reader.ask({ event_list: ["*"] });
      await deliver({ ...fixture("ws-v5", "printed"), video_id: "video-7", timestamp: next() }, "/LiveEvent");
      await deliver(history({ timestamp: next() }));
      expect((await reader.count(2)).map((one) => one["video_id"])).toEqual(["video-7", "SNO1__192.168.1.60"]);
    });

    it("sends nothing for an empty list, another type of person or another box", async () => {
      const [none, strangers, elsewhere, all] = [await open(), await open(), await open(), await open()];
      await none.ask({});
      await strangers.ask({ event_list: ["*"], types: ["stranger"] });
      await elsewhere.ask({ event_list: ["*"], boxes: ["gate-9"] });
      await all.ask({ event_list: ["*"] });
      await deliver(history({ timestamp: next() }));
      await all.count(1);
      for (const reader of [none, strangers, elsewhere]) expect(reader.received).toEqual([]);
    });

    it("sends events of its boxes only, for a key limited to boxes", async () => {
      const keyFor = async (boxes: string[]) =>
        created.parse(await (await client.post("/v1/keys", { scope: "read", boxes })).json()).token;
      const elsewhere = await open(await keyFor(["gate-9"]));
      const [own, all] = [await open(await keyFor(["gate-9", "gate-1"])), await open()];
      const [before] = (await client.events()).slice(-1);
      elsewhere.socket.send(JSON.stringify({ event_list: ["*"], since: before?.id }));
      const noSuchEvent = { error: { message: expect.stringContaining("no such event") } };
      await expect.poll(() => elsewhere.received).toMatchObject([noSuchEvent]);
      elsewhere.received.splice(0);
      await elsewhere.ask({ event_list: ["*"], boxes: ["gate-1"] });
      for (const reader of [own, all]) await reader.ask({ event_list: ["*"] });
      await deliver(history({ timestamp: next() }));
      await own.count(1);
      await all.count(1);
      expect(elsewhere.received).toEqual([]);
    });

    /** Opens the feed with a key that ends soon; with one that ends later if the machine is too busy for that. */
    const openBriefly = async (ms: number): Promise<{ token: string; reader: Awaited<ReturnType<typeof open>> }> => {
      const expiresAt = new Date(running.timeIn?.(ms) ?? Date.now() + ms).toISOString();
      const { token } = created.parse(await (await client.post("/v1/keys", { scope: "read", expiresAt })).json());
      try {
        const reader = await open(token);
        const over = reader.closed.then(() => Promise.reject(new Error("the key has ended already")));
        await Promise.race([reader.ask({ event_list: ["*"] }), over]);
        return { token, reader };
      } catch {
        return openBriefly(2 * ms);
      }
    };

    it("ends when its key does", async () => {
      const { token, reader } = await openBriefly(3000);
      const status = async () =>
        (await fetch(`${running.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
      await expect.poll(status).toBe(401);
      await deliver(history({ timestamp: next() }));
      await reader.closed;
      expect(reader.received).toEqual([]);
    });

    it("sends pictures, or links to them, as requested", async () => {
      const [pictures, urls] = [await open(), await open()];
      await pictures.ask({ event_list: ["*"], need_face: true, need_register: true });
      await urls.ask({ event_list: ["*"], picture_urls: true });
      const timestamp = next();
      const [face, base] = [photo("live face"), photo("live base")];
      await deliver(history({ timestamp, reg_pic: base }, { recognize_face: face }));
      expect(await pictures.count(1)).toMatchObject([
        { reg_pic: base, ext_data: { recognize_face: face, spot_pic: "" } },
      ]);
      const [id] = await ids([timestamp]);
      const href = `/v1/events/${id}/pictures/`;
      expect(await urls.count(1)).toMatchObject([
        { reg_pic: "", picture_urls: { face: `${href}face`, registered: `${href}registered` } },
      ]);
    });

    it("answers V6's configuration in V6's shape", async () => {
      const reader = await open();
      await reader.ask({ media_device_ids: ["*"], with_face_image: false });
      await deliver(history({ timestamp: next() }));
      expect(await reader.count(1)).toMatchObject([{ media_device_id: "SNO1__192.168.1.60", user_type: "employee" }]);
    });

    it("sends an event again when a report joins, if updates were requested", async () => {
      const [plain, updated] = [await open(), await open()];
      await plain.ask({ event_list: ["*"] });
      await updated.ask({ event_list: ["*"], updates: true });
      const [timestamp, last] = [next(), next()];
      await deliver(realtime({ timestamp }), "/RealTimeEvent");
      await updated.count(1);
      await deliver(history({ timestamp }));
      expect((await updated.count(2)).map((one) => one["updated"])).toEqual([false, true]);
      await deliver(history({ timestamp: last }));
      expect((await plain.count(2)).map(({ event_id }) => event_id)).toEqual(await ids([timestamp, last]));
    });

    it("answers a wrong configuration once, and keeps the old one", async () => {
      const reader = await open();
      await reader.ask({ event_list: ["*"] });
      reader.socket.send('{"types":["robot"]}');
      await expect.poll(() => reader.received).toEqual([errorLike]);
      reader.socket.send('{"since":"evt_none"}');
      await expect.poll(() => reader.received).toEqual([errorLike, errorLike]);
      await deliver(history({ timestamp: next() }));
      await expect.poll(() => reader.received).toHaveLength(3);
    });

    it("answers a ping, without another effect", async () => {
      const reader = await open();
      await reader.ask({ event_list: ["*"] });
      reader.socket.send("ping");
      await expect.poll(() => reader.received).toEqual([{ pong: true }]);
      await deliver(history({ timestamp: next() }));
      await expect.poll(() => reader.received).toHaveLength(2);
    });

    it("resumes behind the last seen event, without gaps and with documented repeats", async () => {
      const timestamps = Array.from({ length: 8 }, next);
      for (const timestamp of timestamps.slice(0, 5)) await deliver(history({ timestamp }));
      const [, since] = await ids(timestamps.slice(0, 2));
      const before = (await client.events()).map(({ id }) => id).filter((id) => id !== since);
      const reader = await open();
      reader.socket.send(JSON.stringify({ event_list: ["*"], since }));
      for (const timestamp of timestamps.slice(5)) await deliver(history({ timestamp }));
      const idsSent = () =>
        z
          .array(message)
          .parse(reader.received)
          .map(({ event_id }) => event_id);
      const expected = await ids(timestamps.slice(2));
      await expect.poll(() => idsSent()).toEqual(expect.arrayContaining(expected));
      const last = next();
      await deliver(history({ timestamp: last }));
      expected.push(...(await ids([last])));
      await expect.poll(() => idsSent().at(-1)).toBe(expected.at(-1));
      const repeated = idsSent().filter((id) => !expected.includes(id));
      expect(idsSent().slice(repeated.length)).toEqual(expected);
      expect(new Set(repeated).size).toBe(repeated.length);
      expect(running.repeats ? before : []).toEqual(expect.arrayContaining(repeated));
    });

    it("continues at the cursor of a message whose event was erased", async () => {
      const first = await open();
      await first.ask({ event_list: ["*"] });
      const timestamps = [next(), next(), next()];
      for (const timestamp of timestamps) await deliver(history({ timestamp }));
      const got = await first.count(3);
      const [erased, ...missed] = await ids(timestamps);
      const since = got.find(({ event_id }) => event_id === erased)?.["cursor"];
      const headers = { authorization: `Bearer ${running.admin}` };
      await fetch(`${running.url}/v1/events/${erased}`, { method: "DELETE", headers });
      const again = await open();
      again.socket.send(JSON.stringify({ event_list: ["*"], since }));
      const idsSent = () => again.received.map((one) => message.parse(one).event_id);
      await expect.poll(() => idsSent()).toEqual(expect.arrayContaining(missed));
      expect(idsSent()).not.toContain(erased);
    });

    it("refuses altered cursors, and shows a limited key no event by another's", async () => {
      const all = await open();
      await all.ask({ event_list: ["*"] });
      for (let n = 0; n < 2; n++) await deliver(history({ timestamp: next() }));
      const since = String((await all.count(2))[0]?.["cursor"]);
      const asked = { scope: "read", boxes: ["gate-9"] };
      const elsewhere = await open(created.parse(await (await client.post("/v1/keys", asked)).json()).token);
      elsewhere.socket.send(JSON.stringify({ event_list: ["*"], form: "event", since: `A${since}` }));
      await expect.poll(() => elsewhere.received).toEqual([errorLike]);
      elsewhere.socket.send(JSON.stringify({ event_list: ["*"], form: "event", since }));
      await expect.poll(() => elsewhere.received.at(-1)).toHaveProperty("caughtUp");
      expect(elsewhere.received).toHaveLength(2);
    });

    it("sends events in the API's form on request, and marks the end of missed ones", async () => {
      const timestamps = [next(), next(), next()];
      for (const timestamp of timestamps) await deliver(history({ timestamp }));
      const [since] = await ids(timestamps);
      const reader = await open();
      const asked = { event_list: ["*"], form: "event", updates: true, boxes: ["gate-1"], types: ["employee"] };
      reader.socket.send(JSON.stringify({ ...asked, since }));
      const [caughtUp, cursor] = [true, expect.any(String)];
      await expect.poll(() => reader.received.at(-1)).toEqual({ caughtUp, cursor });
      const missed = (await client.events()).filter(({ timestamp }) => timestamps.slice(1).includes(timestamp));
      // The passings of these tests were long ago.
      const told = (event: unknown, isCatchUp: boolean) => ({ event, isUpdate: false, isCatchUp, late: true, cursor });
      for (const event of missed) expect(reader.received).toContainEqual(told(event, true));
      const later = next();
      await deliver(history({ timestamp: later }));
      const [last] = await ids([later]);
      const shown = (await client.events()).find(({ id }) => id === last);
      await expect.poll(() => reader.received.at(-1)).toEqual(told(shown, false));
      const fresh = await open();
      fresh.socket.send(JSON.stringify(asked));
      await expect.poll(() => fresh.received).toEqual([{ caughtUp: true }]);
    });

    it("sends seen marks of a reader's boxes to readers of the API's form", async () => {
      const timestamp = next();
      await deliver(history({ timestamp }));
      const [id] = await ids([timestamp]);
      const [page, elsewhere, plain] = [await open(), await open(), await open()];
      await page.ask({ event_list: ["*"], form: "event" });
      await elsewhere.ask({ event_list: ["*"], form: "event", boxes: ["gate-9"] });
      await plain.ask({ event_list: ["*"] });
      const headers = { authorization: `Bearer ${running.admin}` };
      const answer = await fetch(`${running.url}/v1/events/${id}/seen`, { method: "PUT", headers });
      expect(answer.status).toBe(204);
      await expect.poll(() => page.received.at(-1)).toEqual({ seen: [id] });
      expect(elsewhere.received).toEqual([{ caughtUp: true }]);
      expect(plain.received).toEqual([]);
    });

    it("sends erasures of a reader's boxes to readers of the API's form", async () => {
      const [person, timestamps] = ["erased-live", [next(), next(), next()]] as const;
      for (const timestamp of timestamps) await deliver(history({ timestamp, identity_id: person }));
      const [alone, ...others] = await ids([...timestamps]);
      const [page, elsewhere, plain] = [await open(), await open(), await open()];
      await page.ask({ event_list: ["*"], form: "event" });
      await elsewhere.ask({ event_list: ["*"], form: "event", boxes: ["gate-9"] });
      await plain.ask({ event_list: ["*"] });
      const remove = (path: string) =>
        fetch(`${running.url}/v1/${path}`, { method: "DELETE", headers: { authorization: `Bearer ${running.admin}` } });
      expect((await remove(`events/${alone}`)).status).toBe(204);
      await expect.poll(() => page.received.at(-1)).toEqual({ erased: [alone] });
      expect((await remove(`people?id=${person}&all=1`)).status).toBe(200);
      const erased = z.object({ erased: z.array(z.string()) });
      await expect
        .poll(() => page.received.flatMap((message) => erased.safeParse(message).data?.erased ?? []).sort())
        .toEqual([alone, ...others].sort());
      expect(elsewhere.received).toEqual([{ caughtUp: true }]);
      expect(plain.received).toEqual([]);
    });

    it("sends counts to readers that ask for them", async () => {
      const reader = await open();
      await reader.ask({ event_list: [], form: "event", counts: true });
      const counts = { today: expect.any(Number), perSecond: expect.any(Number), actions: 0, silent: 0, problems: 0 };
      await expect.poll(() => reader.received).toContainEqual({ counts });
    });

    it("is open to read and admin keys and once to a ticket, else closed", async () => {
      await open((await key("admin")).token);
      const answer = z.object({ ticket: z.string() });
      const { ticket } = answer.parse(await (await client.post("/v1/tickets", undefined)).json());
      await open(ticket);
      expect(await refusedWith(running.address(ticket))).toBe(401);
      expect(await refusedWith(running.address("gpr_unknown"))).toBe(401);
      expect(await refusedWith(running.address((await key("ingest")).token))).toBe(403);
    });

    it("disconnects readers of a revoked key, and no others", async () => {
      const { id, token } = await key();
      const [ended, other] = [await open(token), await open()];
      await other.ask({ event_list: ["*"] });
      await fetch(`${running.url}/v1/keys/${id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${running.admin}` },
      });
      await ended.closed;
      await deliver(history({ timestamp: next() }));
      await other.count(1);
    });
  });
}
