import { freshMs, type Role } from "@gatepost/core/accounts";
import { graceMs } from "@gatepost/core/factors";
import { beforeEach, describe, expect, it } from "vitest";
import { codeAt } from "../../support/app-codes.ts";
import { auditEntries } from "../../support/audit.ts";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const password = "seven green boats";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

const send = (route: string, body?: object, headers: Record<string, string> = {}) => {
  const [method = "", path = ""] = route.split(" ");
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return deps.ask(path, { method, headers: { authorization: "", ...headers }, ...sent });
};
const outcome = async (answer: Response) => {
  const { code } = (await answer.json()) as { code?: string };
  return [answer.status, code];
};
const version = async () => (await deps.deps.factorPolicy.read()).version;
/** Sets the policy by an admin key. */
const needFactors = async (requiredFrom: Role | null) => {
  const body = JSON.stringify({ version: await version(), requiredFrom });
  const answer = await deps.ask("/v1/sign-in/policy", { method: "PUT", body });
  expect([answer.status, await answer.json()]).toEqual([200, { version: await version(), requiredFrom }]);
};
const invite = async (role: Role) => {
  const email = `${role}-${Math.random()}@example.com`;
  const { id, token } = await deps.deps.accounts.create({ email, name: null, role, sites: null, boxes: null }, "key_1");
  return { id, email, token };
};
const accept = async (token: string) => {
  const answer = await send(`POST /v1/invitations/${token}`, { name: "Ann", password });
  expect(answer.status).toBe(204);
  return cookieOf(answer);
};
const cookieOf = (answer: Response) => ({ cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" });
const signIn = (email: string) => send("POST /v1/sessions", { email, password });
const addCode = async (headers: Record<string, string>) => {
  const added = await send("POST /v1/me/factors", { kind: "code", name: "Phone" }, headers);
  if (added.status !== 201) return { added, id: "" };
  const { id, secret } = (await added.json()) as { id: string; secret: string };
  const code = codeAt(secret, deps.ingest.now);
  expect((await send(`POST /v1/me/factors/${id}/confirm`, { code }, headers)).status).toBe(204);
  return { added, id };
};
const ownFactors = async (headers: Record<string, string>) =>
  (await send("GET /v1/me/factors", undefined, headers)).json();
const untilOf = async (headers: Record<string, string>) => {
  const me = (await (await send("GET /v1/me", undefined, headers)).json()) as { account: { factorUntil: string } };
  return me.account.factorUntil;
};
const makeKey = (headers: Record<string, string>) => send("POST /v1/keys", { scope: "settle" }, headers);
const reasonOf = async (answer: Response) => ((await answer.json()) as { detail: string }).detail;

describe("a person who needs a second factor and has none", () => {
  it("is told until when, adds it in these days, and is asked no more", async () => {
    const { email, token } = await invite("administrator");
    const cookie = await accept(token);
    expect(await ownFactors(cookie)).toEqual({ factors: [], required: false, until: null });
    await needFactors("administrator");
    const until = new Date(deps.ingest.now + graceMs).toISOString();
    expect(await ownFactors(cookie)).toEqual({ factors: [], required: true, until });
    expect(await untilOf(cookie)).toBe(until);
    deps.ingest.now += graceMs - 1;
    const signedInLate = await signIn(email);
    expect(signedInLate.status).toBe(204);
    await addCode(cookieOf(signedInLate));
    expect(await ownFactors(cookieOf(signedInLate))).toMatchObject({ required: true, until: null });
    expect(await untilOf(cookieOf(signedInLate))).toBeNull();
    deps.ingest.now += graceMs;
    expect((await signIn(email)).status).toBe(202);
  });

  it("is refused after these days, by a password that was right alone, and the audit log has it", async () => {
    const { id, email, token } = await invite("administrator");
    await accept(token);
    await needFactors("administrator");
    deps.ingest.now += graceMs;
    const refused = await signIn(email);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(await reasonOf(refused.clone())).toMatch(/second factor .* is over; ask an administrator for a new link$/);
    expect(await outcome(refused)).toEqual([403, "factor-overdue"]);
    const wrong = await send("POST /v1/sessions", { email, password: "eight blue kites" });
    expect(await outcome(wrong)).toEqual([401, "wrong"]);
    const entries = (await auditEntries(deps.ingest.audit)).filter(({ action }) => action === "sign-ins-refused");
    expect(entries).toMatchObject([{ by: id, outcome: "refused" }]);
  });

  it("does nothing dear after these days in a session of before, fresh or not, and adds no factor", async () => {
    const { token } = await invite("administrator");
    await accept(token);
    const account = (await deps.deps.accounts.page({ limit: 1, cursor: null })).items[0]?.id ?? "";
    await needFactors("administrator");
    deps.ingest.now += graceMs - 1;
    const before = await signedIn(deps, account);
    expect((await makeKey(before)).status).toBe(201);
    deps.ingest.now += 1;
    const prove = { kind: "password", password };
    for (const isProved of [false, true]) {
      if (isProved) expect((await send("POST /v1/sessions/factor", prove, before)).status).toBe(204);
      expect(await outcome(await makeKey(before))).toEqual([403, "factor-overdue"]);
      expect(await outcome((await addCode(before)).added)).toEqual([403, "factor-overdue"]);
      const changed = { current: password, password: "eight blue kites" };
      expect(await outcome(await send("PUT /v1/password", changed, before))).toEqual([403, "factor-overdue"]);
    }
    expect((await send("GET /v1/me", undefined, before)).status).toBe(200);
  });

  it("adds none after these days in the session of the first invitation, which a password alone could have kept", async () => {
    const { token } = await invite("administrator");
    const cookie = await accept(token);
    await needFactors("administrator");
    for (let uses = 0; uses < 21; uses++) {
      expect((await send("GET /v1/me", undefined, cookie)).status).toBe(200);
      deps.ingest.now += graceMs / 21;
    }
    for (const isProved of [false, true]) {
      const prove = { kind: "password", password };
      if (isProved) expect((await send("POST /v1/sessions/factor", prove, cookie)).status).toBe(204);
      expect(await outcome((await addCode(cookie)).added)).toEqual([403, "factor-overdue"]);
    }
  });

  it("adds one by a new link, and does nothing else dear before", async () => {
    const { id, email, token } = await invite("administrator");
    await accept(token);
    await needFactors("administrator");
    deps.ingest.now += graceMs;
    const link = await deps.deps.accounts.invite(id, "key_1");
    const cookie = await accept(link?.token ?? "");
    expect((await send("GET /v1/me", undefined, cookie)).status).toBe(200);
    expect(await outcome(await makeKey(cookie))).toEqual([403, "factor-first"]);
    expect(await outcome(await signIn(email))).toEqual([403, "factor-overdue"]);
    deps.ingest.now += freshMs;
    expect(await outcome((await addCode(cookie)).added)).toEqual([403, "factor-needed"]);
    expect((await send("POST /v1/sessions/factor", { kind: "password", password }, cookie)).status).toBe(204);
    await addCode(cookie);
    expect((await makeKey(cookie)).status).toBe(201);
    expect((await signIn(email)).status).toBe(202);
  });

  it("adds one by a new link after an administrator took the lost ones away", async () => {
    const { id, email, token } = await invite("guard");
    await addCode(await accept(token));
    await needFactors("guard");
    deps.ingest.now += graceMs;
    expect((await signIn(email)).status).toBe(202);
    expect((await deps.ask(`/v1/accounts/${id}/factors`, { method: "DELETE" })).status).toBe(204);
    expect(await outcome(await signIn(email))).toEqual([403, "factor-overdue"]);
    const invited = await deps.ask(`/v1/accounts/${id}/invitation`, { method: "POST" });
    const cookie = await accept(((await invited.json()) as { token: string }).token);
    await addCode(cookie);
    expect((await signIn(email)).status).toBe(202);
  });

  it("adds none in the days if the session is not fresh", async () => {
    const { token } = await invite("guard");
    const cookie = await accept(token);
    await needFactors("guard");
    deps.ingest.now += freshMs;
    expect(await outcome((await addCode(cookie)).added)).toEqual([403, "factor-needed"]);
  });
});

it("recovery codes alone are no factor: they go with the last one, which stays while one is needed", async () => {
  const { token } = await invite("guard");
  const cookie = await accept(token);
  expect((await send("POST /v1/me/factors", { kind: "recovery" }, cookie)).status).toBe(409);
  const { id } = await addCode(cookie);
  expect((await send("POST /v1/me/factors", { kind: "recovery" }, cookie)).status).toBe(201);
  await needFactors("guard");
  const kept = await send(`DELETE /v1/me/factors/${id}`, undefined, cookie);
  expect(await outcome(kept)).toEqual([409, "last-factor"]);
  const { id: other } = await addCode(cookie);
  expect((await send(`DELETE /v1/me/factors/${id}`, undefined, cookie)).status).toBe(204);
  await needFactors(null);
  expect((await send(`DELETE /v1/me/factors/${other}`, undefined, cookie)).status).toBe(204);
  expect(await ownFactors(cookie)).toEqual({ factors: [], required: false, until: null });
});

describe("the policy", () => {
  it("is set by an administrator who has a factor, or a key, and the audit log has it", async () => {
    const id = await addAccount(deps, "administrator");
    const cookie = await signedIn(deps, id);
    const put = (requiredFrom: Role | null, headers = cookie) =>
      send("PUT /v1/sign-in/policy", { version: "0", requiredFrom }, headers);
    for (const role of ["administrator", "manager", "guard"] as const) {
      const refused = await put(role);
      expect(await outcome(refused)).toEqual([409, "own-factor"]);
    }
    await addCode(cookie);
    const answers = await Promise.all([put("guard"), put("manager")]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect((await put(null)).status).toBe(412);
    const entries = await auditEntries(deps.ingest.audit);
    const done = entries.filter(({ action, outcome: is }) => action === "setting-changed" && is === "done");
    expect(done).toMatchObject([{ by: id, about: { setting: "second-factor" } }]);
  });

  it("is set without a factor here by a person of the company, and covers none of them", async () => {
    const { token } = await invite("administrator");
    const identity = { issuer: "https://login.example.com", subject: "1" };
    const account = await deps.deps.accounts.accept(token, { name: "Ann", ...identity });
    const begin = async () => {
      const session = { account, with: "company", authTime: deps.ingest.now, stays: false, agent: null } as const;
      return { cookie: `gatepost=${(await deps.deps.sessions.begin(session)).token}` };
    };
    const cookie = await begin();
    const answer = await send("PUT /v1/sign-in/policy", { version: "0", requiredFrom: "guard" }, cookie);
    expect(answer.status).toBe(200);
    expect(await ownFactors(cookie)).toMatchObject({ required: false, until: null });
    deps.ingest.now += graceMs;
    expect((await makeKey(await begin())).status).toBe(201);
  });

  it("locks no machine: a first link takes factors away, makes new links, and makes it optional", async () => {
    const { id, token } = await invite("administrator");
    await accept(token);
    await needFactors("administrator");
    deps.ingest.now += graceMs;
    const made = await deps.ask("/v1/sign-in/links", { method: "POST" });
    const { code } = (await made.json()) as { code: string };
    const cookie = cookieOf(await send("POST /v1/sign-in/setup", { code }));
    for (const [route, status, body] of [
      [`DELETE /v1/accounts/${id}/factors`, 204, undefined],
      [`POST /v1/accounts/${id}/invitation`, 201, undefined],
      ["PUT /v1/sign-in/policy", 200, { version: "1", requiredFrom: null }],
    ] as const)
      expect([route, (await send(route, body, cookie)).status]).toEqual([route, status]);
  });

  it.each([
    {},
    { version: "0" },
    { requiredFrom: "guard" },
    { version: 0, requiredFrom: "guard" },
    { version: "-1", requiredFrom: null },
    { version: "1e3", requiredFrom: null },
    { version: "9".repeat(16), requiredFrom: null },
    { version: "0", requiredFrom: "owner" },
    { version: "0", requiredFrom: ["guard"] },
    { version: "0", requiredFrom: "guard", since: 0 },
  ])("%j is none", async (body) => {
    const answer = await deps.ask("/v1/sign-in/policy", { method: "PUT", body: JSON.stringify(body) });
    expect([answer.status, await version()]).toEqual([400, "0"]);
  });

  it("touches no key", async () => {
    await needFactors("guard");
    deps.ingest.now += graceMs;
    expect((await deps.ask("/v1/keys", { method: "POST", body: JSON.stringify({ scope: "admin" }) })).status).toBe(201);
  });
});
