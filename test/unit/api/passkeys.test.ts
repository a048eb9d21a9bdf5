import { challengeMs, Factors, givenFactorKey, graceMs, passkeyHostOf } from "@gatepost/core/factors";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { auditEntries } from "../../support/audit.ts";
import { Authenticator } from "../../support/authenticator.ts";
import { CookieJar } from "../../support/cookie-jar.ts";
import { addAccount } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const email = "ann@example.com";
const password = "seven green boats";

let deps: TestRuntime;
let id: string;
let device: Authenticator;

/** The address of the server, as a browser and the server know it. */
interface Place {
  url: string;
  basePath?: string;
  origin?: string | null;
}

const local = { url: "http://localhost:9528" };
const named = { url: "https://gate.example.com", origin: "https://gate.example.com" };

/** A browser with its cookies. */
class Browser {
  readonly #jar = new CookieJar();
  readonly #place: Place;

  constructor(place: Place = local) {
    this.#place = place;
  }

  async ask(route: string, body?: object, headers: Record<string, string> = {}) {
    const [method = "", path = ""] = route.split(" ");
    const { url, basePath = "", origin = null } = this.#place;
    const { host, protocol } = new URL(url);
    const sent = { authorization: "", origin: url, host, cookie: this.#jar.header, ...headers };
    const by = { address: "192.0.2.1", isHttps: protocol === "https:", origin, basePath };
    const answer = await deps.ask(path, { method, headers: sent, ...(body && { body: JSON.stringify(body) }), by });
    this.#jar.take(answer.headers.getSetCookie());
    return answer;
  }

  /** A browser that has got at the cookies of this one. */
  copy(): Browser {
    const copy = new Browser(this.#place);
    copy.#jar.take(this.#jar.header.split("; "));
    return copy;
  }

  give(cookie: string): void {
    this.#jar.take([cookie]);
  }

  async json(route: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.ask(route, body);
    return { status: answer.status, ...((await answer.json()) as object) };
  }

  signIn(sent: object = {}) {
    return this.ask("POST /v1/sessions", { email, password, ...sent });
  }

  async add(by = device, name = "Laptop") {
    const { id: factor, options } = await this.json("POST /v1/me/factors", { kind: "passkey", name });
    const credential = by.create(options as object);
    const confirmed = await this.ask(`POST /v1/me/factors/${factor}/confirm`, { credential });
    expect(confirmed.status).toBe(204);
    return String(factor);
  }

  options(of: "passkey" | "factor") {
    return this.json(`POST /v1/sessions/${of}/options`);
  }
}

const signInBy = async (browser: Browser, changed = {}, by = device) =>
  browser.ask("POST /v1/sessions", { credential: by.get(await browser.options("passkey"), changed) });
const proveBy = async (browser: Browser, changed = {}, by = device) =>
  browser.ask("POST /v1/sessions/factor", {
    kind: "passkey",
    credential: by.get(await browser.options("factor"), changed),
  });
const outcome = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];
const serveAs = (host: string | null) => {
  const { items, log } = deps.ingest;
  const key = givenFactorKey(Buffer.alloc(32, 7));
  const clock = () => deps.ingest.now;
  deps.deps.factors = new Factors({ items, key, host, log, clock, believed: clock });
};

beforeEach(async () => {
  deps = await runtime();
  const { accounts, passwords } = deps.deps;
  const { token } = await accounts.create(
    { email, name: null, role: "administrator", sites: null, boxes: null },
    "key_1",
  );
  ({ id } = await accounts.accept(token, { name: "Ann", password: await passwords.hash(password) }));
  device = new Authenticator(local.url);
});

/** A person at a browser who has added a passkey. */
const joined = async (place: Place = local) => {
  const browser = new Browser(place);
  expect((await browser.signIn()).status).toBe(204);
  await browser.add();
  return browser;
};

it("a removed passkey ends the sessions that it began, and the one that removed it goes on", async () => {
  const browser = await joined();
  const factor = await browser.add(new Authenticator(local.url), "Key");
  const [thief, half] = [new Browser(), new Browser()];
  expect([(await signInBy(thief)).status, (await half.signIn()).status]).toEqual([204, 202]);
  const [laptop] = (await deps.deps.factors.of(id)).filter((one) => one.id !== factor);
  expect((await browser.ask("DELETE /v1/me/factors/fac_000000000000000000")).status).toBe(404);
  expect((await thief.ask("GET /v1/me")).status).toBe(200);
  expect((await browser.ask(`DELETE /v1/me/factors/${laptop?.id}`)).status).toBe(204);
  expect([(await thief.ask("GET /v1/me")).status, (await half.options("factor"))["status"]]).toEqual([401, 401]);
  expect((await browser.ask("GET /v1/me")).status).toBe(200);
  expect(await deps.deps.sessions.of(id)).toHaveLength(1);
});

it("a removal that is cut off has ended the other sessions, and is sent again", async () => {
  const browser = await joined();
  const factor = await browser.add(new Authenticator(local.url), "Key");
  const thief = new Browser();
  expect((await signInBy(thief)).status).toBe(204);
  const write = deps.ingest.items.write.bind(deps.ingest.items);
  const cut = vi.spyOn(deps.ingest.items, "write").mockImplementation((change) => {
    if (change.pk === `factors ${id}`) throw new Error("cut");
    return write(change);
  });
  onTestFinished(() => cut.mockRestore());
  expect((await browser.ask(`DELETE /v1/me/factors/${factor}`)).status).toBe(503);
  cut.mockRestore();
  expect((await thief.ask("GET /v1/me")).status).toBe(401);
  expect((await browser.ask(`DELETE /v1/me/factors/${factor}`)).status).toBe(204);
});

it("a session that begins by a passkey while that is removed ends", async () => {
  const browser = await joined();
  const key = new Authenticator(local.url);
  const factor = await browser.add(key, "Key");
  const thief = new Browser();
  const write = deps.ingest.items.write.bind(deps.ingest.items);
  let begun: number | null = null;
  const late = vi.spyOn(deps.ingest.items, "write").mockImplementation(async (change) => {
    if (change.pk === `factors ${id}` && begun === null) {
      begun = 0;
      begun = (await signInBy(thief, {}, key)).status;
    }
    return write(change);
  });
  onTestFinished(() => late.mockRestore());
  expect((await browser.ask(`DELETE /v1/me/factors/${factor}`)).status).toBe(204);
  expect([begun, (await thief.ask("GET /v1/me")).status]).toEqual([204, 401]);
});

describe("a passkey", () => {
  it("signs in alone, as fresh as by password and code, and the log says so", async () => {
    await joined();
    deps.ingest.now += 1000;
    const browser = new Browser();
    const answer = await signInBy(browser);
    expect([answer.status, answer.headers.getSetCookie()[0]]).toEqual([204, expect.not.stringContaining("Max-Age")]);
    expect(await browser.json("GET /v1/me")).toMatchObject({ account: { id, with: "passkey" } });
    expect((await browser.ask("POST /v1/keys", { scope: "admin" })).status).toBe(201);
    expect(await browser.json("GET /v1/me/factors")).toMatchObject({
      factors: [{ kind: "passkey", name: "Laptop", lastUsedAt: expect.any(String), isLost: false }],
    });
    expect(await browser.json("GET /v1/sessions")).toMatchObject({ sessions: [{ with: "passkey" }, {}] });
    const entries = await auditEntries(deps.ingest.audit);
    expect(entries.map(({ by, about }) => [by, about])).toContainEqual([id, { with: "passkey" }]);
  });

  it("signs in for 30 days, if that is asked", async () => {
    await joined();
    const browser = new Browser();
    const credential = device.get(await browser.options("passkey"));
    const answer = await browser.ask("POST /v1/sessions", { credential, stay: true });
    expect(answer.headers.getSetCookie()[0]).toContain("Max-Age=2592000");
  });

  it("is the second step after the password, which alone opens nothing", async () => {
    await joined();
    const browser = new Browser();
    expect(await (await browser.signIn()).json()).toEqual({ needs: ["passkey"] });
    expect((await browser.ask("GET /v1/me")).status).toBe(401);
    expect((await proveBy(browser)).status).toBe(204);
    expect(await browser.json("GET /v1/me")).toMatchObject({ account: { id, with: "password" } });
    const entries = await auditEntries(deps.ingest.audit);
    expect(entries.map(({ about }) => about)).toContainEqual({ with: "password", factor: "passkey" });
  });

  it("makes a session fresh again, and a wrong one ends nothing", async () => {
    const browser = await joined();
    expect((await browser.ask("POST /v1/keys", { scope: "admin" })).status).toBe(201);
    deps.ingest.now += 15 * 60_000;
    expect(await browser.json("POST /v1/keys", { scope: "admin" })).toMatchObject({
      status: 403,
      code: "factor-needed",
      needs: ["passkey"],
    });
    expect(await outcome(await proveBy(browser, { origin: "https://evil.example" }))).toEqual([400, "wrong"]);
    expect(await outcome(await browser.ask("POST /v1/sessions/factor", { kind: "password", password }))).toEqual([
      409,
      "other-kind",
    ]);
    expect((await proveBy(browser)).status).toBe(204);
    expect((await browser.ask("POST /v1/keys", { scope: "admin" })).status).toBe(201);
  });

  it("is the factor that a policy asks for, at the host of this server", async () => {
    expect(await deps.deps.factorPolicy.write("administrator", "0")).toBe(true);
    const browser = await joined();
    const { factors, ...needed } = await browser.json("GET /v1/me/factors");
    expect(needed).toEqual({ status: 200, required: true, until: null });
    const [{ id: factor }] = factors as [{ id: string }];
    expect(await browser.json(`DELETE /v1/me/factors/${factor}`)).toMatchObject({ status: 409, code: "last-factor" });
    deps.ingest.now += graceMs;
    const later = new Browser();
    expect((await signInBy(later)).status).toBe(204);
    serveAs("gate.example.com");
    expect(await later.json("GET /v1/me/factors")).toMatchObject({
      factors: [{ isLost: true }],
      until: expect.any(String),
    });
    expect(await outcome(await new Browser(named).signIn())).toEqual([403, "passkeys-elsewhere"]);
  });

  it("counts back once it was copied: it is refused, logged, and in the audit log once", async () => {
    await joined();
    const browser = new Browser();
    expect((await signInBy(browser, { counter: 9 })).status).toBe(204);
    const thief = new Browser();
    for (let n = 0; n < 3; n++)
      expect(await outcome(await signInBy(thief, { counter: 9 }))).toEqual([403, "passkey-copied"]);
    await thief.signIn();
    expect(await outcome(await proveBy(thief, { counter: 3 }))).toEqual([403, "passkey-copied"]);
    expect((await thief.ask("GET /v1/me")).status).toBe(401);
    expect((await proveBy(thief, { counter: 10 })).status).toBe(204);
    const told = (await auditEntries(deps.ingest.audit)).filter(({ about }) => about["passkeyCopied"] === true);
    expect(told).toMatchObject([{ action: "sign-ins-refused", outcome: "refused", by: id, about: { account: id } }]);
    expect(deps.lines.filter(({ message }) => /counter of a passkey/.test(message))).toHaveLength(4);
  });
});

describe("a challenge", () => {
  it("is used once, also at the same instant and by another browser with its cookie", async () => {
    await joined();
    const browser = new Browser();
    const credential = device.get(await browser.options("passkey"));
    const copies = [browser.copy(), browser.copy(), browser.copy()];
    const answers = await Promise.all(copies.map((one) => one.ask("POST /v1/sessions", { credential })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
    expect(await outcome(await browser.ask("POST /v1/sessions", { credential }))).toEqual([401, "wrong"]);
  });

  it("counts in the browser that asked for it alone", async () => {
    await joined();
    const [ann, thief] = [new Browser(), new Browser()];
    const credential = device.get(await ann.options("passkey"));
    expect(await outcome(await thief.ask("POST /v1/sessions", { credential }))).toEqual([401, "wrong"]);
    await thief.options("passkey");
    expect(await outcome(await thief.ask("POST /v1/sessions", { credential }))).toEqual([401, "wrong"]);
    expect((await ann.ask("POST /v1/sessions", { credential })).status).toBe(204);
  });

  it("ends after five minutes", async () => {
    await joined();
    const browser = new Browser();
    const credential = device.get(await browser.options("passkey"));
    deps.ingest.now += challengeMs;
    expect(await outcome(await browser.ask("POST /v1/sessions", { credential }))).toEqual([401, "wrong"]);
    deps.ingest.now -= 1;
    expect((await browser.ask("POST /v1/sessions", { credential })).status).toBe(204);
  });

  it("of a sign-in is none of a second step or a session, nor the other way round", async () => {
    device = new Authenticator(local.url, { counts: false });
    const session = await joined();
    const half = new Browser();
    await half.signIn();
    const alone = device.get(await half.options("passkey"));
    const prove = (browser: Browser, credential: object) =>
      browser.ask("POST /v1/sessions/factor", { kind: "passkey", credential });
    expect(await outcome(await prove(half, alone))).toEqual([401, "wrong"]);
    const second = device.get(await half.options("factor"));
    expect(await outcome(await half.ask("POST /v1/sessions", { credential: second }))).toEqual([401, "wrong"]);
    const proof = device.get(await session.options("factor"));
    expect(await outcome(await prove(half, proof))).toEqual([401, "wrong"]);
    expect((await prove(session, proof)).status).toBe(204);
    expect((await prove(half, second)).status).toBe(204);
  });

  it("of the second step of one account is none of another one", async () => {
    await joined();
    const bo = await addAccount(deps, "guard", { name: "bo" });
    const { accounts, factors, halfSessions } = deps.deps;
    const account = await accounts.get(bo);
    if (account === null) throw new Error("no account");
    const other = new Authenticator(local.url);
    const begun = await factors.addPasskey(
      { id: bo, label: "bo", name: "Bo" },
      { name: "Key", host: "localhost", session: "s" },
    );
    const place = { host: "localhost", origin: local.url };
    await factors.confirmPasskey(bo, begun.id, { sent: other.create(begun.options), session: "s", place });
    const half = new Browser();
    await half.signIn();
    const signed = await half.options("factor");
    const token = await halfSessions.begin({ account, stays: false });
    const body = { kind: "passkey", credential: other.get(signed) };
    half.give(`gatepost-half=${token}`);
    expect(await outcome(await half.ask("POST /v1/sessions/factor", body))).toEqual([401, "wrong"]);
  });

  it("leaves no record until it is signed, however many are asked for", async () => {
    await joined();
    const write = vi.spyOn(deps.ingest.items, "write");
    for (let n = 0; n < 50; n++) expect((await new Browser().options("passkey"))["status"]).toBe(200);
    expect(write).not.toHaveBeenCalled();
  });
});

describe("options", () => {
  it("tell nobody who has an account or a passkey", async () => {
    const without = await new Browser().options("passkey");
    await joined();
    const { challenge, ...same } = await new Browser().options("passkey");
    expect({ ...without, challenge }).toEqual({ ...same, challenge });
    expect(same).toMatchObject({ rpId: "localhost", allowCredentials: [], userVerification: "required" });
  });

  it("for a second step need its sign-in or session, and a passkey", async () => {
    const browser = await joined();
    expect(await new Browser().options("factor")).toMatchObject({ status: 401, code: "ended" });
    expect(await browser.options("factor")).toMatchObject({ status: 200, allowCredentials: [{ id: device.id }] });
    await deps.deps.factors.removeAll(id);
    expect(await browser.options("factor")).toMatchObject({ status: 409, code: "other-kind", needs: ["password"] });
  });

  it.each(["passkey", "factor"] as const)("for %s are for our own pages", async (of) => {
    const browser = await joined();
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }])
      expect(await outcome(await browser.ask(`POST /v1/sessions/${of}/options`, undefined, headers))).toEqual([
        403,
        "other-site",
      ]);
  });
});

