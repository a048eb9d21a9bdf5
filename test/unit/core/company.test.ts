import { setTimeout as pause } from "node:timers/promises";
import {
  CompanyProvider,
  companySettings,
  grantOf,
  openFlow,
  openRefresh,
  sealFlow,
  sealRefresh,
  settingsIn,
} from "@gatepost/core/company";
import { GatepostError } from "@gatepost/core/errors";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { OidcProvider } from "../../standins/oidc/provider.ts";
import { pemOf } from "../../support/certificates.ts";
import { changedAt } from "../../support/changed-at.ts";
import { encryptedFront } from "../../support/encrypted-front.ts";

const wanted = { scope: "openid profile email offline_access", groupsClaim: "groups", requires: [] as string[] };
const redirectUri = "http://127.0.0.1:9528/v1/sign-in/oidc/done";

let idp: OidcProvider;
let now: number;
let lines: { message: string; facts: Record<string, unknown> }[];

beforeEach(async () => {
  idp = await new OidcProvider().start();
  onTestFinished(() => idp.stop());
  now = 0;
  lines = [];
});

const note = (message: string, facts: Record<string, unknown> = {}) => void lines.push({ message, facts });

const noFile = () => {
  throw Object.assign(new Error("no file"), { code: "ENOENT" });
};

const providerAt = (issuer = idp.issuer, timeoutMs = 60_000, ca: string | null = null) =>
  new CompanyProvider({
    authority: async () => ca,
    issuer,
    clientId: idp.client.id,
    clientSecret: idp.client.secret,
    timeoutMs,
    log: { info: note, warn: note, error: note },
    clock: () => now,
  });

/** The refusal of a sign-in: its code, and the text of its cause, which the log has. */
async function refusal(provider = providerAt()): Promise<{ code: string | undefined; cause: string }> {
  const error: unknown = await signIn(provider).catch((thrown: unknown) => thrown);
  if (!(error instanceof GatepostError && error.cause instanceof Error)) throw error;
  expect(error.cause.cause).toBeUndefined();
  return { code: error.code, cause: error.cause.message };
}

async function signIn(provider = providerAt()) {
  const begun = await provider.begin(redirectUri, wanted);
  return provider.finish(idp.approve(begun.address).searchParams, begun, wanted);
}

