import { freshMs, setupKey } from "@gatepost/core/accounts";
import { beforeEach, expect, it } from "vitest";
import { codeAt } from "../../support/app-codes.ts";
import { auditEntries } from "../../support/audit.ts";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const password = "seven green boats";

let deps: TestRuntime;
let id: string;
let cookie: string;

beforeEach(async () => {
  deps = await runtime();
  id = await addAccount(deps, "administrator", { name: "ann" });
  await deps.deps.accounts.setPassword(id, "scrypt$x", `plain ${password}`);
  cookie = (await signedIn(deps, id))["cookie"] ?? "";
  deps.ingest.now += freshMs;
});

const send = (route: string, body: object, headers: Record<string, string> = {}) => {
  const [method = "", path = ""] = route.split(" ");
  return deps.ask(path, { method, headers: { authorization: "", cookie, ...headers }, body: JSON.stringify(body) });
};
const prove = (given: string, headers: Record<string, string> = {}) =>
  send("POST /v1/sessions/factor", { kind: "password", password: given }, headers);
const makeKey = (scope: string) => send("POST /v1/keys", scope === "ingest" ? { scope, box: "gate-1" } : { scope });

it("a dear request is done after the password, and does nothing before", async () => {
  const refused = await makeKey("admin");
  expect([refused.status, await refused.json()]).toEqual([
    403,
    expect.objectContaining({ code: "factor-needed", needs: ["password"] }),
  ]);
  expect((await prove(password)).status).toBe(204);
  expect((await makeKey("admin")).status).toBe(201);
  deps.ingest.now += freshMs - 1;
  expect((await makeKey("settle")).status).toBe(201);
  deps.ingest.now += 1;
  expect((await makeKey("settle")).status).toBe(403);
  const entries = (await auditEntries(deps.ingest.audit)).map(({ action, outcome, about }) => [action, outcome, about]);
  expect(entries.slice(0, 2)).toEqual([
    ["signed-in", "done", { with: "password", again: true }],
    ["key-made", "asked", { scope: "admin" }],
  ]);
});

it.each([
  ["a key of a box", "POST /v1/keys", { scope: "ingest", box: "gate-1" }, 201],
  ["a read key", "POST /v1/keys", { scope: "read" }, 201],
  ["an export", "POST /v1/jobs", { kind: "export", format: "csv" }, 202],
])("%s needs no proof", async (_, route, body, status) => {
  expect((await send(route, body)).status).toBe(status);
});

it("the job that erases a person needs a proof", async () => {
  const erase = { kind: "erase", person: "77", all: true };
  expect((await send("POST /v1/jobs", erase)).status).toBe(403);
  await prove(password);
  expect((await send("POST /v1/jobs", erase)).status).toBe(202);
});

it("a request that is wrong is refused for that, before a proof", async () => {
  expect((await send("POST /v1/accounts", { email: "no address", role: "guard" })).status).toBe(400);
});

it("one's own password is changed by the former one, which is the proof", async () => {
  const changed = { current: password, password: "eight blue kites" };
  const wrong = await send("PUT /v1/password", { ...changed, current: "six red boats" });
  expect(await wrong.json()).toMatchObject({ status: 400, code: "wrong" });
  expect((await send("PUT /v1/password", changed)).status).toBe(204);
});

it("a wrong password proves nothing, keeps the session, and makes the next tries wait", async () => {
  for (let n = 0; n < 5; n++) {
    const answer = await prove(`wrong ${n}`);
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: "wrong" })]);
  }
  const waiting = await prove(password);
  expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, "1"]);
  expect((await deps.ask("/v1/me", { headers: { authorization: "", cookie } })).status).toBe(200);
  const other = { account: await addAccount(deps, "guard"), address: "203.0.113.10" };
  expect(await deps.deps.signInTries.waitFor(other)).toBeNull();
  deps.ingest.now += 1000;
  expect((await prove(password)).status).toBe(204);
  const refused = (await auditEntries(deps.ingest.audit)).filter(({ action }) => action === "sign-ins-refused");
  expect(refused).toMatchObject([{ by: id, outcome: "refused" }]);
});

