import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { folderOf, repository } from "../../../../scripts/synth/graph.ts";
import { all, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";

const files = [
  "realtime-event",
  "history-event",
  "async-event",
  "pass-record",
  "live-event",
  "any-event",
  "action-sweep",
  "erasure-sweep",
  "api",
  "live-connect",
  "live-disconnect",
  "live-message",
  "live-push",
  "live-reset",
];

const alarms = [
  ...files.flatMap((file) => [`${file}-errors`, `${file}-slow`, `${file}-throttles`]),
  "gateway-5xx",
  "table-throttles",
  "register-stranger-undelivered",
  "register-stranger-unhandled",
  "update-photo-undelivered",
  "update-photo-unhandled",
  "actions-pending",
  "action-sweep-silent",
  "erasure-sweep-silent",
  "quarantine-half-full",
  "live-feed-broken",
  "live-feed-late",
  "live-feed-untold",
];

const alarmOf = (graph: Graph, name: string) => one(graph, "cloudwatch/metricAlarm:MetricAlarm", name).inputs;

export const alarmChecks: Checks = {
  "there are these alarms, and each tells somebody": ({ test, production }) => {
    for (const graph of [test, production]) {
      const found = all(graph, "cloudwatch/metricAlarm:MetricAlarm");
      expect(found.map(({ name }) => name).sort()).toEqual(alarms.toSorted());
      const topic = `arn:aws:sns:eu-west-1:123456789012:gatepost-${graph.stage}-AlarmsTopic`;
      for (const { inputs } of found) expect(inputs).toMatchObject({ alarmActions: [topic], okActions: [topic] });
    }
  },

  "each alarm is in the manual": ({ test }) => {
    const manual = readFileSync(join(repository, "docs/operations.md"), "utf8");
    for (const { name } of all(test, "cloudwatch/metricAlarm:MetricAlarm")) {
      const [, every] = files.map((file) => name.split(`${file}-`)).find((parts) => parts.length > 1) ?? [];
      expect(manual).toContain(every === undefined ? `\`${name}\`` : `\`*-${every}\``);
    }
  },

  "an action that is pending for five minutes is told of": ({ test }) => {
    expect(alarmOf(test, "actions-pending")).toMatchObject({
      namespace: "Gatepost/Notices",
      metricName: "notAnnounced",
      period: 60,
      evaluationPeriods: 5,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
    });
  },

  "a sweep that does not run is told of": ({ test }) => {
    for (const sweep of ["action-sweep", "erasure-sweep"]) {
      expect(alarmOf(test, `${sweep}-silent`)).toMatchObject({
        metricName: "Invocations",
        dimensions: { FunctionName: `gatepost-test-${sweep === "action-sweep" ? "Action" : "Erasure"}SweepFunction` },
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        treatMissingData: "breaching",
        period: 600,
      });
    }
  },

  "one message in a dead-letter queue is told of": ({ test }) => {
    for (const [name, queue] of Object.entries({
      "register-stranger-undelivered": "RegisterStrangerUndelivered",
      "register-stranger-unhandled": "RegisterStrangerUnhandled",
      "update-photo-undelivered": "UpdatePhotoUndelivered",
      "update-photo-unhandled": "UpdatePhotoUnhandled",
    })) {
      expect(alarmOf(test, name)).toMatchObject({
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: `gatepost-test-${queue}Queue` },
        threshold: 1,
      });
    }
  },

  "a real-time report that takes longer than a box waits is told of": ({ test }) => {
    expect(alarmOf(test, "realtime-event-slow")).toMatchObject({ extendedStatistic: "p99", threshold: 400 });
    expect(alarmOf(test, "history-event-slow")).toMatchObject({ extendedStatistic: "p99", threshold: 3000 });
  },

  "5xx of the gateway and refused writes of the table are told of": ({ test }) => {
    expect(alarmOf(test, "gateway-5xx")).toMatchObject({ metricName: "5xx", dimensions: { ApiId: "GatewayApi-id" } });
    expect(alarmOf(test, "table-throttles")).toMatchObject({
      metricName: "WriteThrottleEvents",
      dimensions: { TableName: "gatepost-test-EventsTable" },
    });
  },

  "a live feed that is broken or behind is told of": ({ test }) => {
    expect(alarmOf(test, "live-feed-broken")).toMatchObject({
      namespace: "AWS/ApiGateway",
      metricName: "ExecutionError",
      dimensions: { ApiId: "LiveApi-id" },
    });
    expect(alarmOf(test, "live-feed-late")).toMatchObject({
      namespace: "AWS/Lambda",
      metricName: "IteratorAge",
      statistic: "Maximum",
      dimensions: { FunctionName: "gatepost-test-LivePushFunction" },
      threshold: 30_000,
    });
    expect(alarmOf(test, "live-message-slow")).toMatchObject({ threshold: 27_000 });
    expect(alarmOf(test, "live-push-slow")).toMatchObject({ threshold: 20_000 });
  },

  "a batch that the stream gave up is told of, though nothing of it stays in the queue": ({ test }) => {
    expect(alarmOf(test, "live-feed-untold")).toMatchObject({
      namespace: "AWS/SQS",
      metricName: "NumberOfMessagesSent",
      statistic: "Sum",
      dimensions: { QueueName: "gatepost-test-LiveUntoldQueue" },
      threshold: 1,
    });
  },

  "the log lines that are counted are lines that the functions write": ({ test }) => {
    const filters = all(test, "cloudwatch/logMetricFilter:LogMetricFilter");
    expect(filters).toHaveLength(8);
    for (const { inputs } of filters) {
      const lambda = all(test, "lambda/function:Function").find(
        (one) => (one.inputs["loggingConfig"] as { logGroup: string }).logGroup === inputs["logGroupName"],
      );
      const message = /^\{ \$\.message = "(.+)" \}$/.exec(String(inputs["pattern"]))?.[1];
      const bundle = readFileSync(join(folderOf("test"), `artifacts/${lambda?.parent}-src/bundle.mjs`), "utf8");
      expect(bundle).toContain(`"${message}"`);
    }
  },
};
