import * as z from "zod";
import { all, type Graph, one } from "../stages.ts";
import type { Sample } from "./alarm.ts";
import { matchesPattern } from "./filter-pattern.ts";
import type { Line } from "./written.ts";

const filterInputs = z.object({
  logGroupName: z.string(),
  pattern: z.string(),
  metricTransformation: z.strictObject({ namespace: z.string(), name: z.string(), value: z.string() }),
});

/** What CloudWatch Logs publishes of lines in a log, by the filters of the stage. */
export function countedIn(graph: Graph, logGroup: string, lines: readonly Line[]): Sample[] {
  const filters = all(graph, "cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) =>
    filterInputs.parse(inputs),
  );
  return filters
    .filter(({ logGroupName }) => logGroupName === logGroup)
    .flatMap(({ pattern, metricTransformation: { namespace, name, value } }) =>
      lines
        .filter(({ text }) => matchesPattern(pattern, text))
        .map(({ minute }) => ({
          namespace,
          metricName: name,
          dimensions: {},
          minute,
          values: [Number(value)],
        })),
    );
}

const lambdaInputs = z.object({ loggingConfig: z.object({ logGroup: z.string() }) });

/** The log of the function that a file is made into. */
export function logOf(graph: Graph, file: string): string {
  const built = graph.builds.find(({ handler }) => handler === `functions/${file}.handler`);
  const found = all(graph, "lambda/function:Function").find(({ parent }) => parent === built?.component);
  return lambdaInputs.parse(found?.inputs).loggingConfig.logGroup;
}

const stageInputs = z.object({ accessLogSettings: z.object({ destinationArn: z.string(), format: z.string() }) });

/** One answered request. */
export interface Answered {
  minute: number;
  routeKey: string;
  status: number;
  address?: string;
}

/** The gateway's own log, and what it says of requests: each variable of its format is text. */
export function accessLogOf(graph: Graph) {
  const { inputs } = one(graph, "apigatewayv2/stage:Stage", "GatewayStage");
  const { destinationArn, format } = stageInputs.parse(inputs).accessLogSettings;
  const said = ({ routeKey, status, address = "198.51.100.7" }: Answered) =>
    format
      .replace("$context.routeKey", routeKey)
      .replace("$context.status", String(status))
      .replace("$context.identity.sourceIp", address)
      .replaceAll(/\$context\.[\w.]+/g, "-");
  return {
    name: destinationArn.split(":log-group:").at(-1) ?? "",
    members: Object.keys(JSON.parse(format)),
    lines: (requests: readonly Answered[]): Line[] =>
      requests.map((request) => ({ minute: request.minute, text: said(request) })),
  };
}
