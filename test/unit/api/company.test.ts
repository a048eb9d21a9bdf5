import { CompanyProvider, CompanyRecords, settingsIn } from "@gatepost/core/company";
import { jsonLog } from "@gatepost/http";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { RequestFacts } from "../../../packages/api/src/ports.ts";
import { OidcProvider } from "../../standins/oidc/provider.ts";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let deps: TestRuntime;
let idp: OidcProvider;

beforeEach(async () => {
  idp = await new OidcProvider().start();
  onTestFinished(() => idp.stop());
  deps = await runtime();
  const settings = new CompanyRecords(deps.ingest.items);
  const { id: clientId, secret: clientSecret } = idp.client;
  const provider = new CompanyProvider({
    issuer: idp.issuer,
    clientId,
    clientSecret,
    log: deps.ingest.log,
    clock: () => deps.ingest.now,
  });
  deps.deps.company = { provider, settings };
  const groups = {
    managers: { role: "manager", sites: null },
    guards: { role: "guard", sites: ["hq"] },
    it: { role: "administrator" },
  };
  const put = await deps.ask("/v1/company", {
    method: "PUT",
    body: JSON.stringify({ version: "0", settings: { name: "Northgate", groups } }),
  });
  expect(put.status).toBe(200);
});

/** A browser: it keeps cookies, and follows no redirect by itself. */
class Browser {
  readonly cookies = new Map<string, string>();
  /** How it reaches the server. */
  by: RequestFacts = {};

