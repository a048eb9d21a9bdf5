import { expect } from "vitest";
import * as z from "zod";
import { faultOf } from "../cloudwatch/aws-metrics.ts";
import { accessLogOf } from "../cloudwatch/counted-lines.ts";
import { publishedOfReports } from "../cloudwatch/written.ts";
import { all, document, type Graph, one } from "../stages.ts";
import { namesIn } from "./alarms.ts";
import type { Checks } from "./check.ts";

const metrics = z.object({
  type: z.literal("metric"),
  properties: z.looseObject({ title: z.string(), metrics: z.array(z.array(z.unknown())), stat: z.string() }),
});
const log = z.object({ type: z.literal("log"), properties: z.looseObject({ title: z.string(), query: z.string() }) });
const body = z.object({ widgets: z.array(z.discriminatedUnion("type", [metrics, log])) });

function widgetsOf(graph: Graph) {
  return body.parse(document(one(graph, "cloudwatch/dashboard:Dashboard", "Dashboard"), "dashboardBody")).widgets;
}

const query = /^SELECT SUM\((\w+)\) FROM SCHEMA\("([^"]+)", ([\w, ]+)\) WHERE (\w+) = '([^']+)'$/;

const lines = await publishedOfReports("gatepost-production");

export const dashboardChecks: Checks = {
  "the dashboard shows every function and every queue": ({ production: graph }) => {
    const shown = JSON.stringify(widgetsOf(graph));
    for (const { inputs } of [...all(graph, "lambda/function:Function"), ...all(graph, "sqs/queue:Queue")]) {
      expect(shown).toContain(`"${inputs["name"]}"`);
    }
  },

  "the dashboard asks AWS for what it publishes, of what is deployed": ({ production: graph }) => {
    const names = namesIn(graph);
    for (const { properties } of widgetsOf(graph).filter((widget) => widget.type === "metric")) {
      for (const metric of properties.metrics.filter(([first]) => typeof first === "string")) {
        const [namespace = "", metricName = "", ...pairs] = metric.map(String);
        const dimensions = Object.fromEntries(
          pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1] ?? ""]] : [])),
        );
        expect([metric, faultOf({ namespace, metricName, dimensions }, properties.stat)]).toEqual([metric, null]);
        for (const value of Object.values(dimensions)) expect(names).toContain(value);
      }
    }
  },

  "the dashboard asks for the counts that reports really make the functions publish, of this stage alone": ({
    production: graph,
  }) => {
    const [reports] = widgetsOf(graph).filter(({ properties }) => properties.title === "Reports");
    const asked = reports?.type === "metric" ? reports.properties.metrics.flat() : [];
    const shown = asked.map((metric) => {
      const { expression } = z.object({ expression: z.string() }).parse(metric);
      const [, metricName = "", namespace, dimensions = "", name = "", value] = query.exec(expression) ?? [];
      const found = lines.filter((line) => line.namespace === namespace && line.metricName === metricName);
      const isOf = found.filter(
        (line) =>
          line.dimensions[name] === value &&
          Object.keys(line.dimensions).sort().join(", ") === dimensions.split(", ").sort().join(", "),
      );
      expect([expression, isOf.length]).toEqual([expression, expect.toSatisfy((count: number) => count > 0)]);
      return metricName;
    });
    const counts = lines.map(({ metricName }) => metricName).filter((name) => name !== "bytes");
    expect(shown.sort()).toEqual([...new Set(counts)].sort());
  },

  "every function publishes under the name of its stage": ({ test, production }) => {
    for (const graph of [test, production]) {
      for (const { inputs } of all(graph, "lambda/function:Function")) {
        const variables = { POWERTOOLS_SERVICE_NAME: `gatepost-${graph.stage}` };
        expect(inputs["environment"]).toMatchObject({ variables });
      }
    }
  },

  "the dashboard lists who was refused, from the log of the gateway": ({ production: graph }) => {
    const log = accessLogOf(graph);
    const [refused] = widgetsOf(graph).filter(({ type }) => type === "log");
    const text = refused?.type === "log" ? refused.properties.query : "";
    expect(text).toMatch(new RegExp(`^SOURCE '${log.name}' \\| filter status in `));
    const [, by = ""] = / by ([\w, ]+) \|/.exec(text) ?? [];
    expect(by.split(", ").sort()).toEqual(["address", "routeKey", "status"]);
    expect(log.members).toEqual(expect.arrayContaining(by.split(", ")));
    for (const status of ["401", "403", "413", "429"]) expect(text).toContain(`"${status}"`);
  },
};
