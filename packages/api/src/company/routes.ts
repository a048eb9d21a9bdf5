import {
  type CompanyPerson,
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
import { cookieIn, flowCookie, flowCookieName, sessionTokenIn } from "../access/cookies.ts";
import { consoleAt } from "../access/own-origin.ts";
import { beginSession, noteSignIn } from "../access/sign-in.ts";
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
      "leads to the sign-in page: a person must ask for it here. With `again` the provider asks for a proof " +
      "(`max_age=0`), and the session that this browser has is fresh afterwards.",
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
      again: z
        .literal("1", "must be 1")
        .meta({ description: "`1`: the person who is signed in proves once more who they are." })
        .exactOptional(),
    }),
  },
  async answer({ query, headers, from }, deps) {
    const { provider, settings } = companyOf(deps);
    if (isFromElsewhere(headers))
      return new Response(null, { status: 303, headers: { location: `${from.basePath}/#/sign-in` } });
    const isAgain = query.again === "1";
    const sent = await sendTo(provider, { isAgain, settings, headers, from }, deps).catch((error: unknown) =>
      failed(error, { from, isAgain }, deps),
    );
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
      code: z.string().max(4096).exactOptional(),
      state: z.string().max(1024).exactOptional(),
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
      const cookie = await finished(flow, { query, headers, from }, deps);
      if (cookie !== null) answer.append("set-cookie", cookie);
      answer.set("location", `${from.basePath}/${cookie === null ? provedHere : flow.next}`);
    } catch (error) {
      answer.set("location", failed(error, { from, isAgain: flow?.again != null }, deps));
    }
    return new Response(null, { status: 303, headers: answer });
  },
});

/** The page of the console that tells the page that opened it about a proof; with `=CODE` behind it, why it failed. */
const provedHere = "#proved";

/** The address of the page that says why a sign-in or a proof failed. The log has the cause. */
function failed(
  error: unknown,
  { from: { basePath }, isAgain }: { from: From; isAgain: boolean },
  { log }: Pick<ApiPorts, "log">,
): string {
  const { code = "company-setup", message, cause } = visible(error);
  log.warn("a sign-in by the company failed", { code, reason: message, cause });
  return `${basePath}/${isAgain ? `${provedHere}=` : "#/sign-in?why="}${code}`;
}

/** Begins at the provider. Throws if it cannot be used, or no person of the company is signed in who could prove it. */
async function sendTo(
  provider: CompanyPorts["provider"],
  asked: { isAgain: boolean; settings: CompanyPorts["settings"]; headers: Headers; from: From },
  deps: ApiPorts,
): Promise<Awaited<ReturnType<CompanyPorts["provider"]["begin"]>> & Pick<Flow, "again">> {
  const { isAgain, headers, from } = asked;
  // The provider would refuse an address by http, or send the browser to one that it does not reach.
  if (from.origin === null && from.saysHttps && !from.isHttps) throw unknownProxy;
  const token = isAgain ? sessionTokenIn(headers, from) : undefined;
  const session = token === undefined ? null : await deps.sessions.findByToken(token);
  if (isAgain && session?.with !== "company") throw notThisPerson;
  const { settings } = await asked.settings.read();
  const begun = await provider.begin(consoleAt(headers, from) + done, settings, { isAgain });
  return { ...begun, again: session === null ? null : { session: session.id, since: deps.clock() } };
}

const notThisPerson = new GatepostError("forbidden", "the person at the company is not the one who is signed in here", {
  code: "company-other",
});

/** ms by which the clock of a provider may be behind. */
const clockDifferenceMs = 60_000;

/** Makes the session fresh whose person has signed in at the provider after it was asked. Throws 403 for any other. */
async function proved(
  { session, since }: NonNullable<Flow["again"]>,
  { issuer, subject, authTime }: CompanyPerson,
  { from, deps }: { from: From; deps: ApiPorts },
): Promise<void> {
  if (authTime === null || authTime < since - clockDifferenceMs) {
    const fault = authTime === null ? "tells no auth_time" : "did not ask the person again";
    throw new GatepostError("forbidden", `the company's provider ${fault}, though max_age=0 asks for it`, {
      code: "company-not-asked",
    });
  }
  const account = await deps.accounts.byIdentity({ issuer, subject });
  if (account === null || !(await deps.sessions.prove(session, account.id, { at: Math.min(authTime, deps.clock()) }))) {
    throw notThisPerson;
  }
  await noteSignIn({ by: account.id, with: "company", isAgain: true, from }, deps);
}

/**
 * Begins the session of the person for whom the provider sent the browser back, and returns its cookie. Null: the person
 * has proved once more who they are, and the session stays.
 */
async function finished(
  flow: Flow,
  { query, headers, from }: { query: Record<string, unknown>; headers: Headers; from: From },
  deps: ApiPorts,
): Promise<string | null> {
  const { provider, settings: store } = companyOf(deps);
  const { settings } = await store.read();
  const returned = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) returned.set(name, String(value));
  const person = await provider.finish(returned, flow, settings);
  if (flow.again !== null) {
    await proved(flow.again, person, { from, deps });
    return null;
  }
  const account = await accountOf(person, { invitation: flow.invitation, settings }, deps);
  const { refreshToken, authTime } = person;
  const refresh = refreshToken === null ? {} : { refreshFor: (token: string) => sealRefresh(refreshToken, token) };
  return beginSession(
    { account, with: "company", authTime: authTime ?? 0, stays: false, ...refresh },
    { from, headers },
    deps,
  );
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
  dear: true,
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
