import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Authenticator } from "../../support/authenticator.ts";
import { Client } from "../../support/client.ts";
import type { Running } from "./main-job.ts";
import { join, outcomeOf, Person, password } from "./person.ts";

const begun = z.object({ id: z.string(), options: z.looseObject({}) });
const options = z.looseObject({ challenge: z.string() });

/** People sign in by passkeys, on any runtime whose address is `localhost`. */
export function passkeys(runtime: string, start: () => Promise<Running>, { isHttps }: { isHttps: boolean }): void {
  describe(`on ${runtime}, people sign in by passkeys:`, () => {
    let running: Running;
    let client: Client;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
    });
    afterAll(() => running.stop());

    const browser = () => new Person(running.url.replace("127.0.0.1", "localhost"), { isHttps });
    const optionsOf = async (person: Person, of: "passkey" | "factor") =>
      options.parse(await (await person.ask(`POST /v1/sessions/${of}/options`)).json());
    /** A person who has signed in by a passkey once: so what fails afterwards counts for this account alone. */
    const joinWithPasskey = async ({ counts = true } = {}) => {
      const { id, email, person } = await join(client, browser(), { role: "guard" });
      const device = new Authenticator(person.origin, { counts });
      const added = begun.parse(
        await (await person.ask("POST /v1/me/factors", { kind: "passkey", name: "Laptop" })).json(),
      );
      const credential = device.create(added.options);
      const confirmed = await person.ask(`POST /v1/me/factors/${added.id}/confirm`, { credential });
      expect(confirmed.status).toBe(204);
      const first = browser();
      const signed = device.get(await optionsOf(first, "passkey"));
      expect((await first.ask("POST /v1/sessions", { credential: signed })).status).toBe(204);
      return { id, email, person, device };
    };

    it("the ways to sign in say that this address has them", async () => {
      const person = browser();
      const ways = await (await person.ask("GET /v1/sign-in")).json();
      expect(ways).toMatchObject({ passkeys: true, passkeysAt: person.origin });
    });

    it("a passkey alone signs in, and its challenge once, in its browser alone", async () => {
      const { id, device } = await joinWithPasskey();
      const [ann, thief] = [browser(), browser()];
      const credential = device.get(await optionsOf(ann, "passkey"));
      expect(ann.cookie).toMatch(/^(__Host-)?gatepost-passkey=[\w-]+$/);
      expect(ann.attributes).toMatch(/^HttpOnly; (Secure; )?SameSite=Strict; Path=\/; Max-Age=300$/);
      await optionsOf(thief, "passkey");
      expect(await outcomeOf(await thief.ask("POST /v1/sessions", { credential }))).toEqual([401, "wrong"]);
      const copies = [1, 2, 3].map(() => {
        const copy = browser();
        copy.cookie = ann.cookie;
        return copy;
      });
      const answers = await Promise.all(copies.map((copy) => copy.ask("POST /v1/sessions", { credential })));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
      const winner = copies[answers.findIndex(({ status }) => status === 204)];
      const me = z.looseObject({ account: z.looseObject({ id: z.string(), with: z.string() }) });
      expect(me.parse(await (await winner?.ask("GET /v1/me"))?.json()).account).toMatchObject({ id, with: "passkey" });
      expect(await outcomeOf(await ann.ask("POST /v1/sessions", { credential }))).toEqual([401, "wrong"]);
    });

    it.each([
      ["another origin", { origin: "https://evil.example" }],
      ["another host", { rpId: "evil.example" }],
      ["a person who is not verified", { isVerified: false }],
    ])("%s is refused, alone and as the second step", async (_, changed) => {
      const { email, device } = await joinWithPasskey();
      const person = browser();
      const alone = device.get(await optionsOf(person, "passkey"), changed);
      expect(await outcomeOf(await person.ask("POST /v1/sessions", { credential: alone }))).toEqual([401, "wrong"]);
      expect((await person.ask("POST /v1/sessions", { email, password })).status).toBe(202);
      const second = { kind: "passkey", credential: device.get(await optionsOf(person, "factor"), changed) };
      expect(await outcomeOf(await person.ask("POST /v1/sessions/factor", second))).toEqual([401, "wrong"]);
      const right = { kind: "passkey", credential: device.get(await optionsOf(person, "factor")) };
      expect((await person.ask("POST /v1/sessions/factor", right)).status).toBe(204);
      expect((await person.ask("GET /v1/me")).status).toBe(200);
    });

    it("a challenge of one account's second step is none of another one's", async () => {
      const [ann, bo] = [await joinWithPasskey(), await joinWithPasskey()];
      const person = browser();
      await person.ask("POST /v1/sessions", { email: ann.email, password });
      const asked = await optionsOf(person, "factor");
      const challenge = person.cookie.split("; ").find((one) => one.includes("gatepost-passkey")) ?? "";
      await person.ask("POST /v1/sessions", { email: bo.email, password });
      const body = { kind: "passkey", credential: bo.device.get(asked) };
      expect(person.cookie).toContain(challenge);
      expect(await outcomeOf(await person.ask("POST /v1/sessions/factor", body))).toEqual([401, "wrong"]);
    });

    it("a counter that goes back is refused and told, and one of 0 for ever is right", async () => {
      const { id, device } = await joinWithPasskey({ counts: false });
      const sign = async (counter: number) => {
        const person = browser();
        const credential = device.get(await optionsOf(person, "passkey"), { counter });
        return person.ask("POST /v1/sessions", { credential });
      };
      for (const status of [204, 204]) expect((await sign(0)).status).toBe(status);
      expect((await sign(7)).status).toBe(204);
      for (const counter of [7, 3, 0]) expect(await outcomeOf(await sign(counter))).toEqual([403, "passkey-copied"]);
      expect((await sign(8)).status).toBe(204);
      const audit = z.object({
        entries: z.array(z.looseObject({ about: z.looseObject({}) })),
      });
      const { entries } = audit.parse(await (await client.get("/v1/audit?limit=50")).json());
      expect(entries.filter(({ about }) => about["account"] === id && about["passkeyCopied"] === true)).toHaveLength(1);
    });

    it("a reset takes passkeys, and ends the sessions that they began", async () => {
      const { id, email, device } = await joinWithPasskey();
      const person = browser();
      const credential = device.get(await optionsOf(person, "passkey"));
      expect((await person.ask("POST /v1/sessions", { credential })).status).toBe(204);
      expect((await client.delete(`/v1/accounts/${id}/factors`)).status).toBe(204);
      expect((await person.ask("GET /v1/me")).status).toBe(401);
      const again = device.get(await optionsOf(person, "passkey"));
      expect(await outcomeOf(await person.ask("POST /v1/sessions", { credential: again }))).toEqual([401, "wrong"]);
      expect((await person.ask("POST /v1/sessions", { email, password })).status).toBe(204);
    });
  });
}
