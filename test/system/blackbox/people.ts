import { randomUUID } from "node:crypto";
import { apiDocument } from "@gatepost/api";
import { client as apiClient } from "@gatepost/client";
import { dayMs, hourMs } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { expectOneValue } from "../../support/hours-agree.ts";
import { photo } from "../../support/pictures.ts";
import { type RandomPassing, wayOf, waysReport } from "../../support/random-shifts.ts";
import { history, noon } from "../../support/reports.ts";
import { isLong, rounds, runs, seeded, seedOfRun } from "../../support/seeded.ts";
import type { Running } from "./main-job.ts";
import { Person } from "./person.ts";

const invited = z.object({ id: z.string(), invitation: z.object({ token: z.string(), url: z.string() }) });
const me = z.object({
  key: z.null(),
  account: z.object({ id: z.string(), name: z.string(), role: z.string() }),
  administrators: z.array(z.string()),
});
const session = z.object({ id: z.string(), isThis: z.boolean() });

const password = "seven green boats";

/** Times (ms) and days by a server's clock: a moment ago, and noon of the last day of a month that has ended. */
function datesBy(clock: string) {
  const now = new Date(clock);
  const recent = now.getTime() - 1000;
  // On the first of a month, the last night shift of the month before may not have ended.
  const past = new Date(now.getTime() - 2 * dayMs);
  const ended = Date.UTC(past.getUTCFullYear(), past.getUTCMonth(), 0, 12);
  const [today, lastDay] = [recent, ended].map((time) => new Date(time).toISOString().slice(0, 10));
  return { recent, ended, today, lastDay: lastDay ?? "", month: lastDay?.slice(0, 7) };
}

/**
 * People sign in, act, and are named, on any runtime.
 *
 * @param isOneProcess false if another process may answer, which learns of a change within seconds
 */
