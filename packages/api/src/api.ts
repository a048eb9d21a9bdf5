import type { Refused } from "@gatepost/core/arrivals";
import { GatepostError, nothingHere } from "@gatepost/core/errors";
import { type Context, Hono } from "hono";
import type * as z from "zod";
import { factorRoutes } from "./accounts/factors.ts";
import { meRoutes } from "./accounts/me.ts";
import { policyRoutes } from "./accounts/policy.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { signInRoutes } from "./accounts/sign-in.ts";
import { actionRoutes, approvalRoutes } from "./acting/routes.ts";
import { alarmRoutes } from "./alarms/routes.ts";
import { muteRoutes } from "./alerts/mutes.ts";
import { auditRoutes } from "./audit/routes.ts";
import { deviceSettingRoutes } from "./boxes/devices.ts";
import { boxRoutes, deviceRoutes } from "./boxes/routes.ts";
import { companyRoutes } from "./company/routes.ts";
import { deadLetterRoutes, deliveryRoutes } from "./deliveries/routes.ts";
import { erasedPeopleRoutes } from "./erasure/erased-people.ts";
import { eventListRoutes, eventRoutes, seenRoutes } from "./events/routes.ts";
import { healthRoutes, metricsRoutes, retentionRoutes } from "./health/routes.ts";
import { hoursMailRoutes } from "./hours/mail-routes.ts";
import { rosterRoutes } from "./hours/rosters.ts";
import { hoursRoutes } from "./hours/routes.ts";
import { scheduleRoutes } from "./hours/schedules.ts";
import { importRoutes } from "./imports/routes.ts";
import { exportRoutes, jobRoutes } from "./jobs/routes.ts";
import { keyRoutes } from "./keys/routes.ts";
import { mappingRoutes } from "./mappings/routes.ts";
import { teachingRoutes } from "./mappings/teaching.ts";
import { type OpenApi, openApi, pathOf } from "./openapi/document.ts";
import { documentRoutes } from "./openapi/routes.ts";
import { alikeRoutes } from "./people/alike-routes.ts";
import { findRoutes } from "./people/find.ts";
import { nearRoutes, personRoutes } from "./people/persons.ts";
import { peopleRoutes } from "./people/routes.ts";
import { peopleSettingRoutes } from "./people/settings.ts";
import { pictureRoutes } from "./pictures/routes.ts";
import type { ApiEnv, ApiPorts, RequestFacts } from "./ports.ts";
import { presenceRoutes } from "./presence/routes.ts";
import { guard, problem } from "./problem.ts";
import { pushRoutes } from "./push/routes.ts";
import { quarantinePictureRoutes, quarantineRoutes } from "./quarantine/routes.ts";
import { removalRoutes } from "./removals/routes.ts";
import { rollLinkRoutes } from "./rolls/links.ts";
import { rollRoutes } from "./rolls/routes.ts";
import type { Route } from "./route.ts";
import { ruleRoutes } from "./rules/routes.ts";
import { acknowledgementRoutes } from "./seen/acknowledgements.ts";
import { noteRoutes } from "./seen/notes.ts";
import { standingRoutes } from "./seen/standing.ts";
import { siteRoutes } from "./sites/routes.ts";
import { sourceRoutes } from "./sources/routes.ts";
import { countsRoutes, flagRoutes, statisticsRoutes } from "./statistics/routes.ts";
import { ticketRoutes } from "./tickets/routes.ts";
import { viewRoutes } from "./views/routes.ts";
import { visitRoutes } from "./visits/routes.ts";

