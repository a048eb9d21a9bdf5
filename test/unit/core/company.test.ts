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
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { OidcProvider } from "../../standins/oidc/provider.ts";
import { changedAt } from "../../support/changed-at.ts";

const wanted = { scope: "openid profile email offline_access", groupsClaim: "groups" };
const redirectUri = "http://127.0.0.1:9528/v1/sign-in/oidc/done";

let idp: OidcProvider;
let now: number;

beforeEach(async () => {
  idp = await new OidcProvider().start();
  onTestFinished(() => idp.stop());
  now = 0;
});

const providerAt = (issuer = idp.issuer, timeoutMs = 60_000) =>
  new CompanyProvider({
    ...{ issuer, clientId: idp.client.id, clientSecret: idp.client.secret, timeoutMs },
    clock: () => now,
  });

async function signIn(provider = providerAt()) {
  const begun = await provider.begin(redirectUri, wanted);
  return provider.finish(idp.approve(begun.address).searchParams, begun, wanted);
}

describe("the company's provider", () => {
  it("names the person of a sign-in, with the groups", async () => {
    expect(await signIn()).toEqual({
      ...{ issuer: idp.issuer, subject: "1", name: "陈敏", email: "chen.min@example.com", groups: ["managers"] },
      refreshToken: expect.any(String),
    });
  });

  it("sends the browser with a challenge, a state and a nonce, which differ each time", async () => {
    const [one, two] = [await providerAt().begin(redirectUri, wanted), await providerAt().begin(redirectUri, wanted)];
    const { searchParams: asked } = new URL(one.address);
    expect(Object.fromEntries(asked)).toMatchObject({
      ...{ response_type: "code", client_id: "gatepost", redirect_uri: redirectUri, scope: wanted.scope },
      ...{ code_challenge_method: "S256", state: one.state, nonce: one.nonce },
    });
    expect(asked.get("code_challenge")).not.toBe(one.verifier);
    expect(new Set([one.state, two.state, one.nonce, two.nonce, one.verifier, two.verifier]).size).toBe(6);
  });

  it("takes the groups from the user information if the ID token has none", async () => {
    idp.hasUserInfo = true;
    expect((await signIn()).groups).toEqual(["managers"]);
  });

  it.each([
    "alg none",
    "signed with the client secret",
    "signed with a foreign key",
    "other audience",
    "other issuer",
    "other nonce",
    "expired",
    "no ID token",
  ] as const)("refuses an ID token: %s", async (fault) => {
    const provider = providerAt();
    await signIn(provider);
    idp.fault = fault;
    await expect(signIn(provider)).rejects.toMatchObject({ kind: "forbidden", code: "company-refused" });
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
    const denied = new URLSearchParams({ error: "access_denied", state: begun.state });
    await expect(provider.finish(denied, begun, wanted)).rejects.toMatchObject(refused);
  });

  it("takes keys that are rotated in the middle", async () => {
    const provider = providerAt();
    await signIn(provider);
    idp.rotateKeys();
    expect((await signIn(provider)).subject).toBe("1");
  });

  it.each(["is down", "answers huge", "redirects"] as const)(
    "says that a provider does not answer if it %s",
    async (fault) => {
      idp.fault = fault;
      await expect(signIn()).rejects.toMatchObject({ kind: "unavailable", code: "company-unreachable" });
      idp.fault = null;
      await signIn();
    },
  );

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

  it("refuses metadata of another issuer", async () => {
    idp.fault = "names another issuer";
    await expect(signIn()).rejects.toMatchObject({ kind: "unavailable", code: "company-unreachable" });
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
  it("has defaults, and a fault in it refuses sign-ins", () => {
    expect(settingsIn("{}")).toEqual({
      ...{ name: "SSO", scope: "openid profile email offline_access", groupsClaim: "groups", groups: {} },
    });
    for (const text of ["{", '{"groups":{"a":{"role":"king"}}}', '{"group":{}}', '{"scope":"profile"}']) {
      expect(() => settingsIn(text)).toThrow("oidc.json has a fault");
    }
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
