import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { codeAt } from "../../support/app-codes.ts";
import { Client } from "../../support/client.ts";
import type { Running } from "./main-job.ts";
import { addCode, join as joinAs, outcomeOf, Person, password, seed } from "./person.ts";

const dayMs = 24 * 3_600_000;
const policy = z.object({ version: z.string(), requiredFrom: z.string().nullable() });
const own = z.object({ factors: z.array(z.unknown()), required: z.boolean(), until: z.string().nullable() });

/** An administrator says who needs a second factor, on any runtime. */
export function factorPolicy(runtime: string, start: () => Promise<Running>, { isHttps }: { isHttps: boolean }): void {
  describe(`on ${runtime}, an administrator says who needs a second factor:`, () => {
    let running: Running;
    let client: Client;
    /** The difference between the clock of the server and the one of the test, ms. */
    let ahead = 0;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      const { now } = z.object({ now: z.string() }).parse(await (await client.get("/v1/me")).json());
      ahead = Date.parse(now) - Date.now();
    });
    afterAll(() => running.stop());

    const join = (role: string) => joinAs(client, new Person(running.url, { isHttps }), { role });
    const firstOf = (secret: string) => codeAt(secret, Date.now() + ahead);
    const ownOf = async (person: Person) => own.parse(await (await person.ask("GET /v1/me/factors")).json());
    const read = async (person: Person) => policy.parse(await (await person.ask("GET /v1/sign-in/policy")).json());

    it("of two changes at once one is made, and a person who needs a factor keeps the last one", async () => {
      const [ann, bo, guard] = [await join("administrator"), await join("administrator"), await join("guard")];
      const { version, requiredFrom } = await read(ann.person);
      expect(requiredFrom).toBeNull();
      const put = ({ person }: typeof ann, from: string | null, read = version) =>
        person.ask("PUT /v1/sign-in/policy", { version: read, requiredFrom: from });
      expect(await outcomeOf(await put(guard, "guard"))).toEqual([403, "role"]);
      expect(await outcomeOf(await put(ann, "guard"))).toEqual([409, "own-factor"]);
      const { id: factor } = await addCode(ann.person, firstOf);
      await addCode(bo.person, firstOf);
      expect(await ownOf(guard.person)).toEqual({ factors: [], required: false, until: null });
      const answers = await Promise.all([put(ann, "guard"), put(bo, "guard")]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
      expect(await outcomeOf(await ann.person.ask(`DELETE /v1/me/factors/${factor}`))).toEqual([409, "last-factor"]);
      const needed = await ownOf(guard.person);
      expect(needed).toEqual({ factors: [], required: true, until: expect.any(String) });
      const days = (Date.parse(needed.until ?? "") - Date.now() - ahead) / dayMs;
      expect(Math.abs(days - 7)).toBeLessThan(0.1);
      expect((await guard.person.ask("POST /v1/sessions", { email: guard.email, password })).status).toBe(204);
      await addCode(guard.person, firstOf);
      expect(await ownOf(guard.person)).toMatchObject({ required: true, until: null });
      const { version: next } = await read(ann.person);
      expect((await put(ann, null, next)).status).toBe(200);
      expect((await ann.person.ask(`DELETE /v1/me/factors/${factor}`)).status).toBe(204);
    });
  });
}

/** The same, after the days that people have to add a factor, on a runtime whose clock can be moved. */
export function factorPolicyAfterwards(
  runtime: string,
  start: () => Promise<Running & { later(ms: number): void }>,
  { isHttps }: { isHttps: boolean },
): void {
  describe(`on ${runtime}, after the days of the policy`, () => {
    let running: Awaited<ReturnType<typeof start>>;
    let client: Client;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
    });
    afterAll(() => running.stop());

    const browser = () => new Person(running.url, { isHttps });
    const now = async () => {
      const me = await (await client.get("/v1/me")).json();
      return Date.parse(z.object({ now: z.string() }).parse(me).now);
    };
    const tryToAddCode = async (person: Person) => {
      const added = await person.ask("POST /v1/me/factors", { kind: "code", name: "Phone" });
      if (added.status !== 201) return outcomeOf(added);
      const { id, secret } = seed.parse(await added.json());
      const code = codeAt(secret, (await now()) - 30_000);
      return [(await person.ask(`POST /v1/me/factors/${id}/confirm`, { code })).status, secret] as const;
    };

    it("a password alone is refused, and a new link lets its person add a factor, and nothing else dear", async () => {
      const [ann, bo] = [
        await joinAs(client, browser(), { role: "administrator" }),
        await joinAs(client, browser(), { role: "administrator" }),
      ];
      const [added, secret = ""] = await tryToAddCode(ann.person);
      expect(added).toBe(204);
      const { version } = policy.parse(await (await client.get("/v1/sign-in/policy")).json());
      const asked = { version, requiredFrom: "administrator" };
      expect((await ann.person.ask("PUT /v1/sign-in/policy", asked)).status).toBe(200);
      const first = bo.person;
      for (let uses = 0; uses < 21; uses++) {
        running.later(dayMs / 3);
        expect((await first.ask("GET /v1/me")).status).toBe(200);
      }
      running.later(1000);
      expect((await first.ask("POST /v1/sessions/factor", { kind: "password", password })).status).toBe(204);
      expect(await tryToAddCode(first)).toEqual([403, "factor-overdue"]);
      const signIn = async ({ email }: typeof ann) => {
        const person = browser();
        return { person, answer: await person.ask("POST /v1/sessions", { email, password }) };
      };
      expect(await outcomeOf((await signIn(bo)).answer)).toEqual([403, "factor-overdue"]);
      const again = await signIn(ann);
      expect(again.answer.status).toBe(202);
      const proof = { kind: "code", code: codeAt(secret, await now()) };
      expect((await again.person.ask("POST /v1/sessions/factor", proof)).status).toBe(204);
      const linked = await again.person.ask(`POST /v1/accounts/${bo.id}/invitation`);
      const { token } = z.object({ token: z.string() }).parse(await linked.json());
      const person = browser();
      expect((await person.ask(`POST /v1/invitations/${token}`, { name: "Bo", password })).status).toBe(204);
      const makeKey = () => person.ask("POST /v1/keys", { scope: "settle" });
      expect(await outcomeOf(await makeKey())).toEqual([403, "factor-first"]);
      expect((await tryToAddCode(person))[0]).toBe(204);
      expect((await makeKey()).status).toBe(201);
      expect((await signIn(bo)).answer.status).toBe(202);
    });
  });
}
