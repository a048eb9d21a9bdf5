import { scryptSync } from "node:crypto";
import { hashToken } from "@gatepost/core/keys";
import { scryptPasswords } from "@gatepost/core/passwords";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const email = "ann@example.com";
const password = "seven green boats";
const better = "eight blue kites";

/** Parameters that are quick to try; `test/unit/core/passwords.test.ts` has the usual ones. */
const salt = Buffer.alloc(16, 7);
const key = scryptSync(password, salt, 32, { N: 2 ** 10, r: 8, p: 1 });
const hash = ["scrypt", 10, 8, 1, salt.toString("base64url"), key.toString("base64url")].join("$");

let deps: TestRuntime;
let id: string;

beforeEach(async () => {
  deps = await runtime();
  deps.deps.passwords = scryptPasswords;
  const { accounts } = deps.deps;
  const { token } = await accounts.create({ email, name: null, role: "guard", sites: null, boxes: null }, "key_1");
  ({ id } = await accounts.accept(token, { name: "Ann", password: hash }));
});

const send = (route: string, body: object, headers: Record<string, string> = {}) => {
  const [method = "", path = ""] = route.split(" ");
  return deps.ask(path, { method, headers: { authorization: "", ...headers }, body: JSON.stringify(body) });
};
const signIn = (given: string) => send("POST /v1/sessions", { email, password: given });
const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
const meStatus = async (cookie: string) =>
  (await deps.ask("/v1/me", { headers: { authorization: "", cookie } })).status;

const linkCode = async () => {
  const answer = await deps.ask("/v1/sign-in/links", { method: "POST" });
  return ((await answer.json()) as { code: string }).code;
};
const openLink = (code: string) => send("POST /v1/sign-in/setup", { code });

describe("signing in by a first link", () => {
  it("is refused with advice if the code was used, is cut or unknown", async () => {
    const code = await linkCode();
    expect((await openLink(code)).status).toBe(204);
    for (const wrong of [code, code.slice(0, -1), `gps_${"x".repeat(27)}`, ""]) {
      const answer = await openLink(wrong);
      expect([answer.status, await answer.json()]).toEqual([
        410,
        expect.objectContaining({
          code: "used",
          detail: "this link was used or has ended; `gatepost sign-in` on the machine of the server prints another",
        }),
      ]);
    }
    expect((await openLink("x".repeat(129))).status).toBe(400);
  });

  it("waits after five wrong codes, as after wrong passwords", async () => {
    const code = await linkCode();
    for (let n = 0; n < 5; n++) expect((await openLink(`gps_${`${n}`.repeat(27)}`)).status).toBe(410);
    const waiting = await openLink(code);
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, "1"]);
    deps.ingest.now += 1000;
    expect((await openLink(code)).status).toBe(204);
  });

  it("opens what an admin key opens, and nothing of a person", async () => {
    const cookie = cookieOf(await openLink(await linkCode()));
    const statusOf = async (path: string) => (await deps.ask(path, { headers: { authorization: "", cookie } })).status;
    expect([await statusOf("/v1/audit"), await statusOf("/v1/push")]).toEqual([200, 403]);
    const ended = await deps.ask("/v1/sessions?account=setup", { method: "DELETE" });
    expect([ended.status, await meStatus(cookie)]).toEqual([204, 401]);
  });
});

