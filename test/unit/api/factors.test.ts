import { beforeEach, describe, expect, it } from "vitest";
import { documented } from "../../../packages/api/src/api.ts";
import { codeAt } from "../../support/app-codes.ts";
import { addAccount, signedIn } from "./people.ts";
import { noon, runtime, type TestRuntime } from "./support.ts";

const email = "ann@example.com";
const password = "seven green boats";

let deps: TestRuntime;
let id: string;
let secret: string;
let codes: string[];
let address = 1;

const codeNow = () => codeAt(secret, deps.ingest.now);

beforeEach(async () => {
  deps = await runtime();
  const { accounts, passwords, factors } = deps.deps;
  const { token } = await accounts.create({ email, name: null, role: "guard", sites: null, boxes: null }, "key_1");
  ({ id } = await accounts.accept(token, { name: "Ann", password: await passwords.hash(password) }));
  const added = await factors.addCode({ id, label: email }, "Phone");
  ({ secret } = added);
  await factors.confirmCode(id, added.id, codeNow());
  ({ codes } = await factors.addRecovery(id));
  deps.ingest.now += 30_000;
});

const send = (route: string, body?: object, headers: Record<string, string> = {}) => {
  const [method = "", path = ""] = route.split(" ");
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return deps.ask(path, {
    method,
    headers: { authorization: "", ...headers },
    ...sent,
    by: { address: `192.0.2.${address}` },
  });
};
const halfSigned = async (sent: object = {}) => {
  const answer = await send("POST /v1/sessions", { email, password, ...sent });
  expect(answer.status).toBe(202);
  return { cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
};
const goOn = (half: { cookie: string }, body: object) => send("POST /v1/sessions/factor", body, half);
const wrongCode = () => (codeNow() === "000000" ? "000001" : "000000");
const entries = async () => {
  const answer = await deps.ask("/v1/audit?limit=100");
  return ((await answer.json()) as { entries: { action: string; about: object; outcome: string }[] }).entries;
};

describe("a half-signed session", () => {
  it("opens no route but the second step", async () => {
    const half = await halfSigned();
    const closed = documented.filter(({ who }) => who !== undefined);
    expect(closed.length).toBeGreaterThan(100);
    for (const { method, path } of closed) {
      // Else the limit of wrong keys would answer.
      address += 1;
      const answer = await send(`${method} ${path.replaceAll(/:\w+/g, "x")}`, undefined, half);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
    }
  });

  it("lives for five minutes", async () => {
    const half = await halfSigned();
    deps.ingest.now += 5 * 60_000;
    const answer = await goOn(half, { kind: "code", code: codeNow() });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: "ended" }]);
  });

  it("becomes a session that stays, if that was asked with the password", async () => {
    const cookies = async (stay: boolean) => {
      deps.ingest.now += 30_000;
      const answer = await goOn(await halfSigned({ stay }), { kind: "code", code: codeNow() });
      return answer.headers.getSetCookie()[1];
    };
    expect(await cookies(true)).toContain("Max-Age=2592000");
    expect(await cookies(false)).not.toContain("Max-Age");
  });

  it("ends the session of before, and its own second step goes on", async () => {
    const before = await signedIn(deps, await addAccount(deps, "guard"));
    const answer = await send("POST /v1/sessions", { email, password }, before);
    expect((await send("GET /v1/me", undefined, before)).status).toBe(401);
    const cookie = `${before["cookie"]}; ${answer.headers.getSetCookie()[0]?.split(";")[0]}`;
    expect((await goOn({ cookie }, { kind: "code", code: codeNow() })).status).toBe(204);
  });

  it("ends with the last factor, and asks for a kind that is left", async () => {
    const half = await halfSigned();
    for (const code of codes) await deps.deps.factors.use(id, { kind: "recovery", code });
    const other = await goOn(half, { kind: "recovery", code: codes[0] });
    expect(await other.json()).toMatchObject({ status: 409, code: "other-kind", needs: ["code"] });
    expect((await goOn(half, { kind: "password", password })).status).toBe(409);
    await deps.deps.factors.removeAll(id);
    const code = codeNow();
    expect(await (await goOn(half, { kind: "code", code })).json()).toMatchObject({ status: 401, code: "ended" });
  });

  it("uses one code of several that are sent at once", async () => {
    const half = await halfSigned();
    const answers = await Promise.all(codes.slice(0, 3).map((code) => goOn(half, { kind: "recovery", code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
    const recovery = (await deps.deps.factors.of(id)).find(({ kind }) => kind === "recovery");
    expect(recovery?.left).toBe(9);
  });

  it.each([
    ["blanks", (code: string) => ` ${code.replaceAll(/(?=.)/g, " ")} `],
    ["full width", (code: string) => code.replaceAll(/\d/g, (one) => String.fromCodePoint(0xff10 + Number(one)))],
    ["dashes", (code: string) => code.replaceAll("-", "").replaceAll(/.{3}(?!$)/g, "$&–")],
  ])("takes a code with %s, as the page does", async (_, write) => {
    for (const body of [
      { kind: "code", code: write(codeNow()) },
      { kind: "recovery", code: write(codes[0] ?? "").toUpperCase() },
    ])
      expect([body, (await goOn(await halfSigned(), body)).status]).toEqual([body, 204]);
  });

  it("goes on after a wrong code, and after a failure of the store", async () => {
    const half = await halfSigned();
    expect((await goOn(half, { kind: "code", code: wrongCode() })).status).toBe(401);
    const { factors } = deps.deps;
    const use = factors.use.bind(factors);
    factors.use = () => Promise.reject(new Error("the disk is full"));
    expect((await goOn(half, { kind: "code", code: codeNow() })).status).toBe(503);
    factors.use = use;
    expect((await goOn(half, { kind: "code", code: codeNow() })).status).toBe(204);
  });

  it("ends when the account is disabled, changed or removed", async () => {
    const [half, code] = [await halfSigned(), codeNow()];
    await deps.deps.accounts.change(id, { isDisabled: true });
    expect((await goOn(half, { kind: "code", code })).status).toBe(401);
    expect((await send("POST /v1/sessions", { email, password })).status).toBe(401);
  });
});

describe("guessing codes", () => {
  it("waits after five wrong ones, also with the password anew, and right ones wait too", async () => {
    for (let n = 0; n < 5; n++)
      expect((await goOn(await halfSigned(), { kind: "code", code: wrongCode() })).status).toBe(401);
    const waiting = await goOn(await halfSigned(), { kind: "code", code: codeNow() });
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, "1"]);
    deps.ingest.now += 1000;
    expect((await goOn(await halfSigned(), { kind: "code", code: codeNow() })).status).toBe(204);
  });

  it("keeps nobody else at the address from signing in", async () => {
    const half = await halfSigned();
    for (let n = 0; n < 5; n++) await goOn(half, { kind: "code", code: wrongCode() });
    expect((await goOn(half, { kind: "code", code: codeNow() })).status).toBe(429);
    const { token } = await deps.deps.accounts.create(
      { email: "bo@example.com", name: null, role: "guard", sites: null, boxes: null },
      "key_1",
    );
    await send(`POST /v1/invitations/${token}`, { name: "Bo", password: "eight blue kites" });
    const answer = await send("POST /v1/sessions", { email: "bo@example.com", password: "eight blue kites" });
    expect(answer.status).toBe(204);
  });

  it("leaves one entry of refused sign-ins, and no code in the log or the audit log", async () => {
    const half = await halfSigned();
    const tried = [wrongCode(), codes[0] ?? ""];
    await goOn(half, { kind: "code", code: tried[0] });
    await goOn(half, { kind: "recovery", code: tried[1] });
    const log = JSON.stringify([deps.ingest.lines, await entries()]);
    for (const secretText of [...codes, ...codes.map((one) => one.replaceAll("-", "")), secret, ...tried])
      expect(log).not.toContain(secretText);
    const signedInWith = (await entries()).find(({ action }) => action === "signed-in");
    expect(signedInWith?.about).toEqual({ with: "password", factor: "recovery" });
    expect((await entries()).filter(({ action }) => action === "sign-ins-refused")).toHaveLength(1);
  });
});

