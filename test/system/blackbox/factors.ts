import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { codeAt } from "../../support/app-codes.ts";
import { Client } from "../../support/client.ts";
import type { Running } from "./main-job.ts";
import { addCode, join as joinAs, outcomeOf, Person, password, seed } from "./person.ts";

const recovery = z.object({ codes: z.array(z.string()) });
const listed = z.object({
  factors: z.array(z.looseObject({ id: z.string(), kind: z.string(), left: z.number().nullable() })),
});

/** People sign in with a second factor, on any runtime. */
export function factors(runtime: string, start: () => Promise<Running>, { isHttps }: { isHttps: boolean }): void {
  describe(`on ${runtime}, people sign in with a second factor:`, () => {
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

    const codeOf = (secret: string, steps: number) => codeAt(secret, Date.now() + ahead + steps * 30_000);
    const browser = () => new Person(running.url, { isHttps });
    const join = (role = "guard") => joinAs(client, browser(), { role });
    /** A person with a code, whose first one was of the step before: so those of this step and the next can be used. */
    const joinWithCode = async () => {
      const joined = await join();
      const { id: factor, secret } = await addCode(joined.person, (own) => codeOf(own, -1));
      return { ...joined, factor, secret };
    };
    const halfSigned = async (email: string) => {
      const person = browser();
      const answer = await person.ask("POST /v1/sessions", { email, password });
      return { person, status: answer.status, needs: answer.status === 202 ? await answer.json() : null };
    };
    const goOn = (person: Person, body: object, headers = {}) => person.ask("POST /v1/sessions/factor", body, headers);
    /** A person with codes on two devices, in two browsers. */
    const joinWithTwo = async () => {
      const { email, person, factor: phone, secret } = await joinWithCode();
      const { id: tablet } = await addCode(person, (own) => codeOf(own, 0), "Tablet");
      const other = (await halfSigned(email)).person;
      expect((await goOn(other, { kind: "code", code: codeOf(secret, 0) })).status).toBe(204);
      return { person, other, phone, tablet };
    };

    it("the password alone opens nothing, and a code then signs in, once", async () => {
      const { email, secret } = await joinWithCode();
      const [first, second] = [await halfSigned(email), await halfSigned(email)];
      expect(first).toMatchObject({ status: 202, needs: { needs: ["code"] } });
      expect(first.person.cookie).toMatch(/^(__Host-)?gatepost-half=gph_[\w-]{27}$/);
      expect(first.person.attributes).toMatch(/^HttpOnly; (Secure; )?SameSite=Strict; Path=\/; Max-Age=300$/);
      for (const route of ["GET /v1/me", "GET /v1/me/factors", "POST /v1/me/factors", "GET /v1/events"])
        expect((await first.person.ask(route)).status).toBe(401);
      const half = first.person.cookie.split("=")[1] ?? "";
      const other = browser();
      other.cookie = `${isHttps ? "__Host-" : ""}gatepost=${half}`;
      expect((await other.ask("GET /v1/me")).status).toBe(401);
      const code = codeOf(secret, 0);
      const answers = await Promise.all([first, second].map(({ person }) => goOn(person, { kind: "code", code })));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
      const [winner, loser] = answers[0]?.status === 204 ? [first, second] : [second, first];
      const setCookies = answers.find(({ status }) => status === 204)?.headers.getSetCookie() ?? [];
      expect(setCookies[0]).toMatch(/gatepost-half=; .*Max-Age=0$/);
      winner.person.cookie = setCookies[1]?.split(";")[0] ?? "";
      expect((await winner.person.ask("GET /v1/me")).status).toBe(200);
      expect(await outcomeOf(await goOn(loser.person, { kind: "code", code }))).toEqual([401, "wrong"]);
      expect((await goOn(loser.person, { kind: "code", code: codeOf(secret, 1) })).status).toBe(204);
      const shown = listed.parse(await (await winner.person.ask("GET /v1/me/factors")).json());
      expect(shown.factors).toEqual([expect.objectContaining({ kind: "code", lastUsedAt: expect.any(String) })]);
    });

    it("the password of another session is no proof any more, and codes at once in one browser use one", async () => {
      const { email, person } = await join("administrator");
      const other = (await halfSigned(email)).person;
      const added = await person.ask("POST /v1/me/factors", { kind: "code", name: "Phone" });
      const { id: factor, secret } = seed.parse(await added.json());
      expect((await other.ask("POST /v1/keys", { scope: "settle" })).status).toBe(201);
      const code = codeOf(secret, -1);
      expect((await person.ask(`POST /v1/me/factors/${factor}/confirm`, { code })).status).toBe(204);
      for (const [route, body] of [
        ["POST /v1/keys", { scope: "settle" }],
        [`DELETE /v1/me/factors/${factor}`, undefined],
      ] as const)
        expect(await outcomeOf(await other.ask(route, body))).toEqual([403, "factor-needed"]);
      const { codes } = recovery.parse(await (await person.ask("POST /v1/me/factors", { kind: "recovery" })).json());
      const half = (await halfSigned(email)).person;
      const { cookie } = half;
      const answers = await Promise.all(
        codes.slice(0, 3).map((one) => {
          const same = browser();
          same.cookie = cookie;
          return goOn(same, { kind: "recovery", code: one });
        }),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
      const { factors: left } = listed.parse(await (await person.ask("GET /v1/me/factors")).json());
      expect(left.find(({ kind }) => kind === "recovery")?.left).toBe(9);
    });

    it("a second step from another browser, site or account is refused", async () => {
      const { email, secret } = await joinWithCode();
      const { person } = await halfSigned(email);
      const body = { kind: "code", code: codeOf(secret, 0) };
      expect(await outcomeOf(await goOn(browser(), body))).toEqual([401, "ended"]);
      for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }])
        expect(await outcomeOf(await goOn(person, body, headers))).toEqual([403, "other-site"]);
      const bo = await joinWithCode();
      const other = await halfSigned(bo.email);
      expect(await outcomeOf(await goOn(other.person, body))).toEqual([401, "wrong"]);
      expect((await goOn(person, body)).status).toBe(204);
    });

    it("a recovery code signs in once, and the list says how many are left", async () => {
      const { email, person } = await joinWithCode();
      const { codes } = recovery.parse(await (await person.ask("POST /v1/me/factors", { kind: "recovery" })).json());
      const first = await halfSigned(email);
      expect(first.needs).toEqual({ needs: ["code", "recovery"] });
      const body = { kind: "recovery", code: codes[3] };
      const { status } = await goOn(first.person, body);
      const again = await halfSigned(email);
      expect([status, await outcomeOf(await goOn(again.person, body))]).toEqual([204, [401, "wrong"]]);
      const { factors: left } = listed.parse(await (await person.ask("GET /v1/me/factors")).json());
      expect(left.find(({ kind }) => kind === "recovery")?.left).toBe(9);
    });

    it("a wrong password is answered alike with a factor, without one, and without an account", async () => {
      const [plain, sure] = [await join(), await joinWithCode()];
      const answers: { status: number; body: unknown; cookies: string[] }[] = [];
      for (const email of [plain.email, sure.email, `${randomUUID()}@example.com`]) {
        const answer = await browser().ask("POST /v1/sessions", { email, password: "eight blue kites" });
        answers.push({ status: answer.status, body: await answer.json(), cookies: answer.headers.getSetCookie() });
      }
      const [first, ...others] = answers;
      expect(first).toMatchObject({ status: 401, body: { code: "wrong" }, cookies: [] });
      for (const other of others) expect(other).toEqual(first);
    });

    it("an administrator takes factors away: sessions of before end, and the password signs in", async () => {
      const { id, email, person, secret } = await joinWithCode();
      const half = await halfSigned(email);
      const guard = await join();
      const admin = await join("administrator");
      expect((await guard.person.ask(`DELETE /v1/accounts/${id}/factors`)).status).toBe(403);
      expect((await admin.person.ask(`DELETE /v1/accounts/${admin.id}/factors`)).status).toBe(409);
      expect((await admin.person.ask(`DELETE /v1/accounts/acc_${"0".repeat(18)}/factors`)).status).toBe(404);
      expect((await admin.person.ask(`DELETE /v1/accounts/${id}/factors`)).status).toBe(204);
      expect((await person.ask("GET /v1/me")).status).toBe(401);
      expect(await outcomeOf(await goOn(half.person, { kind: "code", code: codeOf(secret, 0) }))).toEqual([
        401,
        "ended",
      ]);
      const after = await halfSigned(email);
      expect(after.status).toBe(204);
      expect(await (await after.person.ask("GET /v1/me/factors")).json()).toMatchObject({ factors: [] });
      const log = await (await client.get("/v1/audit?limit=50")).text();
      expect(log).toContain('"factors-reset"');
      expect(log).not.toContain(secret);
    });

    it.each(["👩🏽\u200d💻", "❤️\u200d🔥 Ann", "گوشی\u200cهای من", "张伟的手机"])(
      "a factor is named as people write: %s",
      async (name) => {
        const { person } = await join();
        await addCode(person, (secret) => codeOf(secret, 0), name);
        expect(await (await person.ask("GET /v1/me/factors")).json()).toMatchObject({ factors: [{ name }] });
      },
    );

    it("a key is told that factors and proofs are of people", async () => {
      const key = { authorization: `Bearer ${running.admin}` };
      for (const [route, body] of [
        ["GET /v1/me/factors", undefined],
        ["POST /v1/sessions/factor", { kind: "code", code: "123456" }],
        ["POST /v1/sessions/factor/options", undefined],
      ] as const) {
        const answer = await browser().ask(route, body, key);
        const detail = "this is for people who sign in: a key or a first link has no account";
        expect([route, answer.status, await answer.json()]).toMatchObject([route, 403, { detail }]);
      }
    });

    it("two factors removed at the same moment end the other sessions, and not the one that removes them", async () => {
      const { person, other, phone, tablet } = await joinWithTwo();
      const removals = [phone, tablet].map((id) => person.ask(`DELETE /v1/me/factors/${id}`));
      expect((await Promise.all(removals)).map(({ status }) => status)).toEqual([204, 204]);
      expect((await person.ask("GET /v1/me")).status).toBe(200);
      expect((await other.ask("GET /v1/me")).status).toBe(401);
    });

    it("of two sessions that remove a factor at the same moment, one goes on", async () => {
      const { person, other, phone, tablet } = await joinWithTwo();
      const removals = [person.ask(`DELETE /v1/me/factors/${phone}`), other.ask(`DELETE /v1/me/factors/${tablet}`)];
      const removed = (await Promise.all(removals)).map(({ status }) => status);
      expect(removed.toSorted()).toEqual([204, 401]);
      const live = await Promise.all([person, other].map((one) => one.ask("GET /v1/me")));
      expect(live.map(({ status }) => status)).toEqual(removed.map((status) => (status === 204 ? 200 : 401)));
    });

    it("factors of an account cannot be changed from another site, or by another account", async () => {
      const [ann, bo] = [await joinWithCode(), await join()];
      const elsewhere = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
      const body = { kind: "code", name: "Phone" };
      expect((await ann.person.ask("POST /v1/me/factors", body, elsewhere)).status).toBe(403);
      expect((await ann.person.ask(`DELETE /v1/me/factors/${ann.factor}`, undefined, elsewhere)).status).toBe(403);
      expect((await bo.person.ask(`DELETE /v1/me/factors/${ann.factor}`)).status).toBe(404);
      expect((await client.get("/v1/me/factors")).status).toBe(403);
      expect((await ann.person.ask(`DELETE /v1/me/factors/${ann.factor}`)).status).toBe(204);
      expect((await halfSigned(ann.email)).status).toBe(204);
    });
  });
}
