import {
  type CompanyPorts,
  companySettings,
  type Flow,
  flowMs,
  openFlow,
  sealFlow,
  sealRefresh,
  writtenSettings,
} from "@gatepost/core/company";
import { GatepostError, visible } from "@gatepost/core/errors";
import * as z from "zod";
import type { From } from "../access/caller.ts";
import { accountOf } from "../access/company.ts";
import { cookieIn, flowCookie, flowCookieName } from "../access/cookies.ts";
import { consoleAt } from "../access/own-origin.ts";
import { beginSession } from "../access/sign-in.ts";
import { administratorsAlone } from "../access/who.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";

const done = "/v1/sign-in/oidc/done";

const unknownProxy = new GatepostError(
  "unavailable",
  "a proxy that is not trusted reports https: start with --public-url https://…, or with --trust-proxy and its address",
  { code: "company-proxy" },
);

/** An address within the console: a redirect must lead nowhere else. */
const next = z
  .string()
  .max(2000)
  .regex(/^#\/[\x21-\x7e]*$/, "must be an address of the console, as #/live");

const begin = openRoute({
  method: "GET",
  path: "/v1/sign-in/oidc",
  about: {
    summary: "Sign in by the company",
    detail:
      "Sends the browser to the company's provider, with a cookie that is valid for ten minutes. A link on another site " +
      "leads to the sign-in page: a person must ask for it here.",
    answer: {
      status: 303,
      is: "The address at the provider; of the sign-in page, with the code as `why`, if that fails.",
    },
    others: { 404: "There is no company sign-in here." },
    example: { query: { next: "#/live" } },
  },
  asks: {
    query: z.object({
      next: next.meta({ description: "The address in the console to which the sign-in leads." }).exactOptional(),
      invitation: z
        .string()
        .regex(/^gpv_[\w-]{27}$/, "must be the end of an invitation link")
        .meta({ description: "The token of an invitation that the person accepts." })
        .exactOptional(),
    }),
  },
  async answer({ query, headers, from }, deps) {
    const { provider, settings } = companyOf(deps);
    if (isFromElsewhere(headers))
      return new Response(null, { status: 303, headers: { location: `${from.basePath}/#/sign-in` } });
    // The provider would refuse an address by http, or send the browser to one that it does not reach.
    if (from.origin === null && from.saysHttps && !from.isHttps) {
      return new Response(null, { status: 303, headers: { location: failed(unknownProxy, from, deps) } });
    }
    const redirectUri = consoleAt(headers, from) + done;
    const sent = await settings
      .read()
      .then((read) => provider.begin(redirectUri, read.settings))
      .catch((error: unknown) => failed(error, from, deps));
    if (typeof sent === "string") return new Response(null, { status: 303, headers: { location: sent } });
    const { address, ...begun } = sent;
    const expiresAt = deps.clock() + flowMs;
    const flow = { ...begun, next: query.next ?? "#/live", invitation: query.invitation ?? null, expiresAt };
    const cookie = flowCookie(sealFlow(flow, deps.cursorSecret), { ...from, maxAge: flowMs / 1000 });
    return new Response(null, { status: 303, headers: { location: address, "set-cookie": cookie } });
  },
});

const finish = openRoute({
  method: "GET",
  path: done,
  about: {
    summary: "Come back from the company's provider",
    detail:
      "For the browser alone. It sets the session cookie and leads to the console; a refusal leads to the sign-in page, with its " +
      "code as `why`.",
    answer: { status: 303, is: "The address in the console." },
    example: { query: { code: "…", state: "…" } },
  },
  asks: {
    query: z.looseObject({
      code: z.string().max(4096).meta({ description: "The code of the provider." }).exactOptional(),
      state: z.string().max(1024).meta({ description: "As it was sent." }).exactOptional(),
    }),
  },
  async answer({ query, headers, from }, deps) {
    const name = flowCookieName(from);
    const flow = openFlow(cookieIn(headers, name) ?? "", deps.cursorSecret, deps.clock());
    const answer = new Headers({ location: `${from.basePath}/#/live` });
    answer.append("set-cookie", flowCookie("", { ...from, maxAge: 0 }));
    try {
      if (flow === null)
        throw new GatepostError("forbidden", "this sign-in took too long", { code: "company-refused" });
      answer.append("set-cookie", await signedIn(flow, { query, headers, from }, deps));
      answer.set("location", `${from.basePath}/${flow.next}`);
    } catch (error) {
      answer.set("location", failed(error, from, deps));
    }
    return new Response(null, { status: 303, headers: answer });
  },
});

/** The address of the sign-in page that says why a sign-in failed. The log has the cause. */
function failed(error: unknown, { basePath }: From, { log }: Pick<ApiPorts, "log">): string {
  const { code = "company-setup", message, cause } = visible(error);
  log.warn("a sign-in by the company failed", { code, reason: message, cause });
  return `${basePath}/#/sign-in?why=${code}`;
}

/** Begins the session of the person for whom the provider sent the browser back. Returns its cookie. */
async function signedIn(
  flow: Flow,
  { query, headers, from }: { query: Record<string, unknown>; headers: Headers; from: From },
  deps: ApiPorts,
): Promise<string> {
  const { provider, settings: store } = companyOf(deps);
  const { settings } = await store.read();
  const returned = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) returned.set(name, String(value));
  const person = await provider.finish(returned, flow, settings);
  const account = await accountOf(person, { invitation: flow.invitation, settings }, deps);
  const { refreshToken } = person;
  const refresh = refreshToken === null ? {} : { refreshFor: (token: string) => sealRefresh(refreshToken, token) };
  return beginSession({ account, with: "company", stays: false, ...refresh }, { from, headers }, deps);
}