describe("who signs in by a passkey", () => {
  it.each([
    ["a disabled account", () => deps.deps.accounts.change(id, { isDisabled: true })],
    ["one that was invited again", () => deps.deps.accounts.invite(id, "key_1")],
    ["one whose factors were reset", () => deps.deps.factors.removeAll(id)],
  ])("is not %s", async (_, act) => {
    await joined();
    await addAccount(deps, "administrator");
    await act();
    expect(await outcome(await signInBy(new Browser()))).toEqual([401, "wrong"]);
  });

  it("is not of the company", async () => {
    await joined();
    const link = await deps.deps.accounts.invite(id, "key_1");
    await deps.deps.accounts.accept(link?.token ?? "", {
      name: "Ann",
      issuer: "https://login.example.com",
      subject: "1",
    });
    expect(await outcome(await signInBy(new Browser()))).toEqual([401, "wrong"]);
  });

  it.each([
    ["nobody", null],
    ["an account that is none", Buffer.from("acc_000000000000000009").toString("base64url")],
    ["no id", Buffer.from("factors acc_5c0e1d2b4a69787f3a").toString("base64url")],
  ])("is answered the same for %s", async (_, userHandle) => {
    await joined();
    const answer = await signInBy(new Browser(), { userHandle });
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: "wrong" })]);
    const known = await signInBy(new Browser(), { origin: "https://evil.example" });
    const wrong = (await known.json()) as object;
    expect(wrong).toMatchObject({ detail: expect.stringContaining("not accepted") });
  });

  it("waits after five failures, and keeps nobody at the address from the password", async () => {
    await joined();
    const browser = new Browser();
    for (let n = 0; n < 5; n++) expect((await signInBy(browser, { isVerified: false })).status).toBe(401);
    const waiting = await signInBy(browser);
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await browser.signIn()).status).toBe(202);
  });

  it("of before a reset is signed out", async () => {
    await joined();
    const browser = new Browser();
    await signInBy(browser);
    expect((await deps.ask(`/v1/accounts/${id}/factors`, { method: "DELETE" })).status).toBe(204);
    expect((await browser.ask("GET /v1/me")).status).toBe(401);
    expect((await browser.signIn()).status).toBe(204);
  });
});

