import { freshMs } from "@gatepost/core/accounts";
import { describe, expect, it } from "vitest";
import { apiDocument } from "../../../packages/api/src/api.ts";
import type { Operation } from "../../../packages/api/src/openapi/document.ts";
import { exampleTokens } from "../../../packages/api/src/openapi/examples.ts";
import { addAccount, signedIn } from "./people.ts";
import { requestOf, runtime, type TestRuntime, withExamples } from "./support.ts";

/**
 * Who may use each route of the document: `g` guard and above, `m` manager and above, `a` administrator, `k` a read key,
 * `p` only one that may read people, `s` a key to settle
 * actions, `A` an admin key; `-` any client. It is written a second time: a route cannot check itself.
 */
const table = `
  g ksA GET /v1/me
  g kA  GET /v1/events/count
  g kA  GET /v1/events/{id}/neighbours
  g kA  POST /v1/events/missing
  g kA  GET /v1/events
  g ksA GET /v1/events/{id}
  a A!  DELETE /v1/events/{id}
  g kA  PUT /v1/events/{id}/seen
  g kA  POST /v1/acknowledgements
  g kA  DELETE /v1/acknowledgements/{id}
  g kA  GET /v1/standing
  g kA  GET /v1/alarms
  a A   PUT /v1/alarms
  g A   POST /v1/events/{id}/notes
  g kA  GET /v1/events/{id}/notes
  g ksA GET /v1/events/{id}/pictures/{kind}
  g ksA GET /v1/events/{id}/pictures/{kind}/link
  - -   GET /v1/pictures/{link}
  g kA  GET /v1/actions
  g ksA GET /v1/actions/{id}
  g kA  GET /v1/actions/count
  g ksA POST /v1/actions/{id}
  m A   POST /v1/actions/{id}/approval
  m A   POST /v1/actions/{id}/approval/undo
  g ksA GET /v1/actions/{id}/photo
  a kA  GET /v1/deadletters
  a A   POST /v1/deadletters/{id}/send
  a A   POST /v1/deadletters/send
  a A   GET /v1/deliveries
  a A   POST /v1/deliveries/{id}/send
  m kA  GET /v1/rules
  m kA  POST /v1/rules/try
  m kA  POST /v1/rules/preview
  m A   PUT /v1/rules/{name}
  m A   DELETE /v1/rules/{name}
  m A   POST /v1/rules/{name}/ping
  m A   POST /v1/rules/{name}/resend
  g -   GET /v1/push
  g -   POST /v1/push/subscriptions
  g -   PATCH /v1/push/subscriptions/{id}
  g -   DELETE /v1/push/subscriptions/{id}
  g -   POST /v1/push/subscriptions/{id}/test
  - -   GET /v1/mutes/{link}
  - -   POST /v1/mutes/{link}
  a kA  GET /v1/retention
  a A!  PUT /v1/retention
  a A   GET /metrics
  a kA  GET /v1/quarantine/groups
  a kA  GET /v1/quarantine
  a kA  GET /v1/quarantine/{id}
  a kA  GET /v1/quarantine/{id}/sample
  a A   POST /v1/quarantine/{id}/replay
  a kA  GET /v1/quarantine/{id}/pictures/{path}
  g kA  GET /v1/counts
  m kA  GET /v1/stats
  m kA  GET /v1/flags
  a A!  DELETE /v1/people
  m pA  GET /v1/people
  m pA  GET /v1/people/alike
  m A   PUT /v1/people/alike
  m pA  GET /v1/people/erased
  m pA  GET /v1/groups
  a A   GET /v1/people/settings
  a A!  PUT /v1/people/settings
  m pA  GET /v1/people/{library}/{id}
  m A   PATCH /v1/people/{library}/{id}
  m pA  GET /v1/people/{library}/{id}/days
  m pA  GET /v1/people/{library}/{id}/captures
  g kA  GET /v1/events/{id}/near
  m pA  GET /v1/hours
  m pA  GET /v1/hours/{library}/{id}/{day}
  m A   POST /v1/hours/corrections
  m A   DELETE /v1/hours/corrections/{id}
  m A!  POST /v1/hours/close
  m A   GET /v1/hours/mail
  m A   PUT /v1/hours/mail
  m A   DELETE /v1/hours/mail
  m pA  GET /v1/schedules
  m A   PUT /v1/schedules/{id}
  m A   DELETE /v1/schedules/{id}
  m A   POST /v1/schedules/{id}/try
  m pA  GET /v1/rosters/{site}/{month}
  m A   PUT /v1/rosters/{site}/{month}
  m A   PATCH /v1/rosters/{site}/{month}
  m pA  GET /v1/presence
  m pA  GET /v1/visits
  m A   POST /v1/presence/corrections
  m A   DELETE /v1/presence/corrections/{id}
  g A   GET /v1/rolls
  m A   POST /v1/rolls
  g A   GET /v1/rolls/{id}
  g A   GET /v1/rolls/{id}/ticks
  g A   POST /v1/rolls/{id}/ticks
  m A   POST /v1/rolls/{id}/close
  m A   POST /v1/rolls/{id}/links
  m A   DELETE /v1/rolls/{id}/links
  - -   GET /v1/roll-links/{token}
  - -   GET /v1/roll-links/{token}/ticks
  - -   POST /v1/roll-links/{token}/ticks
  g kA? POST /v1/jobs
  g kA  GET /v1/jobs/{id}
  g kA  DELETE /v1/jobs/{id}
  g kA  POST /v1/jobs/{id}/undo
  m A   GET /v1/bridges
  a kA  GET /v1/removals
  a kA  POST /v1/removals/{id}
  - -   GET /v1/exports/{link}
  a A   POST /v1/imports
  a A!  POST /v1/imports/{id}
  a A   POST /v1/imports/{id}/end
  a A!  POST /v1/sign-in/links
  - -   POST /v1/sign-in/setup
  g kA  POST /v1/sign-in/key
  g kA  POST /v1/tickets
  g kA  DELETE /v1/tickets
  m kA  GET /SophonDevice/api/Devices
  m kA  GET /v1/boxes
  m kA  GET /v1/boxes/{id}
  a A   PATCH /v1/boxes/{id}
  a A   GET /v1/boxes/{id}/arrivals
  a A   GET /v1/unknown-terminals
  a A   GET /v1/sources
  a A   PATCH /v1/devices/{id}
  g kA  GET /v1/sites
  g kA  GET /v1/sites/{id}
  a A   PUT /v1/sites/{id}
  a A   DELETE /v1/sites/{id}
  g kA  GET /v1/find
  g A   GET /v1/views
  g A   POST /v1/views
  g A   PATCH /v1/views/{id}
  g A   DELETE /v1/views/{id}
  a A   GET /v1/mappings
  a A   POST /v1/mappings
  a A   GET /v1/mappings/{id}
  a A   GET /v1/mappings/{id}/records
  a A   PUT /v1/mappings/{id}
  a A   DELETE /v1/mappings/{id}
  a A   GET /v1/mappings/{id}/undo
  a A   POST /v1/mappings/{id}/undo
 a A   POST /v1/mappings/suggest
 a A   POST /v1/mappings/try
 a A   GET /v1/mappings/values
 a A   GET /v1/quarantine/{id}/values
  m A?  POST /v1/keys
  a A   GET /v1/keys
  a A   DELETE /v1/keys/{id}
  - -   GET /v1/sign-in
  - -   POST /v1/sessions
  g A   GET /v1/sessions
  g A   DELETE /v1/sessions
  g kA  DELETE /v1/sessions/{id}
  g -?  PUT /v1/password
  - -   GET /v1/sign-in/oidc
  - -   GET /v1/sign-in/oidc/done
  a A   GET /v1/company
  a A!  PUT /v1/company
  a A   GET /v1/accounts
  a A!  POST /v1/accounts
  a A!  POST /v1/accounts/first
  a A!  PATCH /v1/accounts/{id}
  a A!  DELETE /v1/accounts/{id}
  a A!  POST /v1/accounts/{id}/invitation
  a A!  DELETE /v1/accounts/{id}/factors
  g -   GET /v1/me/factors
  g -!  POST /v1/me/factors
  g -   POST /v1/me/factors/{id}/confirm
  g -!  DELETE /v1/me/factors/{id}
  a A   GET /v1/sign-in/policy
  a A!  PUT /v1/sign-in/policy
  - -   POST /v1/sessions/factor
  - -   POST /v1/sessions/factor/options
  - -   POST /v1/sessions/passkey/options
  - -   GET /v1/invitations/{token}
  - -   POST /v1/invitations/{token}
  a A   GET /v1/audit
  a A   POST /v1/audit/verify
  - -   GET /healthz
`;