describe("the company's provider", () => {
  it("names the person of a sign-in, with the groups", async () => {
    expect(await signIn()).toEqual({
      issuer: idp.issuer,
      subject: "1",
      authTime: null,
      name: "陈敏",
      email: "chen.min@example.com",
      groups: ["managers"],
      areGroupsElsewhere: false,
      claims: "sub, email, name, groups, iss, aud, iat, exp, nonce",
      refreshToken: expect.any(String),
    });
  });

  it("sends the browser with a challenge, a state and a nonce, which differ each time", async () => {
    const [one, two] = [await providerAt().begin(redirectUri, wanted), await providerAt().begin(redirectUri, wanted)];
    const { searchParams: asked } = new URL(one.address);
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: "code",
      client_id: "gatepost",
      redirect_uri: redirectUri,
      scope: wanted.scope,
      code_challenge_method: "S256",
      state: one.state,
      nonce: one.nonce,
    });
    expect(asked.get("code_challenge")).not.toBe(one.verifier);
    expect(new Set([one.state, two.state, one.nonce, two.nonce, one.verifier, two.verifier]).size).toBe(6);
  });

  it("takes a missing name and groups from the user information", async () => {
    idp.hasUserInfo = true;
    expect(await signIn()).toMatchObject({ name: "陈敏", groups: ["managers"] });
  });

  it.each([
    [{ preferred_username: "chenmin", given_name: "敏" }, "chenmin"],
    [{ given_name: "Min", family_name: "Chen" }, "Min Chen"],
    [{ name: " ", given_name: "Min" }, "Min"],
    [{}, null],
  ])("names a person without a name by %j", async (claims, name) => {
    idp.person = { sub: "1", groups: ["managers"], ...claims };
    expect(await signIn()).toMatchObject({ name, subject: "1" });
  });

  it.each([
    [["mfa"], { amr: ["pwd", "mfa"] }, true],
    [["mfa", "hwk"], { amr: ["hwk", "mfa"] }, true],
    [["mfa", "hwk"], { amr: ["mfa"] }, false],
    [["mfa", "phr"], { acr: "phr" }, true],
    [["mfa"], { amr: ["pwd"], acr: "0" }, false],
    [["mfa"], { amr: "mfa" }, true],
    [["mfa"], { amr: [["mfa"]], acr: ["mfa"] }, false],
    [["mfa"], {}, false],
    [[], {}, true],
  ])("asks for %j, and %j is enough: %s", async (requires, claims: { amr?: unknown; acr?: unknown }, isEnough) => {
    idp.person = { sub: "1", ...claims };
    const provider = providerAt();
    const begun = await provider.begin(redirectUri, wanted);
    const asked = provider.finish(idp.approve(begun.address).searchParams, begun, { ...wanted, requires });
    if (isEnough) return expect(asked).resolves.toMatchObject({ subject: "1" });
    const [amr, acr] = [claims.amr, claims.acr].map((claim) => JSON.stringify(claim) ?? "absent");
    const message = `${JSON.stringify(requires)} is required; the ID token has amr ${amr}, acr ${acr}`;
    return expect(asked).rejects.toMatchObject({ code: "company-weak", kind: "forbidden", cause: { message } });
  });

  it("tells no groups if a refresh without an ID token has none", async () => {
    const provider = providerAt();
    const { refreshToken } = await signIn(provider);
    idp.person = { sub: "1" };
    idp.fault = "no ID token";
    const answer = await provider.refresh(refreshToken ?? "", { subject: "1" }, wanted);
    expect(answer).toMatchObject({ is: "valid", groups: null });
  });

  const claims = "the claims are sub, email, name, groups, iss, aud, iat, exp";

  it.each([
    ["alg none", "company-setup", "the algorithm is none"],
    ["signed with the client secret", "company-setup", "unsupported JWS algorithm; the algorithm is HS256"],
    ["signed with a foreign key", "company-setup", "JWT signature verification failed"],
    ["encrypted", "company-setup", "JWE decryption is not configured"],
    ["other audience", "company-setup", `"aud" (audience) claim value; ${claims}`],
    ["other issuer", "company-setup", `"iss" (issuer) claim value; ${claims}`],
    ["other nonce", "company-refused", "nonce"],
    ["expired", "company-setup", `expiration is past current timestamp; ${claims}`],
    ["no ID token", "company-setup", '"id_token" property must be a string'],
  ] as const)("refuses an ID token: %s", async (fault, code, cause) => {
    const provider = providerAt();
    await signIn(provider);
    idp.fault = fault;
    expect(await refusal(provider)).toEqual({ code, cause: expect.stringContaining(cause) });
  });

  it("takes a code once, and only with the state and verifier of its browser", async () => {
    const provider = providerAt();
    const begun = await provider.begin(redirectUri, wanted);
    const { searchParams: returned } = idp.approve(begun.address);
    const refused = { kind: "forbidden", code: "company-refused" };
    await expect(provider.finish(returned, { ...begun, state: "another" }, wanted)).rejects.toMatchObject(refused);
    const stolen = await provider.begin(redirectUri, wanted);
    await expect(provider.finish(returned, { ...stolen, state: begun.state }, wanted)).rejects.toMatchObject(refused);
    const { searchParams: again } = idp.approve(begun.address);
    await provider.finish(again, begun, wanted);
    await expect(provider.finish(again, begun, wanted)).rejects.toMatchObject(refused);
  });

  it.each([
    ["access_denied", "company-refused"],
    ["login_required", "company-refused"],
    ["temporarily_unavailable", "company-unreachable"],
    ["server_error", "company-unreachable"],
    ["invalid_scope", "company-setup"],
    ["constructor", "company-setup"],
    [`${"x".repeat(65)}`, "company-setup"],
  ])("sends a browser back that has the error %s", async (error, code) => {
    const provider = providerAt();
    const begun = await provider.begin(redirectUri, wanted);
    const returned = new URLSearchParams({ error, state: begun.state });
    await expect(provider.finish(returned, begun, wanted)).rejects.toMatchObject({ code });
  });

  it("takes keys that are rotated in the middle", async () => {
    const provider = providerAt();
    await signIn(provider);
    idp.rotateKeys();
    expect((await signIn(provider)).subject).toBe("1");
  });

  it.each([
    ["is down", "company-unreachable", "answers 503"],
    ["is busy", "company-unreachable", "answers 429 slow_down"],
    ["answers huge", "company-setup", "answers with more than 1048576 bytes"],
    ["redirects", "company-setup", "/.well-known/openid-configuration answers 307"],
    ["answers no JSON", "company-setup", "/.well-known/openid-configuration answers with no JSON, but text/html"],
    ["refuses the client", "company-setup", "/token answers 401 invalid_client"],
    ["refuses the client by a challenge", "company-setup", "/token answers 401 invalid_client"],
  ] as const)("gives the code of a failure: %s, %s", async (fault, code, cause) => {
    idp.fault = fault;
    expect(await refusal()).toEqual({ code, cause: expect.stringContaining(cause) });
    idp.fault = null;
    await signIn();
  });

  it("refuses metadata of another issuer", async () => {
    idp.fault = "names another issuer";
    const cause = expect.stringContaining("has the issuer https://evil.example");
    expect(await refusal()).toEqual({ code: "company-setup", cause });
  });

  it("is unreachable if no server is at its address", async () => {
    await idp.stop();
    const cause = expect.stringMatching(/^http:.*configuration does not answer: ECONNREFUSED$/);
    expect(await refusal()).toEqual({ code: "company-unreachable", cause });
    await idp.start();
  });

  it("trusts the authority of its settings, and no other that is unknown", async () => {
    idp.issuer = `https://127.0.0.1:${await encryptedFront(Number(new URL(idp.issuer).port))}`;
    const by = (file: string, timeoutMs?: number) => providerAt(idp.issuer, timeoutMs, pemOf(file));
    for (const [provider, advice] of [
      [providerAt(), "give the certificate of its authority as ca"],
      [by("second.crt"), "ca is of another authority, so give the certificate of the server's own"],
    ] as const) {
      const cause = expect.stringMatching(new RegExp(`self-signed certificate.*: ${advice}$`));
      expect(await refusal(provider)).toEqual({ code: "company-setup", cause });
    }
    expect(idp.asked).toEqual([]);
    const provider = by("first.crt");
    const { subject, refreshToken } = await signIn(provider);
    expect(subject).toBe("1");
    expect(await provider.refresh(refreshToken ?? "", { subject }, wanted)).toMatchObject({ is: "valid" });
    for (const [fault, said] of [
      ["answers huge", "answers with more than 1048576 bytes"],
      ["redirects", "answers 307"],
      ["refuses the client by a challenge", "answers 401 invalid_client"],
      ["hangs", "does not answer: "],
    ] as const) {
      idp.fault = fault;
      expect((await refusal(by("first.crt", fault === "hangs" ? 50 : undefined))).cause).toContain(said);
    }
  });

  it.each([
    [true, ""],
    [false, "/"],
    [true, "/"],
  ])("may name itself with a slash more or less: %j, %j", async (isSlashed, end) => {
    idp.isSlashed = isSlashed;
    const { issuer } = await signIn(providerAt(`${idp.issuer}${end}`));
    expect(issuer).toBe(`${idp.issuer}${isSlashed ? "/" : ""}`);
    for (const other of ["//", "/realms/main", "/?a"]) {
      expect((await refusal(providerAt(`${idp.issuer}${other}`))).code).toBe("company-setup");
    }
  });

  it("tells that no claim has groups", async () => {
    idp.person = { sub: "1", name: "Min" };
    expect(await signIn()).toMatchObject({ groups: null, areGroupsElsewhere: false });
    idp.person = { sub: "1", name: "Min", _claim_names: { groups: "src1" } };
    const provider = providerAt();
    const { refreshToken, ...person } = await signIn(provider);
    expect(person).toMatchObject({ groups: null, areGroupsElsewhere: true });
    const answer = await provider.refresh(refreshToken ?? "", { subject: "1" }, wanted);
    expect(answer).toMatchObject({ is: "valid", groups: null });
  });

  it("reads all groups of a person, each once", async () => {
    const groups = Array.from({ length: 3000 }, (_, n) => `group ${n}`);
    idp.person = { sub: "1", name: "Min", groups: [...groups, "group 0"] };
    expect((await signIn()).groups).toEqual(groups);
  });

  it("signs a person in without a name if the user information alone fails", async () => {
    idp.person = { sub: "1", groups: ["managers"] };
    idp.fault = "has no user information";
    expect(await signIn()).toMatchObject({ name: null, groups: ["managers"] });
    expect(lines).toEqual([
      {
        message: "could not read the user information of a person without a name",
        facts: { cause: expect.objectContaining({ message: `${idp.issuer}/userinfo answers 502` }) },
      },
    ]);
    idp.person = { sub: "1" };
    expect(await refusal()).toMatchObject({ code: "company-unreachable" });
  });

  it("gives up a provider that hangs, and tries it again later", async () => {
    idp.fault = "hangs";
    const provider = providerAt(idp.issuer, 50);
    await expect(provider.begin(redirectUri, wanted)).rejects.toMatchObject({ kind: "unavailable" });
    idp.fault = null;
    await expect
      .poll(() =>
        provider.begin(redirectUri, wanted).then(
          () => "begun",
          () => pause(10),
        ),
      )
      .toBe("begun");
  });

  it("trusts an issuer by https alone, except on this machine", () => {
    for (const issuer of ["http://login.example.com", "ftp://127.0.0.1", "http://127.0.0.1.evil.example"]) {
      expect(() => providerAt(issuer)).toThrow("must be an https address");
    }
    providerAt("https://login.example.com");
  });

  it("tells by a refresh token which groups the person has now", async () => {
    const provider = providerAt();
    const { refreshToken } = await signIn(provider);
    idp.person = { ...idp.person, groups: ["guards"] };
    const first = await provider.refresh(refreshToken ?? "", { subject: "1" }, wanted);
    expect(first).toMatchObject({ is: "valid", groups: ["guards"] });
    const next = first.is === "valid" ? first.refreshToken : "";
    expect(await provider.refresh(refreshToken ?? "", { subject: "1" }, wanted)).toEqual({ is: "ended" });
    idp.fault = "is down";
    expect(await provider.refresh(next, { subject: "1" }, wanted)).toMatchObject({ is: "unreachable" });
    idp.fault = null;
    expect(await provider.refresh(next, { subject: "another" }, wanted)).toEqual({ is: "ended" });
  });
});

