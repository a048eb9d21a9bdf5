import type { Refused } from "@gatepost/core/arrivals";
import { GatepostError, nothingHere } from "@gatepost/core/errors";
import { type Context, Hono } from "hono";
import type * as z from "zod";
import { type OpenApi, openApi, pathOf } from "./openapi/document.ts";
import type { ApiEnv, ApiPorts, RequestFacts } from "./ports.ts";
import { guard, problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { acknowledgementRoutes } from "./routes/acknowledgements.ts";
import { actionRoutes, approvalRoutes } from "./routes/actions.ts";
import { alarmRoutes } from "./routes/alarms.ts";
import { alikeRoutes } from "./routes/alike.ts";
import { auditRoutes } from "./routes/audit.ts";
import { boxRoutes, deviceRoutes } from "./routes/boxes.ts";
import { companyRoutes } from "./routes/company.ts";
import { deadLetterRoutes, deliveryRoutes } from "./routes/deliveries.ts";
import { deviceSettingRoutes } from "./routes/devices.ts";
import { documentRoutes } from "./routes/document.ts";
import { erasedPeopleRoutes } from "./routes/erased-people.ts";
import { eventListRoutes, eventRoutes, seenRoutes } from "./routes/events.ts";
import { findRoutes } from "./routes/find.ts";
import { hoursRoutes } from "./routes/hours.ts";
import { hoursMailRoutes } from "./routes/hours-mail.ts";
import { importRoutes } from "./routes/imports.ts";
import { exportRoutes, jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { mappingRoutes } from "./routes/mappings.ts";
import { meRoutes } from "./routes/me.ts";
import { muteRoutes } from "./routes/mutes.ts";
import { noteRoutes } from "./routes/notes.ts";
import { peopleRoutes } from "./routes/people.ts";
import { peopleSettingRoutes } from "./routes/people-settings.ts";
import { nearRoutes, personRoutes } from "./routes/persons.ts";
import { pictureRoutes } from "./routes/pictures.ts";
import { presenceRoutes } from "./routes/presence.ts";
import { pushRoutes } from "./routes/push.ts";
import { quarantinePictureRoutes, quarantineRoutes } from "./routes/quarantine.ts";
import { removalRoutes } from "./routes/removals.ts";
import { rollLinkRoutes } from "./routes/roll-links.ts";
import { rollRoutes } from "./routes/rolls.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { healthRoutes, metricsRoutes, retentionRoutes } from "./routes/server.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { siteRoutes } from "./routes/sites.ts";
import { standingRoutes } from "./routes/standing.ts";
import { countsRoutes, flagRoutes, statisticsRoutes } from "./routes/statistics.ts";
import { teachingRoutes } from "./routes/teaching.ts";
import { ticketRoutes } from "./routes/tickets.ts";
import { viewRoutes } from "./routes/views.ts";

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
  ...rollRoutes,
  ...rollLinkRoutes,
  ...hoursRoutes,
  ...hoursMailRoutes,
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
  ...viewRoutes,
  ...teachingRoutes,
  ...mappingRoutes,
  ...findRoutes,
  ...keyRoutes,
  ...signInRoutes,
  ...companyRoutes,
  ...accountRoutes,
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
  for (const [path, methods] of Map.groupBy(routes, (route) => route.path)) {
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
