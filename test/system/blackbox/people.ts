import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";

const invited = z.object({ id: z.string(), invitation: z.object({ token: z.string(), url: z.string() }) });
const me = z.object({
  key: z.null(),
  account: z.object({ id: z.string(), name: z.string(), role: z.string() }),
  administrators: z.array(z.string()),
});
const session = z.object({ id: z.string(), isThis: z.boolean() });

const password = "seven green boats";

/** A person in a browser, with the cookies that the server sets. */
class Person {
  readonly #url: string;
  readonly #origin: string;
  cookie = "";
  /** The attributes of the last cookie. */
  attributes = "";

  constructor(url: string, { isHttps }: { isHttps: boolean }) {
    this.#url = url;
    this.#origin = isHttps ? url.replace("http:", "https:") : url;
  }

  async ask(route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const [method = "", path = ""] = route.split(" ");
    const browser = { origin: this.#origin, "sec-fetch-site": "same-origin" };
    const answer = await fetch(this.#url + path, {
      method,
      headers: { ...browser, cookie: this.cookie, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [cookie = "", ...attributes] = answer.headers.getSetCookie().flatMap((one) => one.split("; "));
    if (cookie !== "") [this.cookie, this.attributes] = [cookie, attributes.join("; ")];
    return answer;
  }
}

/** People sign in, act, and are named, on any runtime. */
export function people(runtime: string, start: () => Promise<Running>, { isHttps }: { isHttps: boolean }): void {
  describe(`on ${runtime}, people sign in:`, () => {
    let running: Running;
    let client: Client;
    const gate = `gate-${randomUUID().slice(0, 8)}`;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      const box = new Box(running.url, (await client.createKey(gate)).token);
      const pictures = { spot_pic: photo("scene"), recognize_face: photo("face") };
      for (const n of [1, 2, 3]) {
        await box.post(
          "/HistoryEvent",
          history({ identity_id: `${n}`, timestamp: noon + n, want_action: "1002" }, pictures),
        );
      }
    });
    afterAll(() => running.stop());

    const invite = async (role: string, limits: object = {}) => {
      const email = `${randomUUID()}@example.com`;
      const answer = await client.post("/v1/accounts", { email, role, ...limits });
      expect(answer.status).toBe(201);
      return { email, ...invited.parse(await answer.json()) };
    };
    const join = async (role: string, name: string, limits: object = {}) => {
      const { email, id, invitation } = await invite(role, limits);
      const person = new Person(running.url, { isHttps });
      expect((await person.ask(`POST /v1/invitations/${invitation.token}`, { name, password })).status).toBe(204);
      return { email, id, person };
    };
    const audit = async () => {
      const answer = await client.get("/v1/audit?limit=50");
      return z
        .object({ entries: z.array(z.looseObject({ action: z.string(), by: z.unknown() })) })
        .parse(await answer.json()).entries;
    };

    it("an invitation signs its person in once, by a cookie that no script reads", async () => {
      const { invitation, email } = await invite("manager", { boxes: [gate] });
      expect(invitation.url).toMatch(/^https?:\/\/[^/]+\/#\/invite\/gpv_/);
      const [person, other] = [new Person(running.url, { isHttps }), new Person(running.url, { isHttps })];
      const shown = await person.ask(`GET /v1/invitations/${invitation.token}`);
      expect(await shown.json()).toMatchObject({ email, role: "manager", boxes: [gate], sites: null });
      const short = await person.ask(`POST /v1/invitations/${invitation.token}`, { name: "陈敏", password: "short" });
      expect(short.status).toBe(400);
      const used = await person.ask(`POST /v1/invitations/${invitation.token}`, {
        name: "陈敏",
        password: "1q2w3e4r5t",
      });
      expect([used.status, await used.text()]).toEqual([400, expect.stringContaining("among the most used")]);
      expect((await person.ask(`POST /v1/invitations/${invitation.token}`, { name: "陈敏", password })).status).toBe(
        204,
      );
      expect(person.cookie).toMatch(isHttps ? /^__Host-gatepost=gps_/ : /^gatepost=gps_/);
      expect(person.attributes).toBe(
        isHttps ? "HttpOnly; Secure; SameSite=Lax; Path=/" : "HttpOnly; SameSite=Strict; Path=/",
      );
      expect(me.parse(await (await person.ask("GET /v1/me")).json()).account).toMatchObject({
        name: "陈敏",
        role: "manager",
      });
      expect((await other.ask(`POST /v1/invitations/${invitation.token}`, { name: "x", password })).status).toBe(410);
    });

    it("a person signs in by e-mail and password, and out again", async () => {
      const { email } = await join("guard", "Ann");
      const person = new Person(running.url, { isHttps });
      const wrong = await person.ask("POST /v1/sessions", { email, password: "seven green boat" });
      const unknown = await person.ask("POST /v1/sessions", { email: "nobody@example.com", password });
      const texts = await Promise.all([wrong.text(), unknown.text()]);
      expect([wrong.status, unknown.status, texts[0]]).toEqual([401, 401, texts[1]]);
      const signedIn = await person.ask("POST /v1/sessions", { email: email.toUpperCase(), password, stay: true });
      expect([signedIn.status, person.attributes]).toEqual([204, expect.stringContaining("Max-Age=2592000")]);
      expect((await person.ask("GET /v1/events?limit=1")).status).toBe(200);
      const { cookie } = person;
      expect((await person.ask("DELETE /v1/sessions/current")).status).toBe(204);
      expect(person.attributes).toContain("Max-Age=0");
      person.cookie = cookie;
      const ended = await person.ask("GET /v1/me");
      expect([ended.status, await ended.json()]).toEqual([401, expect.objectContaining({ code: "ended" })]);
    });

    it("a sign-in ends the earlier session of its browser", async () => {
      const { email, person } = await join("guard", "Flo");
      const { cookie } = person;
      expect((await person.ask("POST /v1/sessions", { email, password })).status).toBe(204);
      expect(person.cookie).not.toBe(cookie);
      expect((await person.ask("GET /v1/me")).status).toBe(200);
      person.cookie = cookie;
      expect((await person.ask("GET /v1/me")).status).toBe(401);
    });

    it("a page of another site gets nothing done with a person's cookie", async () => {
      const { person } = await join("administrator", "Root");
      const [{ id = "" } = {}] = await client.events(`&box=${gate}`);
      for (const other of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
        expect((await person.ask(`PUT /v1/events/${id}/seen`, undefined, other)).status).toBe(403);
      }
      expect((await person.ask(`PUT /v1/events/${id}/seen`)).status).toBe(204);
    });

    it("an account sees its boxes alone, and a change of them ends its sessions", async () => {
      const { id, person } = await join("guard", "Bo", { boxes: ["gate-of-others"] });
      expect(await (await person.ask(`GET /v1/events?box=${gate}`)).json()).toMatchObject({ events: [] });
      expect((await person.ask("GET /v1/keys")).status).toBe(403);
      expect((await client.get("/v1/accounts?limit=200")).status).toBe(200);
      const admin = await join("administrator", "Root");
      expect((await admin.person.ask(`PATCH /v1/accounts/${id}`, { boxes: [gate] })).status).toBe(200);
      expect((await person.ask("GET /v1/me")).status).toBe(401);
    });

    it("what people do has their names in the audit log", async () => {
      const [ann, max] = [await join("administrator", "Ann"), await join("manager", "Max")];
      const events = await client.events(`&box=${gate}`);
      expect((await max.person.ask(`PUT /v1/events/${events[1]?.id}/seen`)).status).toBe(204);
      const [seen] = (await client.events(`&box=${gate}`)).filter(({ id }) => id === events[1]?.id);
      expect(seen?.acknowledgement).toMatchObject({ reason: null, by: { account: max.id, name: "Max" } });
      const action = events[1]?.actions[0]?.id;
      const approved = await max.person.ask(`POST /v1/actions/${action}/approval`, { boxes: [gate] });
      expect([approved.status, await approved.json()]).toEqual([
        200,
        expect.objectContaining({ approval: expect.objectContaining({ by: max.id, byName: "Max" }) }),
      ]);
      expect((await ann.person.ask(`DELETE /v1/events/${events[2]?.id}`)).status).toBe(204);
      const done = (await audit()).filter(({ outcome }) => outcome === "done");
      const by = (name: string) => done.find(({ action: did }) => did === name)?.by;
      expect(by("event-erased")).toEqual({ account: ann.id, name: "Ann" });
      expect(by("action-approved")).toEqual({ account: max.id, name: "Max" });
    });

    it("a person lists sessions, ends one, and changes the password, which ends the others", async () => {
      const { email, person } = await join("guard", "Cy");
      const [phone, desk] = [new Person(running.url, { isHttps }), new Person(running.url, { isHttps })];
      for (const one of [phone, desk])
        expect((await one.ask("POST /v1/sessions", { email, password })).status).toBe(204);
      const listed = async () =>
        z.object({ sessions: z.array(session) }).parse(await (await person.ask("GET /v1/sessions")).json()).sessions;
      await expect.poll(async () => (await listed()).length).toBe(3);
      const other = (await listed()).find(({ isThis }) => !isThis);
      expect((await person.ask(`DELETE /v1/sessions/${other?.id}`)).status).toBe(204);
      const statuses = async () =>
        [(await phone.ask("GET /v1/me")).status, (await desk.ask("GET /v1/me")).status].sort();
      expect(await statuses()).toEqual([200, 401]);
      const weak = await person.ask("PUT /v1/password", { current: password, password: "password1234" });
      expect(weak.status).toBe(400);
      const changed = await person.ask("PUT /v1/password", { current: password, password: "eight blue kites" });
      expect(changed.status).toBe(204);
      expect(await statuses()).toEqual([401, 401]);
      expect((await person.ask("GET /v1/me")).status).toBe(200);
      expect((await phone.ask("POST /v1/sessions", { email, password: "eight blue kites" })).status).toBe(204);
    });

    it("a removed account is out at once, and the last administrator stays", async () => {
      const { id, person } = await join("guard", "Di");
      const removed = await fetch(`${running.url}/v1/accounts/${id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${running.admin}` },
      });
      expect([removed.status, (await person.ask("GET /v1/me")).status]).toEqual([204, 401]);
    });
  });
}