describe("a session of a key", () => {
  const exchange = (token: string) => send("POST /v1/sign-in/key", {}, { authorization: `Bearer ${token}` });

  it("says that its key was revoked", async () => {
    const { token, id: made } = (await (
      await deps.ask("/v1/keys", { method: "POST", body: JSON.stringify({ scope: "read" }) })
    ).json()) as { token: string; id: string };
    const answer = await deps.ask("/v1/sign-in/key", {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
    const cookie = cookieOf(answer);
    expect([answer.status, await meStatus(cookie)]).toEqual([204, 200]);
    await deps.ask(`/v1/keys/${made}`, { method: "DELETE" });
    const refused = await deps.ask("/v1/me", { headers: { authorization: "", cookie } });
    expect([refused.status, await refused.json()]).toEqual([401, expect.objectContaining({ code: "revoked" })]);
  });

  it("is one of a thousand at most, of which the oldest ends", async () => {
    const key = { id: "key_1", scope: "read", box: null } as const;
    const asked = { account: null, key, keyHash: hashToken(deps.tokens.read), with: "key", stays: false } as const;
    const tokens: string[] = [];
    for (let n = 0; n < 1001; n++) {
      deps.ingest.now += 1;
      tokens.push((await deps.deps.sessions.begin({ ...asked, agent: null })).token);
    }
    const isLive = async (token = "") => (await deps.deps.sessions.findByToken(token)) !== null;
    expect([await isLive(tokens[0]), await isLive(tokens[1]), await isLive(tokens[1000])]).toEqual([false, true, true]);
  });

  it("leaves no line of http in the log, unlike one of a person", async () => {
    const warnings = () => deps.ingest.lines.filter(({ message }) => message.startsWith("a person signed in by http"));
    expect([(await exchange(deps.tokens.read)).status, warnings().length]).toEqual([204, 0]);
    expect([(await signIn(password)).status, warnings().length]).toEqual([204, 1]);
  });

  it("is refused to the key of a box", async () => {
    expect((await exchange(deps.tokens.ingest)).status).toBe(403);
  });
});

describe("signing in with a password", () => {
  it("is impossible in a new store, which has no account", async () => {
    const fresh = await runtime();
    expect(await (await fresh.ask("/v1/accounts")).json()).toEqual({ accounts: [], next: null });
  });

  it("gives another random token each time", async () => {
    const cookies = [cookieOf(await signIn(password)), cookieOf(await signIn(password))];
    expect(new Set(cookies).size).toBe(2);
    for (const cookie of cookies) expect(cookie).toMatch(/^gatepost=gps_[\w-]{27}$/);
  });

  it("stores neither the password nor a token", async () => {
    const { token } = await deps.deps.accounts.create(
      { email: "bo@example.com", name: null, role: "guard", sites: null, boxes: null },
      "key_1",
    );
    const cookie = cookieOf(await signIn(password));
    const lists = [{ index: "byTime", name: "accounts" } as const];
    const rows: unknown[] = [];
    for await (const row of deps.ingest.items.list({ lists, order: "ascending" })) rows.push(row);
    const [session] = await deps.deps.sessions.of(id);
    rows.push([...(await deps.ingest.items.getAll([session?.id ?? ""])).values()]);
    const stored = JSON.stringify(rows);
    expect(stored).toContain(hash);
    for (const secret of [password, token, cookie.replace("gatepost=", "")]) expect(stored).not.toContain(secret);
  });

  it("is refused after five failures until the wait is over, also with the right password", async () => {
    for (let n = 0; n < 5; n++) expect((await signIn("not the password")).status).toBe(401);
    const refused = await signIn(password);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    deps.ingest.now += 1000;
    expect((await signIn(password)).status).toBe(204);
  });

  it("answers the same for a wrong password, an unknown address and a disabled account", async () => {
    const wrong = await signIn("not the password");
    const unknown = await send("POST /v1/sessions", { email: "bo@example.com", password });
    await deps.deps.accounts.change(id, { isDisabled: true });
    const disabled = await signIn(password);
    expect([wrong.status, unknown.status, disabled.status]).toEqual([401, 401, 401]);
    expect(new Set([await wrong.text(), await unknown.text(), await disabled.text()]).size).toBe(1);
  });
});

describe("changing a password", () => {
  const change = (current: string, headers: Record<string, string>) =>
    send("PUT /v1/password", { current, password: better }, headers);

  it("needs the current one, and guesses of it are slowed down", async () => {
    const cookie = cookieOf(await signIn(password));
    for (let n = 0; n < 5; n++) expect((await change("not the password", { cookie })).status).toBe(400);
    expect((await change(password, { cookie })).status).toBe(429);
    deps.ingest.now += 1000;
    expect((await change(password, { cookie })).status).toBe(204);
    expect((await signIn(better)).status).toBe(204);
  });

  it("is forced by an administrator's new link: the old password and all sessions end", async () => {
    const administrator = await signedIn(deps, await addAccount(deps, "administrator"));
    const cookie = cookieOf(await signIn(password));
    const ended = await deps.ask(`/v1/sessions?account=${id}`, { method: "DELETE", headers: administrator });
    expect([ended.status, await meStatus(cookie)]).toEqual([204, 401]);
    const again = cookieOf(await signIn(password));
    const made = await deps.ask(`/v1/accounts/${id}/invitation`, { method: "POST", headers: administrator });
    expect(await made.json()).toMatchObject({ token: expect.stringMatching(/^gpv_[\w-]{27}$/) });
    expect([await meStatus(again), (await signIn(password)).status]).toEqual([401, 401]);
  });
});

it("requests for changes do not keep an unused session", async () => {
  const cookie = cookieOf(await signIn(password));
  const follow = async () =>
    (await deps.ask("/v1/events?order=received&after=end", { headers: { authorization: "", cookie } })).status;
  for (let hours = 1; hours < 12; hours++) {
    deps.ingest.now += 3_600_000;
    expect(await follow()).toBe(200);
  }
  deps.ingest.now += 3_600_000;
  expect(await follow()).toBe(401);
});
