/// <reference path="../.sst/platform/config.d.ts" />
import { accessLog } from "./alarms.ts";
import {
  alertQueues,
  jobs,
  notifications,
  registerStranger,
  uncounted,
  unhandledJobs,
  unsubscribed,
  updatePhoto,
} from "./bus.ts";
import { gateway } from "./ingest.ts";
import { tally } from "./jobs.ts";
import { metricsService } from "./lambda.ts";
import { indexes, table } from "./storage.ts";
import { lambdas, sweeps } from "./watch.ts";

const region = aws.getRegionOutput().region;

const queues = [registerStranger, updatePhoto]
  .flatMap(({ queue, undelivered, unhandled }) => [queue, undelivered, unhandled])
  .concat(uncounted, jobs, unhandledJobs, notifications.queue, notifications.unsent)
  .concat(alertQueues === undefined ? [] : [alertQueues.queue, alertQueues.unsent, alertQueues.undelivered])
  .concat(unsubscribed ?? [])
  .map((queue) => queue.nodes.queue.name);

/** Counts that the functions of this stage write for each dialect, summed over all of them. */
const counted = ["accepted", "duplicate", "quarantined", "flagged", "withheld", "pending", "announced"].map((name) => [
  {
    expression: `SELECT SUM(${name}) FROM SCHEMA("Gatepost", dialect, service) WHERE service = '${metricsService}'`,
    label: name,
    period: 300,
  },
]);

/** Whom the gateway refused. Its log has no path, because the key of the box is in it. */
const refused = $interpolate`SOURCE '${accessLog}' | filter status in ["401", "403", "413", "429"] | stats count(*) as requests by status, address, routeKey | sort requests desc | limit 50`;

new aws.cloudwatch.Dashboard("Dashboard", {
  dashboardName: `gatepost-${$app.stage}`,
  dashboardBody: $jsonStringify({
    widgets: [
      graph("Reports", counted, 0, 0),
      graph("Requests", metrics("AWS/ApiGateway", ["Count", "4xx", "5xx"], "ApiId", gateway.nodes.api.id), 12, 0),
      graph("Time to answer (p99, ms)", perFunction("Duration"), 0, 6, "p99"),
      graph("Errors", perFunction("Errors"), 12, 6),
      graph("Invocations of sweeps", perFunction("Invocations", sweeps), 12, 24),
      graph("Throttles", perFunction("Throttles"), 0, 12),
      graph("Table", metrics("AWS/DynamoDB", tableMetrics(), "TableName", table.name), 12, 12),
      graph("Messages in queues", queues.flatMap(inQueue), 0, 18, "Maximum"),
      graph("Writes that indexes refused", Object.keys(indexes).map(refusedWrites), 12, 18),
      graph("Counts behind (ms)", metrics("AWS/Lambda", ["IteratorAge"], "FunctionName", tally.name), 0, 24, "Maximum"),
      {
        type: "log",
        x: 0,
        y: 30,
        width: 24,
        height: 6,
        properties: { title: "Refused, by address and route", query: refused, region, view: "table" },
      },
    ],
  }),
});

function graph(title: string, metrics: unknown, x: number, y: number, stat = "Sum") {
  const properties = { title, metrics, stat, period: 300, region, view: "timeSeries" };
  return { type: "metric", x, y, width: 12, height: 6, properties };
}

function metrics(namespace: string, names: string[], dimension: string, value: $util.Output<string>) {
  return names.map((name) => [namespace, name, dimension, value]);
}

function perFunction(name: string, functions: ReadonlyMap<string, sst.aws.Function> = lambdas) {
  return [...functions.values()].flatMap((lambda) => metrics("AWS/Lambda", [name], "FunctionName", lambda.name));
}

function tableMetrics() {
  return ["ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits", "WriteThrottleEvents", "ReadThrottleEvents"];
}

function refusedWrites(index: string) {
  return ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", table.name, "GlobalSecondaryIndexName", index];
}

function inQueue(queue: $util.Output<string>) {
  return metrics("AWS/SQS", ["ApproximateNumberOfMessagesVisible"], "QueueName", queue);
}