  async ask(path: string, { method = "GET" } = {}): Promise<Response> {
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { authorization: "", cookie, host: "gate.example" };
    const answer = await deps.ask(path, { method, headers, by: this.by });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (set.includes("Max-Age=0")) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Signs in as the person at the provider. Returns the address to which the sign-in leads. */
  async signIn(query = ""): Promise<string | null> {
    const begun = await this.ask(`/v1/sign-in/oidc${query}`);
    expect(begun.status).toBe(303);
    const back = idp.approve(begun.headers.get("location") ?? "");
    expect(back.origin + back.pathname).toBe("http://gate.example/v1/sign-in/oidc/done");
    return (await this.ask(back.pathname + back.search)).headers.get("location");
  }

  async me(): Promise<{ role: string; sites: string[] | null } | null> {
    const answer = await this.ask("/v1/me");
    return answer.status === 200 ? ((await answer.json()) as { account: { role: string; sites: null } }).account : null;
  }
}

/** Accepts an invitation with a password. */
const accept = (token: string) =>
  deps.ask(`/v1/invitations/${token}`, {
    method: "POST",
    body: JSON.stringify({ name: "Bo", password: "seven green boats" }),
  });

const entries = async () => {
  const { entries } = (await (await deps.ask("/v1/audit?limit=200")).json()) as {
    entries: { action: string; outcome: string; by: { name?: string } }[];
  };
  return entries;
};

describe("the company's sign-in", () => {
  it("makes an account by the groups, and leads to the asked address", async () => {
    expect(await (await deps.ask("/v1/sign-in")).json()).toMatchObject({
      company: { name: "Northgate", start: "/v1/sign-in/oidc" },
    });
    const browser = new Browser();
    expect(await browser.signIn("?next=%23%2Fevents%3Fq%3Da")).toBe("/#/events?q=a");
    expect(await browser.me()).toMatchObject({ name: "陈敏", role: "manager", with: "company", sites: null });
    expect([...browser.cookies.keys()]).toEqual(["gatepost"]);
    expect((await entries())[0]).toMatchObject({ action: "signed-in", by: { name: "陈敏" } });
  });

  it("leads back to the path of the public address, and keeps its cookies there", async () => {
    const browser = new Browser();
    browser.by = { isHttps: true, origin: "https://example.com", basePath: "/gate" };
    const begun = await browser.ask("/v1/sign-in/oidc");
    expect(begun.headers.get("set-cookie")).toMatch(/^__Secure-gatepost-oidc=.*; Secure; SameSite=Lax; Path=\/gate\/;/);
    const back = idp.approve(begun.headers.get("location") ?? "");
    expect(back.origin + back.pathname).toBe("https://example.com/gate/v1/sign-in/oidc/done");
    const finished = await browser.ask(`/v1/sign-in/oidc/done${back.search}`);
    expect(finished.headers.get("location")).toBe("/gate/#/live");
    expect([...browser.cookies.keys()]).toEqual(["__Secure-gatepost"]);
    expect(await browser.me()).toMatchObject({ role: "manager" });
    const refused = await browser.ask(`/v1/sign-in/oidc/done${back.search}`);
    expect(refused.headers.get("location")).toBe("/gate/#/sign-in?why=company-refused");
    expect((await new Browser().ask("/v1/sign-in/oidc")).headers.get("set-cookie")).toMatch(
      /^gatepost-oidc=.*; Path=\/;/,
    );
  });

  it("names the missing setting if a proxy with https is not trusted", async () => {
    const browser = new Browser();
    browser.by = { saysHttps: true };
    const begun = await browser.ask("/v1/sign-in/oidc");
    expect(begun.headers.get("location")).toBe("/#/sign-in?why=company-proxy");
    expect(deps.lines.at(-1)).toMatchObject({
      facts: { code: "company-proxy", reason: expect.stringContaining("--public-url") },
    });
    for (const by of [{ saysHttps: true, isHttps: true }, { saysHttps: true, origin: "https://gate.example" }, {}]) {
      browser.by = by;
      expect((await browser.ask("/v1/sign-in/oidc")).headers.get("location")).toContain(idp.issuer);
    }
  });

  it("takes no subject and no name for the e-mail address of an account", async () => {
    idp.person = { sub: "9", groups: ["managers"] };
    const browser = new Browser();
    expect(await browser.signIn()).toBe("/#/live");
    const { account } = (await (await browser.ask("/v1/me")).json()) as { account: { id: string } };
    expect(account).toMatchObject({ name: null, email: null });
    const { id } = account;
    const { accounts } = (await (await deps.ask("/v1/accounts")).json()) as { accounts: object[] };
    expect(accounts).toMatchObject([{ id, name: null, email: null }]);
    expect((await entries())[0]?.by.name).toBe(id);
    // No one could sign in with a password of it.
    const link = await deps.ask(`/v1/accounts/${id}/invitation`, { method: "POST" });
    const { token } = (await link.json()) as { token: string };
    expect(await (await deps.ask(`/v1/invitations/${token}`)).json()).toMatchObject({ email: null, role: "manager" });
    const accepted = await accept(token);
    expect([accepted.status, await accepted.text()]).toEqual([
      409,
      expect.stringContaining("continue with the company"),
    ]);
    expect(await new Browser().signIn(`?invitation=${token}`)).toBe("/#/live");
    expect((await deps.ask(`/v1/accounts/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await entries())[0]?.by.name).not.toBe("");
  });

  it("gives a password of a new link to the address of the provider", async () => {
    await new Browser().signIn();
    const [account] = (await deps.deps.accounts.page({ limit: 1, cursor: null })).items;
    const { token = "" } = (await deps.deps.accounts.invite(account?.id ?? "", "key_1")) ?? {};
    expect((await accept(token)).status).toBe(204);
    const signIn = { email: idp.person.email, password: "seven green boats" };
    expect((await deps.ask("/v1/sessions", { method: "POST", body: JSON.stringify(signIn) })).status).toBe(204);
  });

  it("refuses a person without a mapped group", async () => {
    idp.person = { sub: "9", name: "Bo", groups: ["others"] };
    const browser = new Browser();
    expect(await browser.signIn()).toBe("/#/sign-in?why=no-account");
    expect(await browser.me()).toBeNull();
    expect((await deps.deps.accounts.page({ limit: 9, cursor: null })).items).toEqual([]);
  });

  it("is not set up right without a claim of groups; the log has the claims", async () => {
    const reasons = () =>
      deps.lines
        .filter(({ message }) => message === "a sign-in by the company failed")
        .map(({ facts }) => facts?.["reason"]);
    idp.person = { sub: "9", name: "Bo" };
    expect(await new Browser().signIn()).toBe("/#/sign-in?why=company-setup");
    expect(reasons()[0]).toContain('the provider sends no claim "groups", but sub, name, iss, aud, iat, exp, nonce');
    idp.person = { sub: "9", name: "Bo", _claim_names: { groups: "src1" } };
    expect(await new Browser().signIn()).toBe("/#/sign-in?why=company-setup");
    expect(reasons()[1]).toContain("leaves out the groups of a person who has too many");
    // A person with an own account, and a person with an account by groups.
    const { token } = await deps.deps.accounts.create(
      { email: "li@example.com", name: null, role: "guard", sites: null, boxes: null },
      "key_1",
    );
    expect(await new Browser().signIn(`?invitation=${token}`)).toBe("/#/live");
    expect(await new Browser().signIn()).toBe("/#/live");
    idp.person = { sub: "10", name: "Cy", groups: ["guards"] };
    expect(await new Browser().signIn()).toBe("/#/live");
    idp.person = { sub: "10", name: "Cy" };
    expect(await new Browser().signIn()).toBe("/#/sign-in?why=company-setup");
  });

  it("logs no token and no value of a claim if it fails", async () => {
    idp.fault = "other audience";
    expect(await new Browser().signIn()).toBe("/#/sign-in?why=company-setup");
    const written: string[] = [];
    for (const { message, facts } of deps.lines) jsonLog((line) => written.push(line)).warn(message, facts);
    expect(written.join("")).toContain('unexpected JWT \\"aud\\"');
    for (const value of ["another client", "陈敏", "chen.min", "eyJ"]) expect(written.join("")).not.toContain(value);
  });

  it("joins no account by its e-mail address", async () => {
    const email = idp.person.email ?? "";
    const { id } = await deps.deps.accounts.create(
      { email, name: null, role: "administrator", sites: null, boxes: null },
      "key_1",
    );
    const browser = new Browser();
    await browser.signIn();
    expect(await browser.me()).toMatchObject({ role: "manager" });
    expect((await deps.deps.accounts.get(id))?.with).toBeNull();
  });

  it("accepts an invitation, and keeps its role without any group", async () => {
    const { id, token } = await deps.deps.accounts.create(
      { email: "li@example.com", name: null, role: "administrator", sites: null, boxes: null },
      "key_1",
    );
    idp.person = { sub: "7", name: "李梅", groups: [] };
    const browser = new Browser();
    expect(await browser.signIn(`?invitation=${token}`)).toBe("/#/live");
    expect(await browser.me()).toMatchObject({ id, role: "administrator", name: "李梅" });
    expect(await new Browser().signIn(`?invitation=${token}`)).toBe("/#/sign-in?why=used");
    const again = new Browser();
    expect(await again.signIn()).toBe("/#/live");
  });

  it.each(["https://evil.example", "//evil.example", "/\\evil", "#/a b", "javascript:alert(1)", "#/\u00e4"])(
    "leads nowhere but into the console: %s",
    async (next) => {
      expect((await new Browser().ask(`/v1/sign-in/oidc?next=${encodeURIComponent(next)}`)).status).toBe(400);
    },
  );

  it("is not begun by a link on another site, which leads to the sign-in page", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const answer = await deps.ask("/v1/sign-in/oidc", { headers: { authorization: "", "sec-fetch-site": site } });
      expect([answer.headers.get("location"), answer.headers.getSetCookie()]).toEqual(["/#/sign-in", []]);
    }
  });

  it("belongs to the browser that began it, within ten minutes", async () => {
    const [one, other] = [new Browser(), new Browser()];
    const begun = await one.ask("/v1/sign-in/oidc");
    const back = idp.approve(begun.headers.get("location") ?? "");
    expect((await other.ask(back.pathname + back.search)).headers.get("location")).toBe(
      "/#/sign-in?why=company-refused",
    );
    deps.ingest.now += 10 * minuteMs;
    expect((await one.ask(back.pathname + back.search)).headers.get("location")).toBe("/#/sign-in?why=company-refused");
    expect(await one.me()).toBeNull();
  });

  it("keeps sessions for twelve hours while the provider is down", async () => {
    const browser = new Browser();
    await browser.signIn();
    idp.fault = "is down";
    deps.ingest.now += 20 * minuteMs;
    expect(await browser.me()).toMatchObject({ role: "manager" });
    deps.ingest.now += 10 * minuteMs;
    const failing = await new Browser().ask("/v1/sign-in/oidc");
    expect([failing.status, failing.headers.get("location")]).toEqual([303, "/#/sign-in?why=company-unreachable"]);
    expect((await entries()).filter(({ action }) => action === "provider-unreachable")).toHaveLength(1);
    for (let hours = 1; hours < 12; hours++) {
      expect(await browser.me()).toMatchObject({ role: "manager" });
      deps.ingest.now += hourMs;
    }
    deps.ingest.now += hourMs;
    expect(await sessionIds()).toHaveLength(1);
    expect(await browser.me()).toBeNull();
    expect(await sessionIds()).toEqual([]);
  });

  it("continues a session whose refresh token changed while the user information failed", async () => {
    idp.hasUserInfo = true;
    const browser = new Browser();
    await browser.signIn();
    idp.fault = "has no user information";
    deps.ingest.now += 15 * minuteMs;
    expect(await browser.me()).not.toBeNull();
    idp.fault = null;
    deps.ingest.now += 15 * minuteMs;
    expect(await browser.me()).toMatchObject({ role: "manager" });
    deps.ingest.now += 11.75 * hourMs;
    expect(await browser.me()).toMatchObject({ role: "manager" });
  });

  it("asks the provider again every 15 minutes, and not more often", async () => {
    const browser = new Browser();
    await browser.signIn();
    const refreshes = () => idp.asked.filter((path) => path === "/token").length - 1;
    for (let n = 0; n < 20; n++) await browser.me();
    expect(refreshes()).toBe(0);
    deps.ingest.now += 15 * minuteMs;
    await Promise.all(Array.from({ length: 5 }, () => browser.me()));
    expect(refreshes()).toBe(1);
    deps.ingest.now += 15 * minuteMs;
    expect(await browser.me()).toMatchObject({ role: "manager" });
    expect(refreshes()).toBe(2);
  });

  it.each([
    ["has no group with a role any more", () => ({ groups: [] })],
    ["has another role", () => ({ groups: ["guards"] })],
  ])("ends the session of a person who %s, at the next refresh", async (_, change) => {
    const browser = new Browser();
    await browser.signIn();
    idp.person = { ...idp.person, ...change() };
    deps.ingest.now += 14 * minuteMs;
    expect(await browser.me()).not.toBeNull();
    deps.ingest.now += minuteMs;
    expect(await browser.me()).toBeNull();
    const next = await browser.signIn();
    const isGuard = idp.person.groups?.includes("guards");
    expect(next).toBe(isGuard ? "/#/live" : "/#/sign-in?why=no-account");
    if (isGuard) expect(await browser.me()).toMatchObject({ role: "guard", sites: ["hq"] });
  });

  it("ends the session of a person whom the provider does not know any more", async () => {
    const browser = new Browser();
    await browser.signIn();
    idp.forget();
    deps.ingest.now += 15 * minuteMs;
    expect(await browser.me()).toBeNull();
  });

  it("never takes the role of the last administrator away", async () => {
    idp.person = { sub: "2", name: "Root", groups: ["it"] };
    const browser = new Browser();
    await browser.signIn();
    idp.person = { ...idp.person, groups: [] };
    for (let n = 0; n < 2; n++) {
      deps.ingest.now += 15 * minuteMs;
      expect(await browser.me()).toMatchObject({ role: "administrator" });
    }
    expect(
      (await entries()).filter(({ action, outcome }) => action === "account-changed" && outcome === "refused"),
    ).toHaveLength(1);
    await addAccount(deps, "administrator");
    deps.ingest.now += 15 * minuteMs;
    expect(await browser.me()).toBeNull();
  });

  it("refuses a person with a disabled account", async () => {
    const browser = new Browser();
    await browser.signIn();
    const [account] = (await deps.deps.accounts.page({ limit: 1, cursor: null })).items;
    await deps.deps.accounts.change(account?.id ?? "", { isDisabled: true });
    expect(await browser.me()).toBeNull();
    expect(await browser.signIn()).toBe("/#/sign-in?why=no-account");
  });

  it("leads to the sign-in page if the provider refuses Gatepost itself", async () => {
    idp.fault = "refuses the client";
    expect(await new Browser().signIn()).toBe("/#/sign-in?why=company-setup");
  });

  it("leaves the other ways to sign in if its settings have a fault", async () => {
    Object.assign(deps.deps.company?.settings ?? {}, { read: async () => settingsIn("{", () => "") });
    expect(await (await deps.ask("/v1/sign-in")).json()).toMatchObject({ company: { name: "SSO" }, passwords: true });
    const failing = await new Browser().ask("/v1/sign-in/oidc");
    expect(failing.headers.get("location")).toBe("/#/sign-in?why=company-setup");
  });

  it("keeps refresh tokens encrypted by the cookie alone", async () => {
    const browser = new Browser();
    await browser.signIn();
    const rows = JSON.stringify([...(await deps.ingest.items.getAll(await sessionIds())).values()]);
    expect(rows).toContain('"refresh":"');
    expect(rows).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/);
    expect(rows).not.toContain(browser.cookies.get("gatepost"));
  });

  const sessionIds = async () => {
    const [account] = (await deps.deps.accounts.page({ limit: 1, cursor: null })).items;
    return (await deps.deps.sessions.of(account?.id ?? "")).map(({ id }) => id);
  };

  it("refuses outdated settings, and answers 404 without a provider", async () => {
    const settings = { name: "Other", groups: {} };
    const put = (version: string) =>
      deps.ask("/v1/company", { method: "PUT", body: JSON.stringify({ version, settings }) });
    const everywhere = { name: "Other", groups: { it: { role: "administrator", sites: ["hq"] } } };
    const refused = await deps.ask("/v1/company", {
      method: "PUT",
      body: JSON.stringify({ version: "1", settings: everywhere }),
    });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("sees all sites")]);
    expect([(await put("1")).status, (await put("1")).status]).toEqual([200, 412]);
    expect(await (await deps.ask("/v1/company")).json()).toMatchObject({ version: "2", isFile: false, settings });
    deps.deps.company = null;
    expect((await deps.ask("/v1/company")).status).toBe(404);
    expect((await new Browser().ask("/v1/sign-in/oidc")).status).toBe(404);
    const manager = await signedIn(deps, await addAccount(deps, "manager"));
    expect((await deps.ask("/v1/company", { headers: manager })).status).toBe(403);
  });
});

describe("a person of the company who proves once more who they are", () => {
  const administrator = { sub: "1", name: "陈敏", email: "chen.min@example.com", groups: ["it"] };
  let browser: Browser;
  beforeEach(async () => {
    idp.clock = () => deps.ingest.now;
    idp.person = administrator;
    browser = new Browser();
    expect(await browser.signIn()).toBe("/#/live");
  });

  const isAsked = async () => {
    const headers = { authorization: "", cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") };
    const body = JSON.stringify({ scope: "admin" });
    const answer = await deps.ask("/v1/keys", { method: "POST", headers, body });
    if (answer.status === 201) return false;
    expect(await answer.json()).toMatchObject({ code: "factor-needed", needs: ["company"] });
    return true;
  };

  it("is asked at once if the provider did not tell when it asked them, and is fresh for 15 minutes afterwards", async () => {
    expect(await isAsked()).toBe(true);
    const session = browser.cookies.get("gatepost");
    expect([await browser.signIn("?again=1"), browser.cookies.get("gatepost")]).toEqual(["/#proved", session]);
    expect(await isAsked()).toBe(false);
    expect((await entries()).slice(0, 5).map(({ action }) => action)).toContain("signed-in");
    deps.ingest.now += 15 * minuteMs;
    expect(await isAsked()).toBe(true);
    expect((await deps.ask("/v1/sign-in")).status).toBe(200);
  });

  it("is sent to the provider with max_age=0, and a sign-in without", async () => {
    const asked = async (query: string) =>
      new URL((await browser.ask(`/v1/sign-in/oidc${query}`)).headers.get("location") ?? "").searchParams.get(
        "max_age",
      );
    expect([await asked("?again=1"), await asked("")]).toEqual(["0", null]);
  });

  it.each([
    ["tells no auth_time", "the company's provider tells no auth_time, though max_age=0 asks for it"],
    ["asks no one again", "the company's provider did not ask the person again, though max_age=0 asks for it"],
  ] as const)("is refused if the provider %s", async (fault, reason) => {
    idp.askedAt = deps.ingest.now;
    deps.ingest.now += 2 * minuteMs;
    idp.fault = fault;
    expect(await browser.signIn("?again=1")).toBe("/#proved=company-not-asked");
    expect(deps.lines.at(-1)).toMatchObject({ facts: { code: "company-not-asked", reason } });
    idp.fault = null;
    expect(await isAsked()).toBe(true);
  });

  it("is refused as another person, whose session is not begun", async () => {
    const session = browser.cookies.get("gatepost");
    idp.person = { ...administrator, sub: "2", name: "Bo" };
    expect(await browser.signIn("?again=1")).toBe("/#proved=company-other");
    await new Browser().signIn();
    expect(await browser.signIn("?again=1")).toBe("/#proved=company-other");
    expect([browser.cookies.get("gatepost"), await isAsked()]).toEqual([session, true]);
  });

  it("is refused once the session has ended, and without one", async () => {
    const begun = await browser.ask("/v1/sign-in/oidc?again=1");
    const back = idp.approve(begun.headers.get("location") ?? "");
    expect((await browser.ask("/v1/sessions/current", { method: "DELETE" })).status).toBe(204);
    const finished = await browser.ask(back.pathname + back.search);
    expect(finished.headers.get("location")).toBe("/#proved=company-other");
    expect((await new Browser().ask("/v1/sign-in/oidc?again=1")).headers.get("location")).toBe(
      "/#proved=company-other",
    );
  });

  it("proves nothing by a password, which the account does not have", async () => {
    const headers = { authorization: "", cookie: `gatepost=${browser.cookies.get("gatepost")}` };
    const body = JSON.stringify({ kind: "password", password: "seven green boats" });
    const answer = await deps.ask("/v1/sessions/factor", { method: "POST", headers, body });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, "other-kind"]);
  });

  it("learns that the provider does not answer", async () => {
    deps.ingest.now += 11 * minuteMs;
    idp.fault = "is down";
    expect((await browser.ask("/v1/sign-in/oidc?again=1")).headers.get("location")).toBe(
      "/#proved=company-unreachable",
    );
  });
});