describe("one's own factors", () => {
  it("are for people who sign in with a password", async () => {
    const account = await deps.deps.accounts.get(id);
    if (account === null) throw new Error("no account");
    const authTime = deps.ingest.now;
    const { token } = await deps.deps.sessions.begin({ account, with: "company", authTime, stays: false, agent: null });
    const answer = await send("POST /v1/me/factors", { kind: "code", name: "Phone" }, { cookie: `gatepost=${token}` });
    expect([answer.status, await answer.json()]).toMatchObject([409, { detail: expect.stringContaining("company") }]);
  });

  it.each([
    {},
    { kind: "code" },
    { kind: "code", name: "" },
    { kind: "code", name: "x".repeat(65) },
    { kind: "code", name: "a\u0000b" },
    { kind: "code", name: "a\u202eb" },
    { kind: "code", name: "a\u200bb" },
    { kind: "code", name: "\u200d" },
    { kind: "code", name: "a\u200c\u200c" },
    { kind: "code", name: "Admin\u200d" },
    { kind: "code", name: "a\u200d b" },
    { kind: "recovery", name: "x" },
    { kind: "mail" },
    { kind: ["code"] },
  ])("%j is no factor", async (body) => {
    expect((await send("POST /v1/me/factors", body, await signedIn(deps, id))).status).toBe(400);
  });

  it("wrong first codes are refused, and must wait after five", async () => {
    const cookie = await signedIn(deps, await addAccount(deps, "guard"));
    const added = await send("POST /v1/me/factors", { kind: "code", name: "Phone" }, cookie);
    const { id: factor } = (await added.json()) as { id: string };
    const confirm = async () =>
      (await send(`POST /v1/me/factors/${factor}/confirm`, { code: "12345x" }, cookie)).status;
    for (let n = 0; n < 5; n++) expect(await confirm()).toBe(400);
    expect(await confirm()).toBe(429);
  });

  it("leave entries in the audit log when they are added and removed", async () => {
    const headers = await signedIn(deps, id, { provedAt: deps.ingest.now });
    const added = await send("POST /v1/me/factors", { kind: "code", name: "Tablet" }, headers);
    const { id: factor, secret: seed } = (await added.json()) as { id: string; secret: string };
    const code = codeAt(seed, deps.ingest.now);
    expect((await send(`POST /v1/me/factors/${factor}/confirm`, { code }, headers)).status).toBe(204);
    expect((await send("POST /v1/me/factors", { kind: "recovery" }, headers)).status).toBe(201);
    expect((await send(`DELETE /v1/me/factors/${factor}`, undefined, headers)).status).toBe(204);
    expect((await send(`DELETE /v1/me/factors/${factor}`, undefined, headers)).status).toBe(404);
    const done = (await entries())
      .filter(({ outcome }) => outcome === "done")
      .map(({ action, about }) => [action, about]);
    const about = { account: id, asked: expect.any(Number) };
    expect(done).toEqual([
      ["factor-removed", { ...about, kind: "code", factor }],
      ["factor-added", { ...about, kind: "recovery", factor: expect.stringMatching(/^fac_/) }],
      ["factor-added", { ...about, kind: "code", factor }],
    ]);
  });

  it("stay when the account is invited again, and go with it", async () => {
    const link = await deps.deps.accounts.invite(id, "key_1");
    const accepted = await send(`POST /v1/invitations/${link?.token}`, { name: "Ann", password });
    expect([accepted.status, await accepted.json()]).toEqual([202, { needs: ["code", "recovery"] }]);
    await deps.ask(`/v1/accounts/${id}`, { method: "DELETE" });
    expect(await deps.ingest.items.get(`factors ${id}`)).toBeNull();
  });

  it("whose key is lost refuse the sign-in with advice, after the right password alone", async () => {
    for (const code of codes) await deps.deps.factors.use(id, { kind: "recovery", code });
    const item = await deps.ingest.items.get(`factors ${id}`);
    const factors = `${item?.["factors"]}`.replaceAll(/"sealedBy":"\w+"/g, '"sealedBy":"0"');
    await deps.ingest.items.write({ pk: `factors ${id}`, set: { factors, rev: "2" } });
    const refused = await send("POST /v1/sessions", { email, password });
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: "factors-lost" }]);
    expect((await send("POST /v1/sessions", { email, password: "eight blue kites" })).status).toBe(401);
    expect((await deps.ask(`/v1/accounts/${id}/factors`, { method: "DELETE" })).status).toBe(204);
    expect((await send("POST /v1/sessions", { email, password })).status).toBe(204);
  });
});

it("the clock of codes is the one of the server", async () => {
  deps.ingest.now = noon + 3_600_000;
  expect((await goOn(await halfSigned(), { kind: "code", code: codeNow() })).status).toBe(204);
});
