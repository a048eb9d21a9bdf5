import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OidcProvider } from "../../standins/oidc/provider.ts";
import type { Running } from "./main-job.ts";

/** The company's sign-in in a browser, on any runtime. */
export function company(
  runtime: string,
  start: (provider: OidcProvider) => Promise<Running>,
  { isHttps }: { isHttps: boolean },
): void {
  describe(`on ${runtime}, the company's sign-in`, () => {
    const idp = new OidcProvider();
    let running: Running;
    beforeAll(async () => {
      await idp.start();
      // As Authentik, whose address people type without the slash.
      idp.isSlashed = true;
      running = await start(idp);
      expect((await write("0", { managers: { role: "manager" }, it: { role: "administrator" } })).status).toBe(200);
    });
    afterAll(async () => {
      await running.stop();
      await idp.stop();
    });
    beforeEach(() => {
      idp.fault = null;
    });

    /** Writes the roles of groups. */
    function write(version: string, groups: object): Promise<Response> {
      const headers = { authorization: `Bearer ${running.admin}`, "content-type": "application/json" };
      const body = JSON.stringify({ version, settings: { groups } });
      return fetch(`${running.url}/v1/company`, { method: "PUT", headers, body });
    }

    /** Signs in as the person at the provider. Returns the address to which that leads, and the account. */
    async function signIn({ query = "", session = "" } = {}) {
      const ask = (path: string, cookie = "") => fetch(running.url + path, { redirect: "manual", headers: { cookie } });
      const begun = await ask(`/v1/sign-in/oidc${query}`, session);
      const [flow = ""] = begun.headers.getSetCookie().map((one) => one.split(";", 1)[0]);
      const to = begun.headers.get("location") ?? "";
      if (to.startsWith("/#")) return { to, account: null, session };
      const back = idp.approve(to);
      expect(back.protocol).toBe(isHttps ? "https:" : "http:");
      const answer = await ask(back.pathname + back.search, flow);
      const cookie = answer.headers.getSetCookie().findLast((one) => one.includes("gps_")) ?? "";
      const [begunSession = ""] = cookie.split(";", 1);
      const me = cookie === "" ? { account: null } : await (await ask("/v1/me", begunSession)).json();
      const { account } = me as { account: object | null };
      return { to: answer.headers.get("location"), account, session: begunSession };
    }

    it("takes an issuer with a slash more, and no subject for an e-mail address", async () => {
      idp.person = { sub: "7", given_name: "Min", family_name: "Chen", groups: ["managers"] };
      expect(await signIn()).toMatchObject({ to: "/#/live", account: { name: "Min Chen", email: null } });
    });

    it("is not set up right without groups, or with an encrypted ID token", async () => {
      idp.person = { sub: "8", name: "Bo" };
      expect((await signIn()).to).toBe("/#/sign-in?why=company-setup");
      idp.person = { sub: "8", name: "Bo", groups: ["managers"] };
      idp.fault = "encrypted";
      expect((await signIn()).to).toBe("/#/sign-in?why=company-setup");
      idp.fault = "other nonce";
      expect((await signIn()).to).toBe("/#/sign-in?why=company-refused");
      idp.fault = null;
      expect((await signIn()).to).toBe("/#/live");
    });

    it("asks its person once more before an admin key is made", async () => {
      idp.person = { sub: "9", name: "Ida", groups: ["it"] };
      const { session } = await signIn();
      const make = async () => {
        const headers = { cookie: session, "sec-fetch-site": "same-origin", "content-type": "application/json" };
        const body = JSON.stringify({ scope: "admin" });
        const answer = await fetch(`${running.url}/v1/keys`, { method: "POST", headers, body });
        return [answer.status, ((await answer.json()) as { code?: string }).code];
      };
      expect(await make()).toEqual([403, "factor-needed"]);
      idp.fault = "tells no auth_time";
      expect((await signIn({ query: "?again=1", session })).to).toBe("/#proved=company-not-asked");
      expect(await make()).toEqual([403, "factor-needed"]);
      idp.fault = null;
      expect((await signIn({ query: "?again=1", session })).to).toBe("/#proved");
      expect(await make()).toEqual([201, undefined]);
    });

    it("refuses settings that limit administrators to sites", async () => {
      const refused = await write("1", { it: { role: "administrator", sites: ["hq"] } });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("sees all sites")]);
    });
  });
}
