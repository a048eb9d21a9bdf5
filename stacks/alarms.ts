/// <reference path="../.sst/platform/config.d.ts" />
import { registerStranger, updatePhoto } from "./bus.ts";
import { gateway } from "./ingest.ts";
import { lambdas, sweeps } from "./lambdas.ts";
import { livePush } from "./live.ts";
import { notices } from "./notices.ts";
import { sockets, untold } from "./sockets.ts";
import { stage } from "./stage.ts";
import { table } from "./storage.ts";

/*
 * What each alarm means and what to do is in docs/operations.md, under its name.
 */

const topic = new sst.aws.SnsTopic("Alarms");

if (stage.alarmEmail) {
  new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: stage.alarmEmail });
}

/** ms in which 99 of 100 invocations must end. A box waits 500 ms for a real-time report to be taken, and no longer. */
const slowest: Record<string, number> = {
  "realtime-event": 400,
  "action-sweep": 40_000,
  "erasure-sweep": 240_000,
  // It takes up to 24 s to let a subscriber catch up.
  "live-message": 27_000,
  "live-push": 20_000,
  "live-reset": 20_000,
};
const slowestOfOthers = 3000;

for (const [file, lambda] of lambdas) {
  const dimensions = { FunctionName: lambda.name };
  alarm(`${file}-errors`, { namespace: "AWS/Lambda", metricName: "Errors", statistic: "Sum", dimensions });
  alarm(`${file}-throttles`, { namespace: "AWS/Lambda", metricName: "Throttles", statistic: "Sum", dimensions });
  alarm(`${file}-slow`, {
    namespace: "AWS/Lambda",
    metricName: "Duration",
    extendedStatistic: "p99",
    dimensions,
    threshold: slowest[file] ?? slowestOfOthers,
    datapointsToAlarm: 3,
    evaluationPeriods: 5,
  });
}

alarm("gateway-5xx", {
  namespace: "AWS/ApiGateway",
  metricName: "5xx",
  statistic: "Sum",
  dimensions: { ApiId: gateway.nodes.api.id },
});

alarm("live-feed-broken", {
  namespace: "AWS/ApiGateway",
  metricName: "ExecutionError",
  statistic: "Sum",
  dimensions: { ApiId: sockets.nodes.api.id },
});

/** ms by which the live feed is behind the table. */
alarm("live-feed-late", {
  namespace: "AWS/Lambda",
  metricName: "IteratorAge",
  statistic: "Maximum",
  dimensions: { FunctionName: livePush.name },
  threshold: 30_000,
  datapointsToAlarm: 3,
  evaluationPeriods: 5,
});

alarm("table-throttles", {
  namespace: "AWS/DynamoDB",
  metricName: "WriteThrottleEvents",
  statistic: "Sum",
  dimensions: { TableName: table.name },
});

const keptApart = {
  "register-stranger-undelivered": registerStranger.undelivered,
  "register-stranger-unhandled": registerStranger.unhandled,
  "update-photo-undelivered": updatePhoto.undelivered,
  "update-photo-unhandled": updatePhoto.unhandled,
};

for (const [name, queue] of Object.entries(keptApart)) {
  alarm(name, {
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    dimensions: { QueueName: queue.nodes.queue.name },
  });
}

// A client that cannot be reached is disconnected at once, and the message is lost with the connection.
alarm("live-feed-untold", {
  namespace: "AWS/SQS",
  metricName: "NumberOfMessagesSent",
  statistic: "Sum",
  dimensions: { QueueName: untold.nodes.queue.name },
});

// The sweep tries what is pending every minute: five minutes of failures are an action five minutes old.
alarm("actions-pending", { ...notices.notAnnounced, statistic: "Sum", evaluationPeriods: 5 });

for (const [file, lambda] of sweeps) {
  alarm(`${file}-silent`, {
    namespace: "AWS/Lambda",
    metricName: "Invocations",
    statistic: "Sum",
    dimensions: { FunctionName: lambda.name },
    comparisonOperator: "LessThanThreshold",
    period: 600,
    treatMissingData: "breaching",
  });
}

alarm("quarantine-half-full", { ...notices.quarantineHalfFull, statistic: "Sum" });

function alarm(name: string, args: Partial<aws.cloudwatch.MetricAlarmArgs>) {
  new aws.cloudwatch.MetricAlarm(name, {
    name: `gatepost-${$app.stage}-${name}`,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    period: 60,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    alarmDescription: `Gatepost ${$app.stage}: ${name}. What to do: docs/operations.md`,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
    ...args,
  });
}
