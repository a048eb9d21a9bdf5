import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { PushService } from "../../standins/push-service.ts";
import { codeAt } from "../../support/app-codes.ts";
import { Box, Client } from "../../support/client.ts";
import { history } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";
import { addCode, join, Person, password } from "./person.ts";

/** A runtime that reaches a push service. */
export interface Notifying extends Running {
  service: PushService;
}

const identified = z.object({ id: z.string() });

/** Browsers are notified with their page closed, on any runtime. */
export function notifications(runtime: string, start: () => Promise<Notifying>, { isHttps }: { isHttps: boolean }) {
  describe(`on ${runtime}, a browser with its page closed`, () => {
    let running: Notifying;
    let client: Client;
    let box: Box;
    let admin: Person;
    const gate = `gate-${randomUUID().slice(0, 8)}`;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      box = new Box(running.url, (await client.createKey(gate)).token);
      admin = (await hire({ role: "administrator" })).person;
    });
    afterEach(() => running.service.troubles.splice(0));
    afterAll(() => running.stop());

    const hire = (asked: { role: string; boxes?: string[] }) =>
      join(client, new Person(running.url, { isHttps }), asked);

    /** Subscribes a browser of a person. */
    async function subscribe(person: Person, kinds: readonly string[] = ["blacklist"]): Promise<string> {
      const browser = randomUUID();
      const push = z.object({ publicKey: z.string() }).parse(await (await person.ask("GET /v1/push")).json());
      const subscription = running.service.subscribe(browser, push.publicKey);
      const asked = { subscription, kinds, contact: "it@example.com" };
      expect((await person.ask("POST /v1/push/subscriptions", asked)).status).toBe(201);
      return browser;
    }

    const shownIn = (browser: string) => running.service.contentsOf(browser);

    /** Begins a drill of all sites, which the test has to end. */
    async function drill() {
      const begun = await admin.ask("POST /v1/rolls", { site: "default", isDrill: true });
      expect([begun.status, await begun.clone().text()]).toEqual([201, expect.stringContaining("id")]);
      const { id } = identified.parse(await begun.json());
      const end = async () => expect((await admin.ask(`POST /v1/rolls/${id}/close`)).status).toBe(200);
      return { end, begun: expect.objectContaining({ title: "Evacuation drill", tag: id }), over: [id] };
    }

    it("is notified once of an evacuation that its account may see, until that is over", async () => {
      const blind = (await hire({ role: "guard", boxes: ["none"] })).person;
      const [phone, other] = [await subscribe(admin, []), await subscribe(blind)];
      const desk = await subscribe((await hire({ role: "guard" })).person);
      running.service.troubles.push(503);
      const { begun, over, end } = await drill();
      for (const browser of [phone, desk]) await expect.poll(() => shownIn(browser)).toEqual([begun]);
      await end();
      const ended = { tags: over, badge: true, withdraw: true };
      for (const browser of [phone, desk]) await expect.poll(() => shownIn(browser)).toEqual([begun, ended]);
      expect(shownIn(other)).toEqual([]);
    });

    it("is notified of a person on the blacklist, until one has dealt with that", async () => {
      const [phone, quiet] = [await subscribe(admin, ["blacklist"]), await subscribe(admin, ["strangers"])];
      const pass = (id: string, person_type: number) =>
        box.post("/HistoryEvent", history({ identity_id: id, timestamp: Date.now() }, { person_type }));
      expect((await pass("known", 1)).status).toBe(200);
      expect((await pass("banned", 3)).status).toBe(200);
      await expect.poll(() => shownIn(phone)).toHaveLength(1);
      const [event] = await client.events("&person=banned");
      const shown = { title: "Blacklist", address: `#/events/${event?.id}`, tag: event?.id };
      expect(shownIn(phone)).toMatchObject([shown]);
      const reasoned = { events: [event?.id], reason: "sent-away", note: null };
      const idempotent = { "idempotency-key": randomUUID() };
      expect((await admin.ask("POST /v1/acknowledgements", reasoned, idempotent)).status).toBe(201);
      await expect.poll(() => shownIn(phone)).toMatchObject([shown, { tags: [event?.id], withdraw: true }]);
      expect(shownIn(quiet)).toEqual([]);
    });

    it("is still notified after its session removed a factor, and browsers of others of its sessions are not", async () => {
      const { email, person } = await hire({ role: "guard" });
      const other = new Person(running.url, { isHttps });
      expect((await other.ask("POST /v1/sessions", { email, password })).status).toBe(204);
      const [phone, lost] = [await subscribe(person), await subscribe(other)];
      const { now } = z.object({ now: z.string() }).parse(await (await person.ask("GET /v1/me")).json());
      const { id } = await addCode(person, (secret) => codeAt(secret, Date.parse(now)));
      expect((await person.ask(`DELETE /v1/me/factors/${id}`)).status).toBe(204);
      const { begun, end } = await drill();
      await expect.poll(() => shownIn(phone)).toEqual([begun]);
      await end();
      await expect.poll(() => shownIn(phone)).toHaveLength(2);
      expect(shownIn(lost)).toEqual([]);
    });

    it("is still notified after its person has changed the password in it", async () => {
      const { person } = await hire({ role: "guard" });
      const phone = await subscribe(person, []);
      const subscriptions = z.object({ mine: z.array(z.unknown()) });
      const mine = async () => subscriptions.parse(await (await person.ask("GET /v1/push")).json()).mine;
      await expect.poll(mine).toHaveLength(1);
      const changed = { current: password, password: "eight blue kites" };
      expect((await person.ask("PUT /v1/password", changed)).status).toBe(204);
      await expect.poll(mine).toMatchObject([{ kinds: [] }]);
      const { begun, end } = await drill();
      await expect.poll(() => shownIn(phone)).toEqual([begun]);
      await end();
    });

    it("is no browser of its person any more once its session has ended, and is notified if it subscribes again", async () => {
      const { id: account, email, person } = await hire({ role: "guard" });
      const subscriptions = z.object({ mine: z.array(identified) });
      const mine = async () => subscriptions.parse(await (await person.ask("GET /v1/push")).json()).mine;
      const ended = await subscribe(person);
      await expect.poll(mine).toHaveLength(1);
      const [before] = await mine();
      expect((await client.delete(`/v1/sessions?account=${account}`)).status).toBe(204);
      expect((await person.ask("POST /v1/sessions", { email, password })).status).toBe(204);
      expect(await mine()).toEqual([]);
      expect((await person.ask(`POST /v1/push/subscriptions/${before?.id}/test`)).status).toBe(404);
      const phone = await subscribe(person);
      const { begun, end } = await drill();
      await expect.poll(() => shownIn(phone)).toEqual([begun]);
      await end();
      expect(shownIn(ended)).toEqual([]);
    });

    it("is forgotten once its push service does not know it, and others are not", async () => {
      const { person } = await hire({ role: "guard" });
      const [gone, phone] = [await subscribe(person), await subscribe(person)];
      const mine = async () =>
        z.object({ mine: z.array(z.unknown()) }).parse(await (await person.ask("GET /v1/push")).json()).mine;
      await expect.poll(mine).toHaveLength(2);
      running.service.forget(gone);
      const { begun, end } = await drill();
      await expect.poll(() => shownIn(phone)).toEqual([begun]);
      await expect.poll(mine).toHaveLength(1);
      await end();
    });
  });
}