export function people(
  runtime: string,
  start: () => Promise<Running>,
  { isHttps, isOneProcess = true }: { isHttps: boolean; isOneProcess?: boolean },
): void {
  describe(`on ${runtime}, people sign in:`, () => {
    let running: Running;
    let client: Client;
    let dates: ReturnType<typeof datesBy>;
    const gate = `gate-${randomUUID().slice(0, 8)}`;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      dates = datesBy(z.object({ now: z.string() }).parse(await (await client.get("/v1/me")).json()).now);
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

    it("a first link signs in once, and makes the first administrator", async () => {
      const made = await client.post("/v1/sign-in/links", undefined);
      const link = z.object({ url: z.string(), code: z.string(), expires: z.string() });
      const { url, code, expires } = link.parse(await made.json());
      expect([made.status, url]).toEqual([201, expect.stringMatching(new RegExp(`^https?://[^/]+/#setup=${code}$`))]);
      expect((Date.parse(expires) - dates.recent) / hourMs).toBeCloseTo(7 * 24, 0);
      const two = [new Person(running.url, { isHttps }), new Person(running.url, { isHttps })] as const;
      const answers = await Promise.all(two.map((one) => one.ask("POST /v1/sign-in/setup", { code })));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 410]);
      const refused = answers.find(({ status }) => status === 410);
      expect(await refused?.json()).toMatchObject({
        code: "used",
        detail: expect.stringContaining("`gatepost sign-in`"),
      });
      const person = answers[0]?.status === 204 ? two[0] : two[1];
      expect(person.attributes).not.toContain("Max-Age");
      const setup = await (await person.ask("GET /v1/me")).json();
      expect(setup).toMatchObject({ key: { id: "setup", scope: "admin" }, account: null, administrators: [] });
      expect((await person.ask("GET /v1/keys")).status).toBe(200);
      const { sessions } = z
        .object({ sessions: z.array(z.looseObject({ startedAt: z.string(), expiresAt: z.string() })) })
        .parse(await (await person.ask("GET /v1/sessions")).json());
      expect(sessions).toEqual([expect.objectContaining({ account: "setup", with: "setup", isThis: true })]);
      const [{ startedAt = "", expiresAt = "" } = {}] = sessions;
      expect(Date.parse(expiresAt) - Date.parse(startedAt)).toBe(12 * hourMs);
      const signedIn = (await audit()).find(({ action }) => action === "signed-in");
      expect(signedIn).toMatchObject({ by: { key: "setup", note: null }, about: { with: "setup" } });

      const { cookie } = person;
      const root = { name: "Root", email: `${randomUUID()}@example.com`, password };
      expect((await person.ask("POST /v1/accounts/first", { ...root, password: "root" })).status).toBe(400);
      expect((await person.ask("POST /v1/accounts/first", root)).status).toBe(201);
      expect(me.parse(await (await person.ask("GET /v1/me")).json())).toMatchObject({
        account: { name: "Root", role: "administrator" },
        administrators: ["Root"],
      });
      const before = new Person(running.url, { isHttps });
      before.cookie = cookie;
      expect((await before.ask("GET /v1/me")).status).toBe(401);
      const second = await client.post("/v1/accounts/first", { ...root, email: "another@example.com" });
      expect([second.status, await second.json()]).toEqual([409, expect.objectContaining({ code: "administrator" })]);
    });

    it("a browser exchanges a key for a session, and signs out", async () => {
      const person = new Person(running.url, { isHttps });
      const headers = { authorization: `Bearer ${await client.createReadKey()}` };
      const foreign = { ...headers, origin: "https://evil.example" };
      expect((await person.ask("POST /v1/sign-in/key", undefined, foreign)).status).toBe(403);
      expect((await person.ask("POST /v1/sign-in/key", undefined, headers)).status).toBe(204);
      const asked = await (await person.ask("GET /v1/me")).json();
      expect(asked).toMatchObject({ key: { scope: "read" }, account: null });
      const events = await person.ask(`GET /v1/events?box=${gate}`);
      expect([events.status, (await person.ask("GET /v1/keys")).status]).toEqual([200, 403]);
      const { cookie } = person;
      expect((await person.ask("POST /v1/sign-in/key")).status).toBe(400);
      expect((await person.ask("DELETE /v1/sessions/current")).status).toBe(204);
      person.cookie = cookie;
      expect((await person.ask("GET /v1/me")).status).toBe(401);
    });

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

    it("a link ends when its account is disabled, and a new link enables the account", async () => {
      const { id, email, invitation } = await invite("guard");
      const admin = await join("administrator", "Root");
      const set = async (isDisabled: boolean) =>
        expect((await admin.person.ask(`PATCH /v1/accounts/${id}`, { isDisabled })).status).toBe(200);
      const person = new Person(running.url, { isHttps });
      const statusesOf = async (token: string) => {
        const read = await person.ask(`GET /v1/invitations/${token}`);
        return [read.status, (await person.ask(`POST /v1/invitations/${token}`, { name: "Eve", password })).status];
      };
      await set(true);
      expect(await statusesOf(invitation.token)).toEqual([410, 410]);
      await set(false);
      expect(await statusesOf(invitation.token)).toEqual([410, 410]);
      expect((await person.ask("POST /v1/sessions", { email, password })).status).toBe(401);
      await set(true);
      const again = z.object({ token: z.string(), enabled: z.boolean() });
      const renew = async () =>
        again.parse(await (await admin.person.ask(`POST /v1/accounts/${id}/invitation`)).json());
      const { token, enabled } = await renew();
      expect([enabled, ...(await statusesOf(token))]).toEqual([true, 200, 204]);
      expect((await person.ask("GET /v1/me")).status).toBe(200);
      expect((await renew()).enabled).toBe(false);
    });

    it("a person signs in by e-mail and password, and out again", async () => {
      const { email } = await join("guard", "Ann");
      const person = new Person(running.url, { isHttps });
      const wrong = await person.ask("POST /v1/sessions", { email, password: "seven green boat" });
      const unknown = await person.ask("POST /v1/sessions", { email: "nobody@example.com", password });
      const texts = await Promise.all([wrong.text(), unknown.text()]);
      expect([wrong.status, unknown.status, texts[0]]).toEqual([401, 401, texts[1]]);
      const signedIn = await person.ask("POST /v1/sessions", {
        email: ` ${email.toUpperCase()}\n`,
        password,
        stay: true,
      });
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
      for (const path of ["/v1/keys", "/v1/boxes", "/SophonDevice/api/Devices"]) {
        expect((await person.ask(`GET ${path}`)).status).toBe(403);
      }
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

    describe("a manager of one of the two boxes of a site", () => {
      const site = `site-${randomUUID().slice(0, 8)}`;
      const boxes = { mine: `${site}-mine`, theirs: `${site}-theirs` };
      const daysOf = ({ month, lastDay }: typeof dates) => `site=${site}&from=${month}-01&to=${lastDay}`;
      let [part, whole]: Person[] = [];
      let roll = "";
      const ask = async (who: Person | undefined, route: string, body?: unknown) => {
        const answer = await who?.ask(route, body);
        return { status: answer?.status, text: (await answer?.text()) ?? "" };
      };

      beforeAll(async () => {
        const { ended, recent, month } = dates;
        const admin = (await join("administrator", "Root")).person;
        for (const [whose, box] of Object.entries(boxes)) {
          const sender = new Box(running.url, (await client.createKey(box)).token);
          expect((await admin.ask(`PATCH /v1/boxes/${box}`, { site })).status).toBe(200);
          const person = { identity_id: `${whose}-1`, identity_name: `Of ${whose}` };
          for (const timestamp of [ended, recent]) {
            await sender.post("/HistoryEvent", history({ ...person, timestamp }));
          }
        }
        part = (await join("manager", "Part", { boxes: [boxes.mine] })).person;
        whole = (await join("manager", "Whole", { boxes: [boxes.mine, boxes.theirs] })).person;
        const counted = async () => (await ask(whole, `GET /v1/hours?${daysOf(dates)}`)).text;
        await vi.waitUntil(async () => /Of mine.*Of theirs/.test(await counted()), { timeout: 60_000, interval: 50 });
        expect(await ask(part, "POST /v1/hours/close", { site, month })).toMatchObject({ status: 403 });
        expect(JSON.parse((await ask(whole, "POST /v1/hours/close", { site, month })).text)).toMatchObject({
          people: 2,
        });
        const begun = await ask(whole, "POST /v1/rolls", { site, isDrill: true });
        roll = z.object({ id: z.string() }).parse(JSON.parse(begun.text)).id;
      });

      const schedule = {
        site,
        name: "Day",
        groups: ["day"],
        start: "08:00",
        end: "17:00",
        lateAfter: 0,
        earlyBefore: 0,
        weekdays: [1],
        inWindow: ["06:00", "12:00"],
        outWindow: ["12:00", "23:00"],
        validFrom: "2026-01-01",
      };
      const [shown, ofWhole, ofAdministrators] = [
        [200, ""],
        [403, "part-of-site"],
        [403, "role"],
      ] as const;
      type Request = readonly [route: string, answer: readonly [status: number, word: string], body?: unknown];
      /** Each route that takes a site: a request, the status and a word of its answer, and its body. */
      const requestsOn = (days: typeof dates): Record<string, Request> => {
        const { ended, month, lastDay } = days;
        const left = { site, library: boxes.theirs, id: "theirs-1", leftAt: new Date(ended).toISOString() };
        const filter = { site, from: `${month}-01`, to: lastDay };
        const roster = { rev: 0, days: [{ library: boxes.mine, id: "mine-1", day: `${month}-01`, schedule: null }] };
        const mail = { site, to: ["acc_1"], at: "08:00", what: "yesterday" };
        return {
          "GET /v1/events": [`GET /v1/events?site=${site}`, [200, "Of mine"]],
          "GET /v1/events/count": [`GET /v1/events/count?site=${site}`, [200, '"count":2']],
          "GET /v1/events/{id}/neighbours": [`GET /v1/events/evt_1/neighbours?site=${site}`, [404, ""]],
          "GET /v1/standing": [`GET /v1/standing?site=${site}`, shown],
          "GET /v1/actions": [`GET /v1/actions?site=${site}`, shown],
          "GET /v1/actions/count": [`GET /v1/actions/count?site=${site}`, shown],
          "GET /v1/deadletters": [`GET /v1/deadletters?site=${site}`, ofAdministrators],
          "GET /v1/quarantine": [`GET /v1/quarantine?site=${site}`, ofAdministrators],
          "GET /v1/quarantine/groups": [`GET /v1/quarantine/groups?site=${site}`, ofAdministrators],
          "GET /v1/counts": [`GET /v1/counts?site=${site}`, shown],
          "GET /v1/stats": [`GET /v1/stats?site=${site}`, shown],
          "GET /v1/flags": [`GET /v1/flags?site=${site}`, shown],
          "GET /v1/people": [`GET /v1/people?site=${site}`, shown],
          "GET /v1/people/alike": [`GET /v1/people/alike?site=${site}`, [200, '"sites":[]']],
          "PUT /v1/people/alike": ["PUT /v1/people/alike", ofWhole, { site, areSame: true }],
          "GET /v1/groups": [`GET /v1/groups?site=${site}`, shown],
          "GET /v1/presence": [`GET /v1/presence?site=${site}`, shown],
          "GET /v1/visits": [`GET /v1/visits?site=${site}`, shown],
          "POST /v1/presence/corrections": [
            "POST /v1/presence/corrections",
            [409, "not-inside"],
            { ...left, reason: "Was seen" },
          ],
          "POST /v1/rolls": ["POST /v1/rolls", ofWhole, { site, isDrill: true }],
          "GET /v1/hours": [`GET /v1/hours?${daysOf(days)}`, [200, "Of mine"]],
          "GET /v1/hours/{library}/{id}/{day}": [`GET /v1/hours/${boxes.mine}/mine-1/${lastDay}?site=${site}`, shown],
          "POST /v1/hours/close": ["POST /v1/hours/close", [409, "closed"], { site, month }],
          "GET /v1/hours/mail": [`GET /v1/hours/mail?site=${site}`, shown],
          "PUT /v1/hours/mail": ["PUT /v1/hours/mail", [409, "no-mail"], mail],
          "DELETE /v1/hours/mail": [`DELETE /v1/hours/mail?site=${site}`, ofWhole],
          "GET /v1/schedules": [`GET /v1/schedules?site=${site}`, shown],
          "PUT /v1/schedules/{id}": ["PUT /v1/schedules/sch_part", ofWhole, schedule],
          "DELETE /v1/schedules/{id}": [`DELETE /v1/schedules/sch_part?site=${site}`, ofWhole],
          "GET /v1/rosters/{site}/{month}": [`GET /v1/rosters/${site}/${month}`, shown],
          "PUT /v1/rosters/{site}/{month}": [`PUT /v1/rosters/${site}/${month}`, [409, "closed"], roster],
          "PATCH /v1/rosters/{site}/{month}": [`PATCH /v1/rosters/${site}/${month}`, [409, "closed"], roster],
          "POST /v1/rules/try": ["POST /v1/rules/try", [400, ""], {}],
          "PUT /v1/rules/{name}": ["PUT /v1/rules/part", [400, ""], {}],
          "POST /v1/schedules/{id}/try": ["POST /v1/schedules/sch_part/try", shown, schedule],
          "POST /v1/jobs": ["POST /v1/jobs", [202, ""], { kind: "export", what: "hours", format: "csv", filter }],
          "GET /v1/boxes": [`GET /v1/boxes?site=${site}`, [200, boxes.mine]],
          "PATCH /v1/boxes/{id}": [`PATCH /v1/boxes/${boxes.mine}`, ofAdministrators, { site }],
          "POST /v1/imports/{id}": ["POST /v1/imports/imp_1", ofAdministrators, {}],
          "POST /v1/keys": ["POST /v1/keys", ofAdministrators, { scope: "read", site }],
          "GET /v1/audit": [`GET /v1/audit?site=${site}`, ofAdministrators],
          "GET /v1/sites/{id}": [`GET /v1/sites/${site}`, [200, boxes.mine]],
          "PUT /v1/sites/{id}": [`PUT /v1/sites/${site}`, ofAdministrators, { name: "Part" }],
          "DELETE /v1/sites/{id}": [`DELETE /v1/sites/${site}`, ofAdministrators],
        };
      };

      it.each(Object.keys(requestsOn(datesBy("2026-11-20T12:00:00Z"))))(
        "gets a part, or a sentence, of %s",
        async (name) => {
          const [route = "", [status, word] = shown, body] = requestsOn(dates)[name] ?? [];
          const answer = await ask(part, route, body);
          expect(answer).toEqual({ status, text: expect.stringContaining(word) });
          expect(answer.text).not.toContain("theirs");
        },
      );

      it("is asked about in each route that takes a site", async () => {
        const asked = z.object({ parameters: z.array(z.object({ name: z.string() })).optional() });
        const schemas = z.object({ schemas: z.record(z.string(), z.unknown()) });
        const { paths, components } = z
          .object({
            paths: z.record(z.string(), z.record(z.string(), z.looseObject(asked.shape))),
            components: schemas,
          })
          .parse(JSON.parse(JSON.stringify(apiDocument())));
        const textOf = (part: unknown = null): string =>
          JSON.stringify(part).replaceAll(/"#\/components\/schemas\/(\w+)"/g, (_, name) =>
            textOf(components.schemas[name]),
          );
        const takeSite = Object.entries(paths).flatMap(([path, operations]) =>
          Object.entries(operations).flatMap(([method, { parameters = [], requestBody }]) => {
            const isAsked = parameters.some(({ name }) => name === "site") || path.startsWith("/v1/sites/");
            const isSent = /"schema":.*"site":{.*"example|"example":.*"site":/.test(textOf(requestBody));
            return isAsked || isSent ? [`${method.toUpperCase()} ${path}`] : [];
          }),
        );
        expect(takeSite.toSorted()).toEqual(Object.keys(requestsOn(dates)).toSorted());
      });

      it("sets the last day of an own person, and of none whom the site shares", async () => {
        const gatepost = apiClient({ url: running.url, token: running.admin });
        const leftOn = { leftOn: dates.lastDay };
        const detail = "this is for the whole site, and you see a part of it; ask who sees all";
        const set = (library: string, id = "mine-1") => ask(part, `PATCH /v1/people/${library}/${id}`, leftOn);
        expect(await set(boxes.mine)).toMatchObject({ status: 200 });
        expect(await set(boxes.theirs, "theirs-1")).toMatchObject({ status: 404 });
        for (const sharesPeople of [true, false]) {
          await gatepost.ask("PUT /v1/sites/{id}", { path: { id: site }, body: { sharesPeople } });
          const answer = await set(`~${site}`);
          expect(answer).toMatchObject(
            sharesPeople ? { status: 403, text: expect.stringContaining(detail) } : { status: 404 },
          );
        }
        expect((await ask(whole, `PATCH /v1/people/${boxes.mine}/mine-1`, { leftOn: null })).status).toBe(200);
      });

      it("sees own people alone in a closed month and in its groups", async () => {
        for (const by of ["person", "group"]) {
          const sheets = await Promise.all(
            [part, whole].map(async (who) =>
              JSON.parse((await ask(who, `GET /v1/hours?${daysOf(dates)}&by=${by}`)).text),
            ),
          );
          expect(sheets.map(({ sum, closed }) => [sum.people, closed === null])).toEqual([
            [1, false],
            [2, false],
          ]);
        }
      });

      it("does not end a list of the site, nor its links", async () => {
        expect(await ask(part, `POST /v1/rolls/${roll}/close`)).toMatchObject({ status: 403 });
        expect(await ask(part, `DELETE /v1/rolls/${roll}/links`)).toMatchObject({ status: 403 });
        expect((await ask(part, "GET /v1/rolls")).text).toContain(roll);
        expect(await ask(whole, `POST /v1/rolls/${roll}/close`)).toMatchObject({ status: 200 });
      });
    });

    it("an evacuation list has groups, and ways out after its beginning", async () => {
      const site = `site-${randomUUID().slice(0, 8)}`;
      const box = `${site}-1`;
      const sender = new Box(running.url, (await client.createKey(box)).token);
      const gatepost = apiClient({ url: running.url, token: running.admin });
      await gatepost.ask("PATCH /v1/boxes/{id}", { path: { id: box }, body: { site } });
      const [ramp, door] = ["192.168.1.71", "192.168.1.72"];
      const deviceList = [
        { epId: ramp, epIp: ramp, direction: 1 },
        { epId: door, epIp: door, direction: 0 },
      ];
      await sender.post("/HistoryEvent", { devSno: "SNO1", deviceList });
      const pass = (identity_id: string, timestamp: number, device_ip: string, group_name?: string) => {
        const group = group_name === undefined ? {} : { group_name };
        return sender.post(
          "/HistoryEvent",
          history({ identity_id, timestamp, ...group }, { device_ip, ep_id: device_ip }),
        );
      };
      await pass("1", dates.recent, door, "Office");
      await pass("2", dates.recent, door);
      const inside = async () => (await gatepost.ask("GET /v1/presence", { query: { site } })).inside;
      await expect.poll(inside).toBe(2);
      const begun = await gatepost.ask("POST /v1/rolls", { body: { site, isDrill: true } });
      const groups = begun.people.map(({ key, group }) => [key, group]);
      expect(new Map(groups as [string, string | null][])).toEqual(
        new Map([
          [`${box}/1`, "Office"],
          [`${box}/2`, null],
        ]),
      );
      expect(begun.outs).toEqual([]);
      const path = { id: begun.id };
      const { now } = z.object({ now: z.iso.datetime() }).parse(await (await client.get("/v1/me")).json());
      const [device] = (await gatepost.ask("GET /v1/boxes/{id}", { path: { id: box } })).devices.filter(
        ({ direction }) => direction === "out",
      );
      await pass("1", Date.parse(now), ramp);
      const out = {
        key: `${box}/1`,
        at: expect.any(String),
        event: expect.stringMatching(/^evt_/),
        device: device?.key,
      };
      const outs = async () => (await gatepost.ask("GET /v1/rolls/{id}/ticks", { path })).outs;
      await expect.poll(outs).toEqual([out]);
      expect(await gatepost.ask("GET /v1/rolls/{id}", { path })).toMatchObject({
        ticks: [],
        outs: [out],
        people: [{}, {}],
      });
      await gatepost.ask("POST /v1/rolls/{id}/close", { path });
      expect(await outs()).toEqual([out]);
    });

    it("one person at two boxes is asked about, and is one row of evacuation lists", async () => {
      const site = `site-${randomUUID().slice(0, 8)}`;
      const gatepost = apiClient({ url: running.url, token: running.admin });
      const [front, rear] = [`${site}-1`, `${site}-2`];
      const device_ip = "192.168.1.72";
      for (const box of [front, rear]) {
        const sender = new Box(running.url, (await client.createKey(box)).token);
        await gatepost.ask("PATCH /v1/boxes/{id}", { path: { id: box }, body: { site } });
        await sender.post("/HistoryEvent", {
          devSno: "SNO1",
          deviceList: [{ epId: device_ip, epIp: device_ip, direction: 0 }],
        });
        for (const [identity_id, identity_name] of [
          ["1", "Ada"],
          ["2", ""],
        ] as const) {
          const person = { identity_id, identity_name, timestamp: dates.recent };
          await sender.post("/HistoryEvent", history(person, { device_ip, ep_id: device_ip }));
        }
      }
      await expect.poll(async () => (await gatepost.ask("GET /v1/presence", { query: { site } })).inside).toBe(4);
      const known = async () => {
        const page = await gatepost.ask("GET /v1/people", { query: { site } });
        return page.people.length;
      };
      await expect.poll(known).toBe(4);
      const alike = async () => (await gatepost.ask("GET /v1/people/alike", { query: { site } })).sites;
      const say = (areSame: boolean | null) => gatepost.send("PUT /v1/people/alike", { body: { site, areSame } });
      expect(await alike()).toEqual([{ site, people: 1 }]);
      const begun = await gatepost.ask("POST /v1/rolls", { body: { site, isDrill: true } });
      const path = { id: begun.id };
      const rows = async () => {
        const { people } = await gatepost.ask("GET /v1/rolls/{id}", { path });
        return people.map(({ id, passings }) => [id, passings.length]).toSorted();
      };
      const merged = [
        ["1", 2],
        ["2", 1],
        ["2", 1],
      ];
      await expect.poll(rows).toEqual(merged);
      await say(false);
      await expect.poll(async () => [await alike(), (await rows()).length]).toEqual([[], 4]);
      await say(true);
      await expect.poll(known).toBe(2);
      expect(await rows()).toEqual(merged);
      await gatepost.ask("POST /v1/rolls/{id}/close", { path });
    });

    it("a person who passes by the id alone is found by the known name", async () => {
      const box = `box-${randomUUID().slice(0, 8)}`;
      const gatepost = apiClient({ url: running.url, token: running.admin });
      const sender = new Box(running.url, (await client.createKey(box)).token);
      for (const [n, identity_name] of ["Ada", "", "Zoë", ""].entries()) {
        const person = { identity_id: "1", identity_name, timestamp: dates.recent + n * 1000 };
        await sender.post("/HistoryEvent", history(person, { device_ip: "192.168.1.73" }));
      }
      const events = async () => (await gatepost.ask("GET /v1/events", { query: { box } })).events;
      const found = async () => {
        const { people } = await gatepost.ask("GET /v1/find", { query: { q: "zoe", limit: 50 } });
        const names = (await events()).map(({ person }) => person.name ?? person.known?.name ?? null);
        return [people.filter(({ library }) => library === box).map(({ name }) => name), names.toSorted()];
      };
      await expect.poll(found).toEqual([["Zoë"], ["Ada", "Zoë", "Zoë", "Zoë"]]);
      const erase = async (name: string) => {
        const named = (await events()).find(({ person }) => person.name === name);
        await gatepost.send("DELETE /v1/events/{id}", { path: { id: named?.id ?? "" } });
      };
      await erase("Zoë");
      await expect.poll(found).toEqual([[], ["Ada", "Ada", "Ada"]]);
      await erase("Ada");
      await expect.poll(found).toEqual([[], [null, null]]);
    });

    it("an erasure at one box names its records, and takes none of another site", async () => {
      const admin = (await join("administrator", "Root")).person;
      const { ended, recent, today, lastDay, month } = dates;
      const name = randomUUID().slice(0, 8);
      const id = `X9-${name}`;
      const sites = [`werk-${name}`, `plant-${name}`];
      const made = sites.map((site) => [
        { what: "correction", id: expect.stringMatching(/^cor_/), site, boxes: [`${site}-1`] },
        { what: "month", id: month, site, boxes: [`${site}-1`] },
      ]);
      const hoursAt = async (site = "") =>
        (await admin.ask(`GET /v1/hours?site=${site}&from=${month}-01&to=${lastDay}`)).text();
      for (const site of sites) {
        const sender = new Box(running.url, (await client.createKey(`${site}-1`)).token);
        expect((await admin.ask(`PUT /v1/sites/${site}`, { sharesPeople: true })).status).toBe(200);
        expect((await admin.ask(`PATCH /v1/boxes/${site}-1`, { site })).status).toBe(200);
        for (const timestamp of [ended, recent]) {
          await sender.post("/HistoryEvent", history({ identity_id: id, timestamp }));
        }
        await expect.poll(() => hoursAt(site)).toContain(id);
        expect((await admin.ask("POST /v1/hours/close", { site, month })).status).toBe(200);
        const leave = { library: `~${site}`, id, day: today, kind: "leave", reason: "Was ill" };
        await expect.poll(async () => (await admin.ask("POST /v1/hours/corrections", leave)).status).toBe(201);
      }
      const records = async () => {
        const found: { records: unknown } = JSON.parse(await (await admin.ask(`GET /v1/people?id=${id}`)).text());
        return found.records;
      };
      await expect.poll(records).toEqual(expect.arrayContaining(made.flat()));
      const erased = await admin.ask(`DELETE /v1/people?id=${id}&box=${sites[0]}-1`);
      expect(await erased.json()).toEqual({
        erased: 2,
        records: (made[0] ?? []).map(({ boxes: _, ...record }) => record),
        keptOutUntil: expect.stringMatching(/^\d{4}-.*Z$/),
        job: expect.stringMatching(/^job_/),
      });
      await expect.poll(records).toEqual(made[1]);
      expect(await hoursAt(sites[1])).toContain(id);
    });

    describe("people with shifts:", () => {
      type Passing = Omit<RandomPassing, "direction"> & Partial<Pick<RandomPassing, "direction">>;
      /** A fresh site with one box. */
      const newSite = async () => {
        const admin = (await join("administrator", "Root")).person;
        const site = `shifts-${randomUUID().slice(0, 8)}`;
        const box = `${site}-1`;
        const sender = new Box(running.url, (await client.createKey(box)).token);
        const ask = async (route: string, body?: unknown) => {
          const answer = await admin.ask(route, body);
          const text = await answer.text();
          expect([route, answer.status < 300 ? "" : text]).toEqual([route, ""]);
          return text === "" ? null : (JSON.parse(text) as unknown);
        };
        const pass = async ({ person, at, group, direction = null }: Passing) => {
          const named = group === null ? {} : { group_name: group };
          const body = history({ identity_id: person, timestamp: at, ...named }, wayOf(direction));
          expect((await sender.post("/HistoryEvent", body)).status).toBe(200);
        };
        const { month = "", ended } = dates;
        const daysOf = async (person: string, from: string, to: string) => {
          const shown = await ask(`GET /v1/people/${box}/${person}/days?from=${from}&to=${to}`);
          const day = z.object({ state: z.string(), in: z.string().nullable(), out: z.string().nullable() });
          return z.object({ days: z.array(day) }).parse(shown).days;
        };
        await ask(`PATCH /v1/boxes/${box}`, { site });
        expect((await sender.post("/HistoryEvent", waysReport)).status).toBe(200);
        // Mondays of the month that has ended.
        const mondays = Array.from({ length: 28 }, (_, n) => ended - (n + 2) * dayMs)
          .filter((time) => new Date(time).getUTCDay() === 1)
          .map((time) => time - 12 * hourMs);
        return { site, box, month, ask, pass, daysOf, monday: mondays[0] ?? 0 };
      };
      const facts = { name: "Shift", groups: ["crew"], lateAfter: 0, earlyBefore: 0, validFrom: "2020-01-01" };

      it("a day of a person has one value in all answers", async () => {
        for (let run = 0; run < runs(1).numRuns; run++) {
          const { ask, pass, ...place } = await newSite();
          await expectOneValue({ ask, pass }, place, seedOfRun("hours in all answers"));
        }
      });

      it("no one is absent before the first passing, nor changes a closed month so", async () => {
        const { site, month, ask, pass, monday } = await newSite();
        const office = { start: "08:00", end: "17:00", inWindow: ["05:00", "12:00"], outWindow: ["12:00", "23:00"] };
        await ask("PUT /v1/schedules/sch_office", { site, ...facts, ...office, weekdays: [1, 2, 3, 4, 5, 6, 7] });
        const sheet = async () => {
          const shown = await ask(`GET /v1/hours?site=${site}&from=${month}-01&to=${month}-28`);
          const day = z.object({ day: z.string(), state: z.string() });
          const people = z.array(z.object({ id: z.string(), days: z.array(day) }));
          return z.object({ people, wouldHaveChanged: z.array(z.unknown()) }).parse(shown);
        };
        await pass({ person: "1", at: monday + 8 * hourMs, group: "crew" });
        const isAbsent = async () => {
          const [person] = (await sheet()).people;
          return (person?.days ?? []).map(({ day, state }) => [Date.parse(day) > monday, state === "absent"]);
        };
        await expect.poll(async () => (await isAbsent()).filter(([isLater, is]) => isLater !== is)).toEqual([]);
        await expect.poll(async () => (await isAbsent()).length).toBe(28);
        await ask("POST /v1/hours/close", { site, month });
        await pass({ person: "2", at: dates.recent, group: "crew" });
        await expect.poll(async () => JSON.stringify(await ask(`GET /v1/people?site=${site}`))).toContain('"id":"2"');
        expect((await sheet()).wouldHaveChanged).toEqual([]);
      });

      it("no day after the last day is of work, and passings keep their times", async () => {
        const { site, box, month, ask, pass, monday } = await newSite();
        const office = { start: "08:00", end: "17:00", inWindow: ["05:00", "12:00"], outWindow: ["12:00", "23:00"] };
        await ask("PUT /v1/schedules/sch_left", { site, ...facts, ...office, weekdays: [1, 2, 3, 4, 5, 6, 7] });
        const first = monday - 7 * dayMs;
        const dayAt = (days: number) => new Date(first + days * dayMs).toISOString().slice(0, 10);
        for (const hour of [8, 17, 72 + 20, 72 + 21]) {
          await pass({ person: "1", at: first + hour * hourMs, group: "crew" });
        }
        const day = z.object({ state: z.string(), minutes: z.number().nullable() });
        const sheet = z.object({
          people: z.array(z.object({ days: z.array(day) })),
          sum: z.object({ absent: z.number() }),
          wouldHaveChanged: z.array(z.object({ day: z.string() })),
        });
        const shown = async (from = dayAt(0), to = dayAt(4)) =>
          sheet.parse(await ask(`GET /v1/hours?site=${site}&from=${from}&to=${to}`));
        const states = async () => (await shown()).people[0]?.days.map(({ state }) => state);
        const worked = ["worked", "absent", "absent", "none", "absent"];
        await expect.poll(states).toEqual(worked);
        const set = (leftOn: string | null) => ask(`PATCH /v1/people/${box}/1`, { leftOn });
        const by = expect.objectContaining({ name: "Root" });
        const leftOn = { leftOn: { day: dayAt(1), at: expect.any(String), by } };
        expect(await set(dayAt(1))).toEqual(leftOn);
        await expect.poll(states).toEqual(["worked", "absent", "none", "worked", "none"]);
        expect((await shown()).people[0]?.days[3]).toMatchObject({ minutes: 60 });
        expect((await shown()).sum.absent).toBe(1);
        expect(await ask(`GET /v1/people/${box}/1`)).toMatchObject(leftOn);
        await ask("POST /v1/hours/close", { site, month });
        const closed = await shown();
        await set(null);
        const after = async () => (await shown()).wouldHaveChanged.map((one) => one.day);
        await expect.poll(after).toEqual([dayAt(2), dayAt(3), dayAt(4)]);
        expect((await shown()).people).toEqual(closed.people);
        await set(dayAt(1));
        await expect.poll(after).toEqual([]);
        const preview = z.object({ records: z.array(z.unknown()) });
        const { records } = preview.parse(await ask(`GET /v1/people?id=1`));
        expect(records).toContainEqual({ what: "last-day", id: dayAt(1), site, boxes: [box] });
        await ask(`DELETE /v1/people?id=1&box=${box}`);
        const left = async () => preview.parse(await ask(`GET /v1/people?id=1`)).records;
        await expect.poll(async () => JSON.stringify(await left())).not.toContain(site);
      });

      it("a roster of many people comes before the schedule of the group, until a person is erased", async () => {
        const { site, box, month, ask, pass, monday } = await newSite();
        const office = { start: "08:00", end: "17:00", inWindow: ["05:00", "12:00"], outWindow: ["12:00", "23:00"] };
        const id = `sch_${site}`;
        await ask(`PUT /v1/schedules/${id}`, { site, ...facts, ...office, weekdays: [1, 2, 3, 4, 5, 6, 7] });
        const early = { ...office, start: "06:00", groups: ["nobody"] };
        await ask(`PUT /v1/schedules/${id}-early`, { site, ...facts, ...early, weekdays: [1] });
        for (const hour of [8, 17]) await pass({ person: "1", at: monday + hour * hourMs, group: "crew" });
        const day = new Date(monday).toISOString().slice(0, 10);
        const people = Array.from({ length: 300 }, (_, n) => String(n + 1)).sort();
        const dates28 = Array.from({ length: 28 }, (_, n) => `${month}-${String(n + 1).padStart(2, "0")}`);
        const days = people.flatMap((person) =>
          dates28.map((one) => ({ library: box, id: person, day: one, schedule: one === day ? `${id}-early` : null })),
        );
        const path = `/v1/rosters/${site}/${month}`;
        expect(await ask(`PUT ${path}`, { rev: 0, days })).toMatchObject({ rev: 1 });
        await expect.poll(() => ask(`GET ${path}`)).toEqual({ site, month, rev: 1, isPart: false, days });
        const counted = () => ask(`GET /v1/hours?site=${site}&from=${day}&to=${day}`);
        const late = { people: [{ id: "1", schedule: `${id}-early`, days: [{ late: 120, flags: ["roster"] }] }] };
        await expect.poll(counted).toMatchObject(late);
        await ask(`PATCH ${path}`, { rev: 1, days: [{ library: box, id: "1", day }] });
        await expect.poll(counted).toMatchObject({ people: [{ schedule: id, days: [{ late: 0, flags: [] }] }] });
        const stale = { actual: [`PUT ${path}`, expect.stringContaining('"code":"changed"')] };
        for (const areSame of [true, false]) {
          const { rev: read } = z.object({ rev: z.int() }).parse(await ask(`GET ${path}`));
          await ask("PUT /v1/people/alike", { site, areSame });
          await expect.poll(() => ask(`GET ${path}`)).toMatchObject({ rev: read + 1 });
          await expect(ask(`PUT ${path}`, { rev: read, days: [] })).rejects.toMatchObject(stale);
        }
        await ask(`DELETE /v1/people?id=1&box=${box}`);
        // Who has read it before the erasure may not write the person again.
        const rev = expect.toSatisfy((now) => now > 2);
        await expect.poll(() => ask(`GET ${path}`)).toEqual({ site, month, rev, isPart: false, days: days.slice(28) });
        const refused = { actual: [`PUT ${path}`, expect.stringContaining('"code":"changed"')] };
        await expect(ask(`PUT ${path}`, { rev: 2, days })).rejects.toMatchObject(refused);
      });

      it("a shift of 24 hours ends the next morning, in each range and until corrected", async () => {
        const { site, box, ask, pass, daysOf, monday } = await newSite();
        const windows = { inWindow: ["06:00", "10:00"], outWindow: ["06:00", "10:00"] };
        const body = { site, ...facts, start: "08:00", end: "08:00", ...windows, weekdays: [1, 2, 3, 4, 5, 6, 7] };
        await ask("PUT /v1/schedules/sch_guards", body);
        const first = monday - 6 * dayMs;
        // Every second day by order; then by direction, on duty on both days.
        const ways = [null, null, null, null, null, null, "in", "out", "in", "out"] as const;
        const hours = [7.9, 32.1, 55.9, 80.1, 103.9, 128.1, 151.9, 176.1, 176, 200.2];
        for (const [n, hour] of hours.entries()) {
          await pass({ person: "1", at: first + hour * hourMs, group: "crew", direction: ways[n] ?? null });
        }
        const dayOf = (n: number) => new Date(first + n * dayMs).toISOString().slice(0, 10);
        const minutes = async (from: number, to = from) =>
          (await daysOf("1", dayOf(from), dayOf(to))).map(({ in: begins, out }) =>
            begins === null || out === null ? null : Math.floor((Date.parse(out) - Date.parse(begins)) / 60_000),
          );
        const expected = [1452, null, 1452, null, 1452, null, 1452, 1452];
        await expect.poll(() => minutes(0, 7)).toEqual(expected);
        for (const [n, of] of expected.entries()) expect(await minutes(n)).toEqual([of]);
        const shown = (await ask(`GET /v1/hours/${box}/1/${dayOf(2)}`)) as { passings: { use: string }[] };
        expect(shown.passings.map(({ use }) => use)).toEqual(["first-in", "last-out"]);
        const out = new Date(first + 80 * hourMs).toISOString();
        const correction = { library: box, id: "1", day: dayOf(2), in: null, out, kind: "times", reason: "Was seen" };
        await ask("POST /v1/hours/corrections", correction);
        await expect.poll(() => minutes(2, 4)).toEqual([1446, null, 1452]);
      });

      it("a group may have another shift on each weekday", async () => {
        const { site, ask, pass, daysOf, monday } = await newSite();
        const evening = { start: "18:00", end: "07:00", inWindow: ["15:00", "21:00"], outWindow: ["04:00", "10:00"] };
        const late = { start: "14:00", end: "20:00", inWindow: ["12:00", "17:00"], outWindow: ["17:00", "23:00"] };
        await ask("PUT /v1/schedules/sch_1", { site, ...facts, ...evening, weekdays: [1] });
        await ask("PUT /v1/schedules/sch_2", { site, ...facts, ...late, weekdays: [2] });
        for (const hour of [18.5, 31.2, 38.1, 44.1])
          await pass({ person: "1", at: monday + hour * hourMs, group: "crew" });
        const [first = "", second = ""] = [monday, monday + dayMs].map((time) =>
          new Date(time).toISOString().slice(0, 10),
        );
        const states = async () => (await daysOf("1", first, second)).map(({ state }) => state);
        await expect.poll(states).toEqual(["worked", "worked"]);
      });
    });

    it.each([
      ["schedules/sch_night_shift", "id: must be sch_ and 1 to 40 small letters, digits or hyphens"],
      ["sites/%00", "id: must not have control or invisible characters"],
      [`sites/${"x".repeat(65)}`, "id: must have 64 characters at most"],
      ["rules/night%20shift", "name: must be 1 to 64 letters, digits, dots, dashes or underscores"],
    ])("a PUT under an id of a wrong form says the form: %s", async (place, detail) => {
      const admin = (await join("administrator", "Root")).person;
      const refused = await admin.ask(`PUT /v1/${place}`, {});
      expect([refused.status, await refused.json()]).toMatchObject([400, { detail }]);
    });

    it("each listed id can be opened, corrected and erased", async () => {
      const { recent, today = "" } = dates;
      const random = seeded(seedOfRun("ids of people"));
      const signs = [..."/\\\\%.~?#&+= '\"<>:;@,Aa0Zé王😀", "%2F", "..", "./"];
      const textOf = (length: number) =>
        Array.from({ length }, () => signs[Math.floor(random() * signs.length)] ?? "").join("");
      // Ids are read the same way by several processes, in which an erasure takes seconds.
      const count = isOneProcess ? rounds(55) : 5;
      const made = Array.from({ length: isLong ? 195 : count }, (_, n) => `${textOf(6)}${n}${textOf(3)}`.trim());
      const ids = [...made, ".", "..", "A/102", "/", `long-${"x/".repeat(500)}`];
      const site = `~/${randomUUID().slice(0, 8)}/west`;
      const box = `${site.slice(2, 10)}-1`;
      const sender = new Box(running.url, (await client.createKey(box)).token);
      const gatepost = apiClient({ url: running.url, token: running.admin });
      await gatepost.ask("PUT /v1/sites/{id}", { path: { id: site }, body: { sharesPeople: true } });
      await gatepost.ask("PATCH /v1/boxes/{id}", { path: { id: box }, body: { site } });
      for (let n = 0; n < ids.length; n += 20) {
        const some = ids.slice(n, n + 20).map((identity_id) => history({ identity_id, timestamp: recent }));
        await Promise.all(some.map((body) => sender.post("/HistoryEvent", body)));
      }
      const listed = async () => {
        const query = { site, from: today, to: today, limit: 200 };
        const sheet = await gatepost.ask("GET /v1/hours", { query });
        return "people" in sheet ? sheet.people.map(({ library, id }) => ({ library, id })) : [];
      };
      await expect.poll(async () => (await listed()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      const settle = async (path: { library: string; id: string }) => {
        const leave = { ...path, day: today, kind: "leave" as const, reason: "Was ill" };
        expect(await gatepost.ask("GET /v1/people/{library}/{id}", { path })).toMatchObject(path);
        await gatepost.ask("POST /v1/hours/corrections", { body: leave });
        const shown = gatepost.ask("GET /v1/hours/{library}/{id}/{day}", { path: { ...path, day: today } });
        expect((await shown).counted.state).toBe("leave");
        expect(await gatepost.erasePerson({ id: path.id, box })).toMatchObject({ erased: 1 });
      };
      const people = await listed();
      for (let n = 0; n < people.length; n += 10) await Promise.all(people.slice(n, n + 10).map(settle));
      await expect.poll(listed).toEqual([]);
    });

    it("days and presence follow when the directions of a device are ignored, and back", async () => {
      const { ended, lastDay = "" } = dates;
      const site = `site-${randomUUID().slice(0, 8)}`;
      const box = `${site}-1`;
      const sender = new Box(running.url, (await client.createKey(box)).token);
      const gatepost = apiClient({ url: running.url, token: running.admin });
      const [id, ip] = ["00:11:22:33:44:aa", "192.168.1.64"];
      await sender.post("/HistoryEvent", { devSno: "SNO1", deviceList: [{ epId: id, epIp: ip, epName: "Door" }] });
      // Pressed wrong at eight in the morning, and again in the evening.
      for (const [hours, attendanceStatus] of [[-4, "checkOut"] as const, [5, "checkIn"] as const]) {
        const event = {
          majorEventType: 5,
          subEventType: 75,
          employeeNoString: "00042",
          name: "陈一",
          attendanceStatus,
        };
        const dateTime = new Date(ended + hours * hourMs).toISOString();
        const door = { ipAddress: ip, macAddress: id, eventType: "AccessControllerEvent", dateTime };
        await sender.post("/HistoryEvent", { ...door, AccessControllerEvent: event });
      }
      await gatepost.ask("PUT /v1/sites/{id}", { path: { id: site }, body: { zone: "UTC" } });
      await gatepost.ask("PATCH /v1/boxes/{id}", { path: { id: box }, body: { site } });
      const shown = async () => {
        const evening = new Date(ended + 6 * hourMs).toISOString();
        const [sheet, presence, { events }] = await Promise.all([
          gatepost.ask("GET /v1/hours", { query: { site, from: lastDay, to: lastDay } }),
          gatepost.ask("GET /v1/presence", { query: { site, at: evening } }),
          gatepost.ask("GET /v1/events", { query: { box: [box] } }),
        ]);
        const day = "people" in sheet ? sheet.people[0]?.days[0] : undefined;
        const directions = events.map(({ device }) => device.direction);
        return { minutes: day?.minutes, state: day?.state, inside: presence.inside, directions };
      };
      const asSent = { directions: ["in", "out"] };
      await expect.poll(shown).toEqual({ ...asSent, minutes: null, state: "open", inside: 1 });
      const key = (await gatepost.ask("GET /v1/boxes/{id}", { path: { id: box } })).devices[0]?.key ?? "";
      const set = (direction: "ignore" | null) =>
        gatepost.ask("PATCH /v1/devices/{id}", { path: { id: key }, body: { direction } });
      expect(await set("ignore")).toMatchObject({ direction: "ignore", directionSet: "ignore" });
      const follows = async (expected: object) => {
        if (isOneProcess) expect(await shown()).toEqual(expected);
        else await expect.poll(shown).toEqual(expected);
      };
      await follows({ ...asSent, minutes: 540, state: "worked", inside: 0 });
      const ofSite = await gatepost.ask("GET /v1/sites/{id}", { path: { id: site } });
      expect(ofSite).toMatchObject({ presence: "none", why: [key] });
      await set(null);
      await follows({ ...asSent, minutes: null, state: "open", inside: 1 });
    });

    it("the link of an evacuation list stays ended after its maker was lowered", async () => {
      const admin = await join("administrator", "Root");
      const maker = await join("manager", "Gate");
      const begun = await admin.person.ask("POST /v1/rolls", { site: "default", isDrill: true });
      const roll = z.object({ id: z.string() }).parse(await begun.json()).id;
      const made = await maker.person.ask(`POST /v1/rolls/${roll}/links`, { name: "Phone" });
      const { token } = z.object({ token: z.string() }).parse(await made.json());
      const opened = async () => (await fetch(`${running.url}/v1/roll-links/${token}`)).status;
      expect(await opened()).toBe(200);
      for (const role of ["guard", "manager"]) {
        expect((await admin.person.ask(`PATCH /v1/accounts/${maker.id}`, { role })).status).toBe(200);
      }
      expect(await opened()).toBe(404);
      expect((await admin.person.ask(`POST /v1/rolls/${roll}/close`)).status).toBe(200);
    });

    it("the first person who is notified names the operator to push services", async () => {
      const { person } = await join("guard", "Jonas");
      const hasContact = async () =>
        z.looseObject({ hasContact: z.boolean() }).parse(await (await person.ask("GET /v1/push")).json()).hasContact;
      const keys = {
        p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth: "BTBZMqHH6r4Tts7J_aSIgg",
      };
      const subscription = { endpoint: "https://push.example.com/send/1", keys };
      const subscribe = (contact: string) =>
        person.ask("POST /v1/push/subscriptions", { subscription, kinds: ["blacklist"], contact });
      expect(await hasContact()).toBe(false);
      const refused = await subscribe("it@gate.local");
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("that can exist")]);
      expect([(await subscribe("it@example.com")).status, await hasContact()]).toEqual([201, true]);
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