describe("the groups of a person", () => {
  const settings = z.parse(companySettings, {
    groups: {
      guards: { role: "guard", sites: ["hq"] },
      city: { role: "guard", sites: ["city"] },
      managers: { role: "manager", sites: ["hq"] },
      directors: { role: "manager" },
      it: { role: "administrator", sites: ["hq"] },
    },
  });

  it.each([
    [[], null],
    [["unknown", "__proto__", "constructor"], null],
    [["guards"], { role: "guard", sites: ["hq"] }],
    [["guards", "city"], { role: "guard", sites: ["city", "hq"] }],
    [["city", "managers"], { role: "manager", sites: ["city", "hq"] }],
    [["city", "directors"], { role: "manager", sites: null }],
    [["it"], { role: "administrator", sites: null }],
  ])("%j give %j", (groups, grant) => {
    expect(grantOf(groups, settings)).toEqual(grant);
  });
});

describe("oidc.json", () => {
  it("has defaults", () => {
    expect(settingsIn("{}", noFile)).toEqual({
      name: "SSO",
      scope: "openid profile email offline_access",
      ca: null,
      requires: [],
      groupsClaim: "groups",
      groups: {},
    });
  });

  it("names a file of the authority, or has its certificate", () => {
    const pem = pemOf("first.crt");
    expect(settingsIn(JSON.stringify({ ca: pem }), noFile).ca).toBe(pem);
    expect(settingsIn('{"ca":"office.pem"}', (name) => (name === "office.pem" ? pem : "")).ca).toBe(pem);
    expect(() => settingsIn('{"ca":"none.pem"}', noFile)).toThrow("ca: the file none.pem cannot be read: ENOENT");
    expect(() => settingsIn('{"ca":"office.pem"}', () => "no PEM")).toThrow(
      "ca: must be a certificate of an authority",
    );
  });

  it.each([
    ["{", "it is no JSON"],
    ['{"group":{}}', 'unknown "group"'],
    ['{"scope":"profile"}', "scope: "],
    ['{"requires":"mfa"}', "requires: "],
    ['{"ca":7}', "ca: "],
    [
      JSON.stringify({ ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
      "ca: must be a certificate",
    ],
    ['{"groups":{"a":{"role":"king"}}}', "line 1: groups.a.role: must be one of guard, manager, administrator"],
    [
      '{\n  "groupsClaim": "it",\n  "groups": {\n    "it": { "role": "administrator", "sites": ["hq"] }\n  }\n}',
      "line 4: groups.it.sites: an administrator sees all sites",
    ],
    [
      JSON.stringify({ groups: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [n, { role: "guard" }])) }),
      "groups: must have 200 groups at most",
    ],
  ])("refuses sign-ins with its fault: %j", (text, fault) => {
    expect(() => settingsIn(text, noFile)).toThrow(`oidc.json has a fault: ${fault}`);
  });
});

describe("a sealed text", () => {
  const secret = Buffer.alloc(32, 7);
  const flow = {
    state: "s",
    nonce: "n",
    verifier: "v",
    redirectUri,
    next: "#/live",
    invitation: null,
    again: { session: "ses_1", since: 500 },
    expiresAt: 1000,
  };

  it("opens for the same secret and purpose alone", () => {
    const sealed = sealFlow(flow, secret);
    expect(openFlow(sealed, secret, 999)).toEqual(flow);
    expect(openFlow(sealed, secret, 1000)).toBeNull();
    expect(openFlow(sealed, Buffer.alloc(32, 8), 0)).toBeNull();
    for (const place of [0, Math.floor(sealed.length / 2), -2]) {
      expect(openFlow(changedAt(sealed, place), secret, 0)).toBeNull();
    }
    for (const text of ["", "x", "a".repeat(60)]) expect(openFlow(text, secret, 0)).toBeNull();
    expect(openRefresh(sealRefresh("token", "gps_a"), "gps_a")).toBe("token");
    expect(openRefresh(sealRefresh("token", "gps_a"), "gps_b")).toBeNull();
  });
});