/** Every route except the routes of the document itself. */
export const documented: readonly Route[] = [
  ...meRoutes,
  ...eventListRoutes,
  ...eventRoutes,
  ...seenRoutes,
  ...acknowledgementRoutes,
  ...standingRoutes,
  ...alarmRoutes,
  ...noteRoutes,
  ...nearRoutes,
  ...pictureRoutes,
  ...actionRoutes,
  ...approvalRoutes,
  ...deadLetterRoutes,
  ...deliveryRoutes,
  ...ruleRoutes,
  ...pushRoutes,
  ...muteRoutes,
  ...retentionRoutes,
  ...metricsRoutes,
  ...quarantineRoutes,
  ...quarantinePictureRoutes,
  ...countsRoutes,
  ...statisticsRoutes,
  ...flagRoutes,
  ...peopleRoutes,
  ...alikeRoutes,
  ...erasedPeopleRoutes,
  ...peopleSettingRoutes,
  ...personRoutes,
  ...presenceRoutes,
  ...visitRoutes,
  ...rollRoutes,
  ...rollLinkRoutes,
  ...hoursRoutes,
  ...hoursMailRoutes,
  ...rosterRoutes,
  ...scheduleRoutes,
  ...jobRoutes,
  ...removalRoutes,
  ...exportRoutes,
  ...importRoutes,
  ...ticketRoutes,
  ...deviceRoutes,
  ...boxRoutes,
  ...deviceSettingRoutes,
  ...siteRoutes,
  ...sourceRoutes,
  ...viewRoutes,
  ...teachingRoutes,
  ...mappingRoutes,
  ...findRoutes,
  ...keyRoutes,
  ...signInRoutes,
  ...companyRoutes,
  ...accountRoutes,
  ...factorRoutes,
  ...policyRoutes,
  ...auditRoutes,
  ...healthRoutes,
];

const routes = [...documented, ...documentRoutes(documented)];

/** The schema of the JSON that an operation answers, as `GET /v1/events/{id}`; undefined if it answers none. */
export function answerSchema(operation: string): z.core.$ZodType | undefined {
  return documented.find((route) => `${route.method} ${pathOf(route)}` === operation)?.about.answer.schema;
}

/** The OpenAPI document of the API. */
export function apiDocument(): OpenApi {
  return openApi(documented);
}

/** The HTTP API on the ports of a runtime. */
export interface Api {
  fetch(request: Request, facts?: RequestFacts): Promise<Response>;
  /** The same for a path of this API, for callers within the process. */
  request(path: string, init?: RequestInit, facts?: RequestFacts): Promise<Response>;
}

/**
 * Serves the HTTP API, which is the same on every runtime.
 *
 * @example
 * const { fetch } = api({ ...runtime.reads, ...portsForApi(runtime.ingest), cursorSecret });
 * const answer = await fetch(new Request("http://gatepost/v1/events", { headers }), { address: "127.0.0.1" });
 */
export function api(ports: ApiPorts): Api {
  const fetch: Api["fetch"] = async (request, facts) => routed().fetch(request, { ...facts, ports });
  return {
    fetch,
    request: (path, init, facts) => fetch(new Request(`http://gatepost${path}`, init), facts),
  };
}

let built: Hono<ApiEnv> | undefined;

/** The routes of the API. They are built once in a process, and get their ports with each request. */
export function routed(): Hono<ApiEnv> {
  built ??= build();
  return built;
}

function build(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(guard);
  for (const { method, path, answer } of routes) app.on(method, path, answer);
  // An address without a name in it comes before those that it fits as well.
  const places = [...Map.groupBy(routes, (route) => route.path)];
  for (const [path, methods] of places.sort(([a], [b]) => Number(a.includes(":")) - Number(b.includes(":")))) {
    const named = methods.map((route) => route.method);
    const refused = new GatepostError("wrong-method", `use ${named.join(", ")} at this address`);
    // A HEAD is answered wherever a GET is.
    const allow = named.flatMap((method) => (method === "GET" ? [method, "HEAD"] : [method])).join(", ");
    app.all(path, (c) => problem(refused, c.env.ports.log, { allow }));
  }
  app.notFound((c) => {
    c.env.ports.refusals.note("wrong-path", refusedIn(c));
    return new Response(nothingHere.body, nothingHere);
  });
  app.onError((error, c) => {
    const { health, log, refusals } = c.env.ports;
    refusals.noteError(error, refusedIn(c));
    return problem(health.toldOf(error) ?? error, log);
  });
  return app;
}

function refusedIn({ env, req }: Context<ApiEnv>): Refused {
  return { address: env.address ?? "", segments: req.path.split("/").filter((segment) => segment !== "") };
}