const document = apiDocument();

const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

const allowed = new Map(
  table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/ +/))
    .map(([role = "", keys = "", method, path]) => [`${method} ${path}`, { role, keys }]),
);

/** The callers, whether a route is open to each, and the headers of each. */
type Caller = [name: string, may: (who: { role: string; keys: string }) => boolean, headers: Headers];
type Headers = (deps: TestRuntime) => Promise<Record<string, string>>;

const withKey = (scope: "ingest" | "read" | "settle" | "admin", bounds = {}): Headers => {
  return async ({ ingest }) => {
    const token = ingest.addKey(scope, scope === "ingest" ? "gate-1" : null, bounds);
    return { authorization: `Bearer ${token}` };
  };
};

const asPerson = (role: "guard" | "manager" | "administrator", boxes: string[] | null = null): Headers => {
  return async (deps) => signedIn(deps, await addAccount(deps, role, { boxes }));
};

const isOpen = ({ role }: { role: string }) => role === "-";
const nobodyMay: Caller[1] = isOpen;

const callers: Caller[] = [
  ["nobody", nobodyMay, async () => ({ authorization: "" })],
  ["the key of a box", nobodyMay, withKey("ingest")],
  ["a read key", (who) => isOpen(who) || who.keys.includes("k"), withKey("read")],
  ["a read key of one box", (who) => isOpen(who) || who.keys.includes("k"), withKey("read", { boxes: ["gate-1"] })],
  ["a read key that may read people", (who) => isOpen(who) || /[kp]/.test(who.keys), withKey("read", { people: true })],
  ["a key to settle", (who) => isOpen(who) || who.keys.includes("s"), withKey("settle")],
  ["an admin key", (who) => isOpen(who) || who.keys.includes("A"), withKey("admin")],
  ["a guard", ({ role }) => "g-".includes(role), asPerson("guard")],
  ["a guard of one box", ({ role }) => "g-".includes(role), asPerson("guard", ["gate-1"])],
  ["a manager", ({ role }) => "gm-".includes(role), asPerson("manager")],
  ["a manager of one box", ({ role }) => "gm-".includes(role), asPerson("manager", ["gate-1"])],
  ["an administrator", () => true, asPerson("administrator")],
  [
    "a disabled administrator",
    nobodyMay,
    async (deps) => {
      await addAccount(deps, "administrator");
      const id = await addAccount(deps, "administrator");
      const headers = await signedIn(deps, id);
      await deps.deps.accounts.change(id, { isDisabled: true });
      return headers;
    },
  ],
  [
    "a manager whose sessions were ended",
    nobodyMay,
    async (deps) => {
      const id = await addAccount(deps, "manager");
      const headers = await signedIn(deps, id);
      await deps.deps.accounts.endSessions(id);
      return headers;
    },
  ],
  [
    "somebody with a made-up cookie",
    nobodyMay,
    async () => ({ authorization: "", cookie: `gatepost=gps_${"a".repeat(27)}` }),
  ],
];