describe("adding a passkey", () => {
  it("is for the session that began it, for five minutes", async () => {
    const [ann, other] = [new Browser(), new Browser()];
    await ann.signIn();
    await other.signIn();
    const { id: factor, options } = await ann.json("POST /v1/me/factors", { kind: "passkey", name: "Laptop" });
    const credential = device.create(options as object);
    const confirm = (browser: Browser) => browser.ask(`POST /v1/me/factors/${factor}/confirm`, { credential });
    expect((await confirm(other)).status).toBe(404);
    deps.ingest.now += challengeMs;
    expect((await confirm(ann)).status).toBe(404);
    deps.ingest.now -= 1;
    expect((await confirm(ann)).status).toBe(204);
  });

  it("needs a fresh session, and refuses a wrong one with advice", async () => {
    const browser = new Browser();
    await browser.signIn();
    const { id: factor, options } = await browser.json("POST /v1/me/factors", { kind: "passkey", name: "Laptop" });
    const credential = device.create(options as object, { isVerified: false });
    expect(await browser.json(`POST /v1/me/factors/${factor}/confirm`, { credential })).toMatchObject({
      status: 400,
      code: "wrong",
      detail: expect.stringContaining("begin again"),
    });
    deps.ingest.now += 15 * 60_000;
    expect((await browser.ask("POST /v1/me/factors", { kind: "passkey", name: "Laptop" })).status).toBe(403);
  });

  it.each([{ kind: "passkey" }, { kind: "passkey", name: "" }, { kind: "passkey", name: "x", rpId: "evil.example" }])(
    "is refused for %j",
    async (body) => {
      const browser = new Browser();
      await browser.signIn();
      expect((await browser.ask("POST /v1/me/factors", body)).status).toBe(400);
    },
  );

  const sent = { id: "AA", rawId: "AA", type: "public-key", response: { clientDataJSON: "AA" } };
  it.each([
    {},
    { ...sent, id: "x".repeat(1401) },
    { ...sent, type: "password" },
    { ...sent, response: {} },
    { ...sent, response: { clientDataJSON: "x".repeat(8193) } },
    { ...sent, response: { clientDataJSON: "AA", attestationObject: "x".repeat(16_385) } },
    { ...sent, response: { clientDataJSON: "AA", signature: ["AA"] } },
    { ...sent, response: { clientDataJSON: "AA", userHandle: "x".repeat(129) } },
  ])("and signing in by it are refused for a credential of another form %#", async (credential) => {
    const browser = await joined();
    const { status } = await browser.ask("POST /v1/sessions", { credential });
    const proved = await browser.ask("POST /v1/sessions/factor", { kind: "passkey", credential });
    const confirmed = await browser.ask("POST /v1/me/factors/fac_1/confirm", { credential });
    expect([status, proved.status, confirmed.status]).toEqual([400, 400, 400]);
  });
});

