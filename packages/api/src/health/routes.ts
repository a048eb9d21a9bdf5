import { GatepostError } from "@gatepost/core/errors";
import * as z from "zod";
import { administrators, administratorsAlone } from "../access/who.ts";
import { retentionChanged } from "../listeners.ts";
import { namedObject } from "../openapi/named.ts";
import { openRoute, route } from "../route.ts";

const health = openRoute({
  method: "GET",
  path: "/healthz",
  about: {
    summary: "See whether reports can be stored",
    answer: {
      status: 200,
      is: "Reports can be stored. `degraded`: another fault needs attention.",
      schema: z.union([
        z.object({ status: z.literal("ok") }),
        z.object({ status: z.literal("degraded"), reasons: z.array(z.string()) }),
      ]),
    },
    others: { 503: "Nothing can be stored at the moment; `detail` gives the reason." },
  },
  async answer(_, deps) {
    const reason = await deps.health.reason();
    if (reason !== null) throw new GatepostError("unavailable", reason, { retryAfter: 5 });
    const reasons = deps.health.concerns();
    return Response.json(reasons.length === 0 ? { status: "ok" } : { status: "degraded", reasons });
  },
});

export const healthRoutes = [health];

const contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const getMetrics = route({
  method: "GET",
  path: "/metrics",
  who: administratorsAlone,
  about: {
    summary: "Get metrics for monitoring, as OpenMetrics",
    detail: "On one machine. No box is named. `--metrics HOST:PORT` serves the same metrics without a key.",
    answer: { status: 200, is: "Counters, histograms and gauges.", contentTypes: [contentType] },
    others: { 404: "On AWS they are in CloudWatch." },
  },
  async answer(_, { metrics }) {
    if (metrics === null) throw new GatepostError("not-found", "on AWS, metrics are in CloudWatch");
    return new Response(await metrics.text(), { headers: { "content-type": contentType } });
  },
});

export const metricsRoutes = [getMetrics];

const maxDays = 3650;
const days = z.int().min(1).max(maxDays);
const sceneMeaning = "Of scenes; null if they are kept as their events.";
const retention = namedObject("Retention", {
  eventDays: z.int(),
  quarantineDays: z.int(),
  sceneDays: z.int().nullable().meta({ description: sceneMeaning }),
  isEditable: z.boolean(),
});

const getRetention = route({
  method: "GET",
  path: "/v1/retention",
  who: administrators,
  about: {
    summary: "Get the days for which events and quarantine are kept",
    answer: { status: 200, is: "The days, from the first receipt.", schema: retention },
  },
  async answer(_, { server, retentionEditor }) {
    return Response.json({ ...(await server.retention()), isEditable: retentionEditor !== null });
  },
});

const setRetention = route({
  method: "PUT",
  path: "/v1/retention",
  who: administratorsAlone,
  about: {
    summary: "Set the days for which events and quarantine are kept",
    detail:
      "On one machine. Older events and records are unreachable within seconds, and the hourly sweep removes them. " +
      "A larger number restores everything that the sweep has not removed yet, so a wrong number can be corrected. " +
      "`sceneDays` may be left out, and stays then.",
    answer: { status: 200, is: "The current days.", schema: retention },
    others: { 405: "On AWS the deployment sets them." },
    example: { body: { eventDays: 90, quarantineDays: 14, sceneDays: 30 } },
  },
  asks: {
    body: z.strictObject({
      eventDays: days,
      quarantineDays: days,
      sceneDays: days.nullable().meta({ description: sceneMeaning }).exactOptional(),
    }),
  },
  dear: true,
  audits: {
    action: "setting-changed",
    about: ({ body }) => ({
      setting: "retention",
      ...body,
      ...(body.sceneDays === null && { sceneDays: "as events" }),
    }),
  },
  async answer({ body }, deps) {
    const { retentionEditor, server, log } = deps;
    if (retentionEditor === null) {
      throw new GatepostError(
        "wrong-method",
        "on AWS, retention is set by the deployment: retentionDays and sceneDays in stages.json",
      );
    }
    const set = { sceneDays: (await server.retention()).sceneDays, ...body };
    await retentionEditor.set(set);
    await retentionChanged(deps);
    log.info("retention set", set);
    return Response.json({ ...set, isEditable: true });
  },
});

export const retentionRoutes = [getRetention, setRetention];
