/// <reference path="../.sst/platform/config.d.ts" />
import { alertQueues } from "./alert-queue.ts";
import { registerStranger, updatePhoto } from "./bus.ts";
import { uncounted } from "./counts.ts";
import { gateway } from "./ingest.ts";
import { unhandledJobs } from "./job-queue.ts";
import { lambdas, sweeps } from "./lambdas.ts";
import { livePush } from "./live.ts";
import { accessLog, answers, notices } from "./notices.ts";
import { sockets, untold } from "./sockets.ts";
import { stage } from "./stage.ts";
import { indexes, table } from "./storage.ts";
import { unsubscribed } from "./subscribers.ts";
import { tally } from "./tally.ts";

/*
 * What each alarm means and what to do is in docs/aws-alarms.md, under its name.
 */

const topic = new sst.aws.SnsTopic("Alarms");

if (stage.alarmEmail) {
  new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: stage.alarmEmail });
}

/** ms in which 99 of 100 invocations must end. A box waits 500 ms for a real-time report to be taken, and no longer. */
const slowest: Record<string, number> = {
  "realtime-event": 400,
  "action-sweep": 40_000,
  "box-sweep": 40_000,
  "erasure-sweep": 240_000,
  "job-sweep": 40_000,
  // A subscriber that catches up takes up to 24 s.
  "live-message": 27_000,
  "live-push": 20_000,
  "live-reset": 20_000,
  // It gets the records of a whole minute at once.
  tally: 40_000,
  job: 240_000,
  alert: 18_000,
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

/** ms by which counts are behind the table. A batch waits for a minute, and is tried again until it is counted. */
alarm("counts-late", {
  namespace: "AWS/Lambda",
  metricName: "IteratorAge",
  statistic: "Maximum",
  dimensions: { FunctionName: tally.name },
  threshold: 15 * 60_000,
  datapointsToAlarm: 3,
  evaluationPeriods: 5,
});

// A refused read of a key or of the erasure epoch is a report that is answered 503, as a refused write is.
for (const [name, metricName] of [
  ["table-throttles", "WriteThrottleEvents"],
  ["table-read-throttles", "ReadThrottleEvents"],
] as const) {
  alarm(name, { namespace: "AWS/DynamoDB", metricName, statistic: "Sum", dimensions: { TableName: table.name } });
}

// The metric of the table does not include its indexes. An index that is throttled throttles writes to the table.
for (const index of Object.keys(indexes)) {
  alarm(`index-${index}-throttles`, {
    namespace: "AWS/DynamoDB",
    metricName: "WriteThrottleEvents",
    statistic: "Sum",
    dimensions: { TableName: table.name, GlobalSecondaryIndexName: index },
  });
}

const keptApart = {
  "counts-given-up": uncounted,
  "register-stranger-undelivered": registerStranger.undelivered,
  "register-stranger-unhandled": registerStranger.unhandled,
  "update-photo-undelivered": updatePhoto.undelivered,
  "update-photo-unhandled": updatePhoto.unhandled,
  "jobs-unhandled": unhandledJobs,
  ...(alertQueues === undefined
    ? {}
    : { "alerts-unsent": alertQueues.unsent, "alerts-undelivered": alertQueues.undelivered }),
  ...(unsubscribed === undefined ? {} : { "subscribers-undelivered": unsubscribed }),
};

for (const [name, queue] of Object.entries(keptApart)) {
  alarm(name, {
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    dimensions: { QueueName: queue.nodes.queue.name },
  });
}

// A queue drops messages after fourteen days, and does not put them into its dead-letter queue.
if (stage.hasSubscribers) {
  const subscribed = { "register-stranger-unread": registerStranger, "update-photo-unread": updatePhoto };
  for (const [name, { queue }] of Object.entries(subscribed)) {
    alarm(name, {
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      statistic: "Maximum",
      dimensions: { QueueName: queue.nodes.queue.name },
      threshold: 24 * 60 * 60,
    });
  }
}

// A client that cannot be reached is disconnected at once, and the message is lost with the connection.
alarm("live-feed-untold", {
  namespace: "AWS/SQS",
  metricName: "NumberOfMessagesSent",
  statistic: "Sum",
  dimensions: { QueueName: untold.nodes.queue.name },
});

// The sweep leases for a minute the actions that it cannot announce, so it fails only every other minute.
alarm("actions-pending", { ...notices.notAnnounced, statistic: "Sum", datapointsToAlarm: 3, evaluationPeriods: 10 });

// A stream that invokes no function has no metric of its age, so the sweep itself logs this.
alarm("boxes-unwatched", { ...notices.boxesUnwatched, statistic: "Sum", datapointsToAlarm: 5, evaluationPeriods: 10 });

// DynamoDB has no metric of how far an index lags. The sweep compares the heartbeats in it with those in the table.
alarm("changes-late", { ...notices.changesLag, statistic: "Sum", datapointsToAlarm: 3, evaluationPeriods: 5 });

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

// A box repeats a refused history report for ever, and sends nothing after it.
refusal("report-too-large", { ...answers.tooLarge, statuses: ["413"] });

refusal("requests-throttled", { ...answers.throttled, statuses: ["429"], threshold: 10 });

// A box whose key was revoked keeps using it. A single wrong request raises no alarm.
refusal("key-refused", {
  ...answers.keyRefused,
  statuses: ["401", "403"],
  period: 900,
  datapointsToAlarm: 2,
  evaluationPeriods: 4,
});

/** An alarm for requests that the gateway refuses: only its own log shows the client. */
function refusal(
  name: string,
  { statuses, ...args }: Partial<aws.cloudwatch.MetricAlarmArgs> & { statuses: readonly string[] },
) {
  const query = `filter status in ${JSON.stringify(statuses)} | stats count(*) by address, routeKey`;
  const alarmDescription = $interpolate`${described(name)} Who it is: Logs Insights on ${accessLog}: ${query}`;
  alarm(name, { statistic: "Sum", period: 300, ...args, alarmDescription });
}

function described(name: string): string {
  return `Gatepost ${$app.stage}: ${name}. What to do: docs/aws-alarms.md`;
}

function alarm(name: string, args: Partial<aws.cloudwatch.MetricAlarmArgs>) {
  new aws.cloudwatch.MetricAlarm(name, {
    name: `gatepost-${$app.stage}-${name}`,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    period: 60,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    alarmDescription: described(name),
    alarmActions: [topic.arn],
    okActions: [topic.arn],
    ...args,
  });
}
