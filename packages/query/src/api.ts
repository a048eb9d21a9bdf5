import { GatepostError, nothingHere, type Refused } from "@gatepost/ingest";
import { type Context, Hono } from "hono";
import type { ApiEnv } from "./api-env.ts";
import { guard } from "./guard.ts";
import { type OpenApi, openApi } from "./openapi/document.ts";
import type { ApiPorts } from "./ports/api-ports.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { actionRoutes } from "./routes/actions.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { auditRoutes } from "./routes/audit.ts";
import { boxRoutes } from "./routes/boxes.ts";
import { countsRoutes } from "./routes/counts.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { documentRoutes } from "./routes/document.ts";
import { eventListRoutes } from "./routes/event-lists.ts";
import { eventRoutes } from "./routes/events.ts";
import { exportRoutes } from "./routes/exports.ts";
import { flagRoutes } from "./routes/flags.ts";
import { healthRoutes } from "./routes/health.ts";
import { importRoutes } from "./routes/imports.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { meRoutes } from "./routes/me.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { muteRoutes } from "./routes/mutes.ts";
import { peopleRoutes } from "./routes/people.ts";
import { pictureRoutes } from "./routes/pictures.ts";
import { quarantineRoutes } from "./routes/quarantine.ts";
import { quarantinePictureRoutes } from "./routes/quarantine-pictures.ts";
import { removalRoutes } from "./routes/removals.ts";
import { retentionRoutes } from "./routes/retention.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { seenRoutes } from "./routes/seen.ts";
import { statisticsRoutes } from "./routes/stats.ts";
import { ticketRoutes } from "./routes/tickets.ts";

/** Every route but those of the document itself. */
export const documented: readonly Route[] = [
  ...meRoutes,
  ...eventListRoutes,
  ...eventRoutes,
  ...seenRoutes,
  ...pictureRoutes,
  ...actionRoutes,
  ...approvalRoutes,
  ...deadLetterRoutes,
  ...deliveryRoutes,
  ...ruleRoutes,
  ...muteRoutes,
  ...retentionRoutes,
  ...metricsRoutes,
  ...quarantineRoutes,
  ...quarantinePictureRoutes,
  ...countsRoutes,
  ...statisticsRoutes,
  ...flagRoutes,
  ...peopleRoutes,
  ...jobRoutes,
  ...removalRoutes,
  ...exportRoutes,
  ...importRoutes,
  ...ticketRoutes,
  ...deviceRoutes,
  ...boxRoutes,
  ...keyRoutes,
  ...auditRoutes,
  ...healthRoutes,
];

const routes = [...documented, ...documentRoutes(documented)];

/** The OpenAPI document of the API. */
export function apiDocument(): OpenApi {
  return openApi(documented);
}

/**
 * Makes the HTTP API, which is the same on every runtime.
 *
 * @example
 * const app = api({ ...runtime.reads, ingest: runtime.ingest, cursorSecret });
 * const answer = await app.fetch(new Request("http://gatepost/v1/events", { headers }), { address: "127.0.0.1" });
 */
export function api(deps: ApiPorts): Hono<ApiEnv> {
  const { log } = deps;
  const app = new Hono<ApiEnv>();
  app.use(guard);
  for (const route of routes) {
    app.on(route.method, route.path, (c) => route.answer(c, deps));
  }
  for (const [path, methods] of Map.groupBy(routes, (route) => route.path)) {
    const named = methods.map((route) => route.method);
    const refused = new GatepostError("wrong-method", `use ${named.join(", ")} at this address`);
    // A HEAD is answered wherever a GET is.
    const allow = named.flatMap((method) => (method === "GET" ? [method, "HEAD"] : [method])).join(", ");
    app.all(path, () => problem(refused, log, { allow }));
  }
  app.notFound((c) => {
    deps.refusals.note("wrong-path", refusedIn(c));
    return new Response(nothingHere.body, nothingHere);
  });
  app.onError((error, c) => {
    deps.refusals.noteError(error, refusedIn(c));
    return problem(deps.health.toldOf(error) ?? error, log);
  });
  return app;
}

function refusedIn({ env, req }: Context<ApiEnv>): Refused {
  return { address: env?.address ?? "", segments: req.path.split("/").filter((segment) => segment !== "") };
}
