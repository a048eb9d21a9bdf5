import { scryptSync } from "node:crypto";
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