it.each([
  ["a page of another site", { "sec-fetch-site": "cross-site" }, "other-site"],
  ["another origin", { "sec-fetch-site": "", origin: "https://evil.example" }, "other-site"],
  ["a page without an origin", { "sec-fetch-site": "", origin: "null" }, "other-site"],
  ["a client that names no origin", { "sec-fetch-site": "" }, "no-site"],
])("%s proves nothing with the cookie and the password", async (_, headers, why) => {
  const { code, detail } = (await (await prove(password, headers)).json()) as { code: string; detail: string };
  expect([code, detail.includes("send Origin")]).toEqual([why, why === "no-site"]);
  expect((await makeKey("admin")).status).toBe(403);
});

it("a proof keeps the token of its session, which a new password ends", async () => {
  const stolen = cookie;
  const answer = await prove(password);
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []]);
  const isLive = async () => (await deps.ask("/v1/me", { headers: { authorization: "", cookie: stolen } })).status;
  expect([(await makeKey("admin")).status, await isLive()]).toEqual([201, 200]);
  const changed = await send("PUT /v1/password", { current: password, password: "nine red lanterns" });
  expect([changed.status, await isLive()]).toEqual([204, 401]);
});

it("the proof of one session makes no other session of the person fresh", async () => {
  const other = await signedIn(deps, id);
  deps.ingest.now += freshMs;
  await prove(password, other);
  expect((await makeKey("admin")).status).toBe(403);
  expect((await send("POST /v1/keys", { scope: "admin" }, other)).status).toBe(201);
});

it.each([
  { kind: "password", password: "" },
  { kind: "password", password: "x".repeat(1025) },
  { kind: "mother", password },
  { kind: "password", password, account: "acc_5c0e1d2b4a69787f3a" },
  {},
])("%j is no proof", async (body) => {
  expect((await send("POST /v1/sessions/factor", body)).status).toBe(400);
});

it("a session of an admin key is as the key, and is not asked", async () => {
  const asked = { account: null, keyHash: "h", with: "key", stays: false, agent: null } as const;
  const key = { id: "key_1", scope: "admin", box: null } as const;
  const { token } = await deps.deps.sessions.begin({ ...asked, key });
  deps.deps.keys.find = async () => key;
  deps.ingest.now += freshMs;
  cookie = `gatepost=${token}`;
  expect((await makeKey("admin")).status).toBe(201);
  expect(await (await prove(password)).json()).toMatchObject({ status: 409, detail: expect.stringContaining("key") });
});

it("a session of a first link is fresh for its first 15 minutes, and then names the way to another link", async () => {
  const { token } = await deps.deps.sessions.begin({
    account: null,
    key: setupKey,
    with: "setup",
    stays: false,
    agent: null,
  });
  cookie = `gatepost=${token}`;
  deps.ingest.now += freshMs - 1;
  expect((await makeKey("admin")).status).toBe(201);
  deps.ingest.now += 1;
  const refused = await makeKey("admin");
  expect(await refused.json()).toMatchObject({
    status: 403,
    code: "factor-needed",
    needs: [],
    detail: expect.stringContaining("`gatepost sign-in`"),
  });
  const proved = await prove(password);
  expect(await proved.json()).toMatchObject({ status: 409, code: "other-kind", needs: [] });
});

const addCode = async () => {
  const { factors } = deps.deps;
  const added = await factors.addCode({ id, label: "ann" }, "Phone");
  await factors.confirmCode(id, added.id, codeAt(added.secret, deps.ingest.now));
  deps.ingest.now += 30_000;
  return added;
};