const settingsAnswer = namedObject("CompanySignIn", {
  version: z.string().meta({ description: "For the next change." }),
  isFile: z
    .boolean()
    .meta({ description: "Whether oidc.json in the data folder has the settings: change them there." }),
  settings: companySettings,
});

const exampleSettings = {
  name: "Northgate",
  scope: "openid profile email offline_access",
  groupsClaim: "groups",
  groups: { guards: { role: "guard" as const, sites: ["hq"] } },
};

const getSettings = route({
  method: "GET",
  path: "/v1/company",
  who: administratorsAlone,
  about: {
    summary: "Get the settings of the company's sign-in",
    answer: { status: 200, is: "The settings.", schema: settingsAnswer },
    others: { 404: "There is no company sign-in here." },
  },
  async answer(_, deps) {
    const { settings: store } = companyOf(deps);
    return Response.json(await store.read());
  },
});

const putSettings = route({
  method: "PUT",
  path: "/v1/company",
  who: administratorsAlone,
  about: {
    summary: "Change the settings of the company's sign-in",
    detail: "A group maps to a role and to sites; null is all sites. People get a changed role at the next refresh.",
    answer: { status: 200, is: "The settings as they are now.", schema: settingsAnswer },
    others: {
      404: "There is no company sign-in here.",
      409: "oidc.json has the settings.",
      412: "Someone else has changed them.",
    },
    example: { body: { version: "1", settings: exampleSettings } },
  },
  asks: { body: z.strictObject({ version: z.string().regex(/^\d{1,15}$/), settings: writtenSettings }) },
  audits: {
    action: "company-changed",
    about: ({ body: { settings } }) => ({ groups: Object.keys(settings.groups).length }),
  },
  async answer({ body: { version, settings } }, deps) {
    const { settings: store } = companyOf(deps);
    if (!(await store.write(settings, version))) {
      throw new GatepostError("outdated", "someone else has changed the settings; read them again");
    }
    return Response.json(await store.read());
  },
});

export const companyRoutes = [begin, finish, getSettings, putSettings];

/** Whether a page of another site leads here: the person has not asked to sign in. */
function isFromElsewhere(headers: Headers): boolean {
  return ["cross-site", "same-site"].includes(headers.get("sec-fetch-site") ?? "");
}

function companyOf({ company }: ApiPorts): CompanyPorts {
  if (company !== null) return company;
  throw new GatepostError("not-found", "there is no company sign-in here; start with --oidc-issuer");
}