/** Whether a request was stopped at the door, by the kind of caller alone. */
async function isStopped(answer: Response): Promise<boolean> {
  if (answer.status === 401) return ((await answer.json()) as { code?: string }).code !== "wrong";
  if (answer.status !== 403) return false;
  const { code, detail = "" } = (await answer.json()) as { code?: string; detail?: string };
  return code === "role" || code === "other-site" || /^this is (a key to|for people who)/.test(detail);
}

function askWith(
  deps: TestRuntime,
  { method, path, operation }: (typeof routes)[number],
  headers: Record<string, string>,
) {
  const { address, ...sent } = requestOf(path, operation as Operation);
  const half = `${headers["cookie"] ?? ""}; gatepost-half=${exampleTokens.half}`;
  const also = path.startsWith("/v1/sessions/factor") ? { cookie: half } : {};
  return deps.ask(address, { method, ...sent, headers: { ...sent.headers, ...headers, ...also } });
}

describe("who may use a route", () => {
  it("the table names every route of the document, and no other", () => {
    expect([...allowed.keys()].sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each(routes)("$method $path is open to exactly the callers of the table", async (route) => {
    const who = allowed.get(`${route.method} ${route.path}`) ?? { role: "", keys: "" };
    const wrong: string[] = [];
    // A caller that is stopped changes nothing for the next one, nor does one that reads.
    const shared = await withExamples();
    for (const [name, may, headersOf] of callers) {
      const deps = may(who) && route.method !== "GET" ? await withExamples() : shared;
      const answer = await askWith(deps, route, await headersOf(deps));
      if ((await isStopped(answer)) === may(who)) wrong.push(`${name}: ${answer.status}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each(routes)("$method $path asks a session for a proof as the table says", async (route) => {
    const { keys = "" } = allowed.get(`${route.method} ${route.path}`) ?? {};
    const deps = await withExamples();
    const person = await signedIn(deps, await addAccount(deps, "administrator"));
    deps.ingest.now += freshMs;
    const answer = await askWith(deps, route, person);
    const problem = answer.status === 403 ? ((await answer.json()) as { code?: string; needs?: string[] }) : {};
    const isAsked = keys.includes("!");
    expect([problem.code === "factor-needed", problem.needs]).toEqual([isAsked, isAsked ? ["password"] : undefined]);
    expect(route.operation.description?.includes("Session: `fresh`.") ?? false).toBe(/[!?]/.test(keys));
  });

  it.each(routes.filter(({ method }) => method !== "GET"))(
    "$method $path refuses a page of another site, even with an administrator's cookie",
    async (route) => {
      const deps = await withExamples();
      const person = await signedIn(deps, await addAccount(deps, "administrator"));
      const before = JSON.stringify([...(await deps.deps.accounts.page({ limit: 10, cursor: null })).items]);
      for (const other of [
        { "sec-fetch-site": "cross-site" },
        { origin: "https://evil.example", "sec-fetch-site": "" },
      ]) {
        const answer = await askWith(deps, route, { ...person, ...other });
        const isFree = allowed.get(`${route.method} ${route.path}`)?.role === "-" && route.path.includes("/mutes/");
        if (!isFree)
          expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, "other-site"]);
      }
      expect(JSON.stringify([...(await deps.deps.accounts.page({ limit: 10, cursor: null })).items])).toBe(before);
    },
  );
});

/** The parts that differ between any two answers. */
const chance =
  /"(ticket|secret|uri|expires|id|name|email|lastSeen|startedAt|usedAt|expiresAt)":"[^"]*"|job_\w{24}|acc_\w{18}/g;

/** Routes on which a manager of some boxes is told something else than that nothing is there. */
const refusing = ["setRule", "deleteRule", "pingRule"];

describe("an account that is limited to a box", () => {
  const forPeople = routes.filter(({ method, path }) => "gm".includes(allowed.get(`${method} ${path}`)?.role ?? "x"));

  it.each(forPeople)("$method $path shows nothing of another box", async (route) => {
    const answerAt = async (deps: TestRuntime) => {
      const role = allowed.get(`${route.method} ${route.path}`)?.role === "g" ? "guard" : "manager";
      const person = await signedIn(deps, await addAccount(deps, role, { boxes: ["gate-2"] }));
      const answer = await askWith(deps, route, person);
      return { status: answer.status, text: (await answer.text()).replaceAll(chance, "") };
    };
    const full = await withExamples();
    if (refusing.includes(route.operation.operationId)) {
      expect([403, 412]).toContain((await answerAt(full)).status);
      return;
    }
    const empty = await runtime();
    empty.deps.rules = full.deps.rules && {
      ...full.deps.rules,
      read: async () => ({ version: "v1", rules: [], faults: [] }),
    };
    expect(await answerAt(full)).toEqual(await answerAt(empty));
  });
});
