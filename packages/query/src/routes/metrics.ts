import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { admins, route } from "../route.ts";

const contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const getMetrics = route({
  method: "GET",
  path: "/metrics",
  scopes: admins,
  about: {
    summary: "Read what a monitoring system collects, as OpenMetrics",
    detail: "On one machine. It names no box. `--metrics HOST:PORT` serves the same without a key.",
    answer: { status: 200, is: "Counters, histograms and gauges.", contentTypes: [contentType] },
    others: { 404: "On AWS they are in CloudWatch." },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer(_, { metrics }) {
    if (metrics === null) throw new GatepostError("not-found", "on AWS, metrics are in CloudWatch");
    return new Response(await metrics.text(), { headers: { "content-type": contentType } });
  },
});

export const metricsRoutes = [getMetrics];
