import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import * as z from "zod";
import type { Client } from "../../support/client.ts";
import { CookieJar } from "../../support/cookie-jar.ts";

/** The password of every person who joins. */
export const password = "seven green boats";

const invited = z.object({ id: z.string(), invitation: z.object({ token: z.string() }) });

/** Codes of an app, before they are confirmed. */
export const seed = z.object({ id: z.string(), secret: z.string(), uri: z.string() });

/** A person in a browser, with the cookies that the server sets. */
export class Person {
  readonly #url: string;
  #jar = new CookieJar();
  readonly origin: string;
  /** The attributes of the last cookie. */
  attributes = "";

  constructor(url: string, { isHttps }: { isHttps: boolean }) {
    this.#url = url;
    this.origin = isHttps ? url.replace("http:", "https:") : url;
  }

  get cookie(): string {
    return this.#jar.header;
  }

  set cookie(header: string) {
    this.#jar = new CookieJar();
    this.#jar.take(header.split("; "));
  }

  async ask(route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const [method = "", path = ""] = route.split(" ");
    const browser = { origin: this.origin, "sec-fetch-site": "same-origin" };
    const answer = await fetch(this.#url + path, {
      method,
      headers: { ...browser, cookie: this.cookie, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie();
    this.#jar.take(set);
    const [, ...attributes] = set[0]?.split("; ") ?? [];
    if (attributes.length > 0) this.attributes = attributes.join("; ");
    return answer;
  }
}

/** Invites a person of a role, who accepts in a browser. */
export async function join(
  client: Client,
  person: Person,
  asked: { role: string; sites?: string[]; boxes?: string[] },
) {
  const email = `${randomUUID()}@example.com`;
  const { id, invitation } = invited.parse(await (await client.post("/v1/accounts", { email, ...asked })).json());
  const accepted = await person.ask(`POST /v1/invitations/${invitation.token}`, { name: "Ann", password });
  expect(accepted.status).toBe(204);
  return { id, email, person };
}

/** Adds codes of an app to a person, and confirms them with the first one. */
export async function addCode(person: Person, firstOf: (secret: string) => string, name = "Phone") {
  const added = await person.ask("POST /v1/me/factors", { kind: "code", name });
  const { id, secret } = seed.parse(await added.json());
  expect((await person.ask(`POST /v1/me/factors/${id}/confirm`, { code: firstOf(secret) })).status).toBe(204);
  return { id, secret };
}

/** The status of an answer, and the code of its fault. */
export async function outcomeOf(answer: Response): Promise<[number, string | undefined]> {
  const { code } = z.looseObject({ code: z.string().optional() }).parse(await answer.json());
  return [answer.status, code];
}