it("the password of before is no proof once the account has a factor, in any session", async () => {
  await prove(password);
  expect((await makeKey("admin")).status).toBe(201);
  const { id: factor, secret } = await addCode();
  expect(await (await makeKey("admin")).json()).toMatchObject({ code: "factor-needed", needs: ["code"] });
  expect((await send(`DELETE /v1/me/factors/${factor}`, {})).status).toBe(403);
  const changed = { current: password, password: "eight blue kites" };
  expect((await send("PUT /v1/password", changed)).status).toBe(403);
  await send("POST /v1/sessions/factor", { kind: "code", code: codeAt(secret, deps.ingest.now) });
  const answer = await send("PUT /v1/password", changed);
  cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  expect((await send(`DELETE /v1/me/factors/${factor}`, {})).status).toBe(204);
  deps.ingest.now += freshMs - 1;
  expect((await makeKey("admin")).status).toBe(201);
  deps.ingest.now += 1;
  expect((await makeKey("admin")).status).toBe(403);
});

it("a first code is a proof, in its session alone", async () => {
  const other = await signedIn(deps, id);
  await prove(password);
  const added = await send("POST /v1/me/factors", { kind: "code", name: "Phone" });
  const { id: factor, secret } = (await added.json()) as { id: string; secret: string };
  deps.ingest.now += freshMs / 2;
  const code = codeAt(secret, deps.ingest.now);
  expect((await send(`POST /v1/me/factors/${factor}/confirm`, { code })).status).toBe(204);
  deps.ingest.now += freshMs - 1;
  expect((await send("POST /v1/me/factors", { kind: "recovery" })).status).toBe(201);
  expect((await send("POST /v1/me/factors", { kind: "recovery" }, other)).status).toBe(403);
});

it("factors that are lost keep nobody from requests that are not dear", async () => {
  await addCode();
  deps.deps.factors.needs = async () => expect.fail("the factors are not read");
  expect((await makeKey("read")).status).toBe(201);
});

it("a living session goes before a sign-in that awaits its second step", async () => {
  const { secret } = await addCode();
  const account = await deps.deps.accounts.get(id);
  if (account === null) throw new Error("no account");
  const half = await deps.deps.halfSessions.begin({ account, stays: false });
  const both = { cookie: `${cookie}; gatepost-half=${half}` };
  const code = codeAt(secret, deps.ingest.now);
  const proved = await send("POST /v1/sessions/factor", { kind: "code", code }, both);
  expect([proved.status, proved.headers.getSetCookie()]).toEqual([204, []]);
  expect((await makeKey("admin")).status).toBe(201);
});

it("a person with a factor proves by it, and not by the password", async () => {
  const { factors } = deps.deps;
  const { id: factor, secret } = await factors.addCode({ id, label: "ann" }, "Phone");
  await factors.confirmCode(id, factor, codeAt(secret, deps.ingest.now));
  const { codes } = await factors.addRecovery(id);
  deps.ingest.now += 30_000;
  expect(await (await makeKey("admin")).json()).toMatchObject({ code: "factor-needed", needs: ["code", "recovery"] });
  const byPassword = await prove(password);
  expect([byPassword.status, await byPassword.json()]).toEqual([
    409,
    expect.objectContaining({ code: "other-kind", needs: ["code", "recovery"] }),
  ]);
  const changed = { current: password, password: "eight blue kites" };
  expect((await send("PUT /v1/password", changed)).status).toBe(403);
  expect((await send(`DELETE /v1/me/factors/${factor}`, {})).status).toBe(403);
  const byCode = () => send("POST /v1/sessions/factor", { kind: "code", code: codeAt(secret, deps.ingest.now) });
  expect((await byCode()).status).toBe(204);
  expect(await (await byCode()).json()).toMatchObject({ status: 400, code: "wrong" });
  expect((await makeKey("admin")).status).toBe(201);
  deps.ingest.now += freshMs;
  expect((await send("POST /v1/sessions/factor", { kind: "recovery", code: codes[0] })).status).toBe(204);
  expect((await makeKey("admin")).status).toBe(201);
  const again = (await auditEntries(deps.ingest.audit)).filter(({ about }) => about["again"] === true);
  expect(again.map(({ about }) => about["factor"])).toEqual(["code", "recovery"]);
});