describe("the address", () => {
  const ways = async (place: Place) => {
    const { passkeys, passkeysAt } = await new Browser(place).json("GET /v1/sign-in");
    return [passkeys, passkeysAt];
  };

  it.each([
    [local, "localhost", true, "http://localhost:9528"],
    [{ url: "http://127.0.0.1:9528" }, "localhost", false, "http://localhost:9528"],
    [{ url: "http://192.168.1.20:9528" }, "localhost", false, "http://localhost:9528"],
    [{ url: "https://localhost:9528" }, "localhost", true, "https://localhost:9528"],
    [named, "gate.example.com", true, "https://gate.example.com"],
    [{ ...named, basePath: "/gate" }, "gate.example.com", true, "https://gate.example.com/gate"],
    [{ ...named, url: "http://192.168.1.20:9528" }, "gate.example.com", false, "https://gate.example.com"],
    [{ url: "http://gate.example.com", origin: "http://gate.example.com" }, "gate.example.com", false, null],
    [{ url: "https://192.168.1.20", origin: "https://192.168.1.20" }, "192.168.1.20", false, null],
    [{ url: "https://[fd00::1]", origin: "https://[fd00::1]" }, "[fd00::1]", false, null],
    // The distribution of a deployment with and without a domain, and its gateway.
    [
      { url: "https://d1.cloudfront.example", origin: "https://d1.cloudfront.example" },
      null,
      true,
      "https://d1.cloudfront.example",
    ],
    [{ url: "https://api.execute.example" }, null, false, null],
    [
      { url: "https://d1.cloudfront.example", origin: "https://d1.cloudfront.example" },
      "gate.example.com",
      false,
      "https://gate.example.com",
    ],
  ] as [Place, string | null, boolean, string | null][])("%j of a server for %s", async (place, host, passkeys, at) => {
    serveAs(host);
    expect(await ways(place)).toEqual([passkeys, at]);
    const { status, code } = await new Browser(place).options("passkey");
    expect([status, code]).toEqual(passkeys ? [200, undefined] : [409, "passkeys-elsewhere"]);
  });

  it("with a path has passkeys of its host, by cookies for its path", async () => {
    serveAs("gate.example.com");
    const place = { ...named, basePath: "/gate" };
    device = new Authenticator("https://gate.example.com");
    await joined(place);
    const browser = new Browser(place);
    const answer = await browser.ask("POST /v1/sessions/passkey/options");
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Secure-gatepost-passkey=[\w-]+; HttpOnly; Secure; SameSite=Strict; Path=\/gate\/; Max-Age=300$/,
    );
    expect((await signInBy(browser)).status).toBe(204);
  });

  it("without passkeys does not let the password alone in, and adds none", async () => {
    const browser = await joined();
    const lan = new Browser({ url: "http://192.168.1.20:9528" });
    expect(await (await lan.signIn()).json()).toEqual({ needs: ["passkey"] });
    expect(await lan.options("factor")).toMatchObject({ status: 409, code: "passkeys-elsewhere" });
    const recovery = await browser.json("POST /v1/me/factors", { kind: "recovery" });
    const [code] = recovery["codes"] as string[];
    expect((await lan.ask("POST /v1/sessions/factor", { kind: "recovery", code })).status).toBe(204);
    expect(await lan.json("POST /v1/me/factors", { kind: "passkey", name: "Laptop" })).toMatchObject({
      status: 409,
      code: "passkeys-elsewhere",
      detail: expect.stringContaining("http://localhost:9528"),
    });
  });

  it.each(["gate.example.com", ""])(
    "that is new (%j) lets no password alone in where a passkey was asked for",
    async (host) => {
      const { factorPolicy } = deps.deps;
      await joined();
      serveAs(host);
      const browser = new Browser(named);
      const refused = {
        status: 403,
        code: "passkeys-elsewhere",
        detail: expect.stringMatching(`^your passkeys are of localhost, .* \`gatepost accounts factors reset ${id}\`$`),
      };
      const signIn = () => browser.json("POST /v1/sessions", { email, password });
      expect(await signIn()).toMatchObject(refused);
      expect(await factorPolicy.write("guard", "0")).toBe(true);
      deps.ingest.now += graceMs + 1;
      expect(await signIn()).toMatchObject(refused);
      const invite = () => deps.ask(`/v1/accounts/${id}/invitation`, { method: "POST" });
      const first = await invite();
      expect([first.status, await first.json()]).toMatchObject([
        409,
        { code: "factors-first", detail: expect.stringContaining(`DELETE /v1/accounts/${id}/factors`) },
      ]);
      expect(await signIn()).toMatchObject(refused);
      await deps.deps.factors.removeAll(id);
      expect(await signIn()).toMatchObject({ status: 403, code: "factor-overdue" });
    },
  );

  it.each([
    ["https://gate.example.com:8443/gate", "gate.example.com"],
    ["http://localhost:9528", "localhost"],
    ["http://gate.example.com", ""],
    ["https://192.168.1.20", ""],
    ["https://[fd00::1]", ""],
  ])("%s has passkeys of the host %j", (address, host) => expect(passkeyHostOf(address)).toBe(host));

  it("that is new asks for a recovery code, with which a person sets up another factor", async () => {
    const earlier = await joined();
    const { codes } = await earlier.json("POST /v1/me/factors", { kind: "recovery" });
    serveAs("gate.example.com");
    const browser = new Browser(named);
    expect(await browser.json("POST /v1/sessions", { email, password })).toEqual({ status: 202, needs: ["recovery"] });
    expect((await browser.ask("GET /v1/me/factors")).status).toBe(401);
    const [code] = codes as string[];
    expect((await browser.ask("POST /v1/sessions/factor", { kind: "recovery", code })).status).toBe(204);
    expect(await browser.json("GET /v1/me/factors")).toMatchObject({
      factors: [{ kind: "passkey", isLost: true }, { kind: "recovery" }],
    });
    expect(await browser.json("PUT /v1/sign-in/policy", { version: "0", requiredFrom: "guard" })).toMatchObject({
      status: 409,
      code: "own-factor",
    });
    await browser.add(new Authenticator(named.url));
    expect((await signInBy(new Browser(named))).status).toBe(401);
  });

  it("that is new leaves a link of before unused, until the passkeys are taken away", async () => {
    await joined();
    const token = (await deps.deps.accounts.invite(id, "key_1"))?.token;
    serveAs("gate.example.com");
    const accept = () => new Browser(named).ask(`POST /v1/invitations/${token}`, { name: "Ann", password });
    for (let tries = 0; tries < 2; tries++) expect(await outcome(await accept())).toEqual([403, "passkeys-elsewhere"]);
    expect((await new Browser(named).signIn()).status).toBe(401);
    expect((await deps.ask(`/v1/accounts/${id}/factors`, { method: "DELETE" })).status).toBe(204);
    expect((await accept()).status).toBe(204);
  });

  it("that is new lets a recovery code do nothing dear after the days of the policy, but add a factor", async () => {
    const earlier = await joined();
    const { codes } = await earlier.json("POST /v1/me/factors", { kind: "recovery" });
    const [lost] = await deps.deps.factors.of(id);
    expect(await deps.deps.factorPolicy.write("guard", "0")).toBe(true);
    serveAs("gate.example.com");
    deps.ingest.now += graceMs - 60_000;
    const browser = new Browser(named);
    await browser.signIn();
    const [code] = codes as string[];
    expect((await browser.ask("POST /v1/sessions/factor", { kind: "recovery", code })).status).toBe(204);
    const makeKey = () => browser.ask("POST /v1/keys", { scope: "settle" });
    expect((await makeKey()).status).toBe(201);
    deps.ingest.now += 60_000;
    for (const dear of [makeKey, () => browser.ask(`DELETE /v1/me/factors/${lost?.id}`)])
      expect(await outcome(await dear())).toEqual([403, "factor-first"]);
    await browser.add(new Authenticator(named.url));
    expect((await makeKey()).status).toBe(201);
  });
});
