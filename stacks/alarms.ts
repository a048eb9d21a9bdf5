/// <reference path="../.sst/platform/config.d.ts" />
import { anyRoute } from "../packages/core/src/paths/paths.ts";
import {
  alertQueues,
  notifications,
  pager,
  registerStranger,
  topic,
  uncounted,
  unhandledJobs,
  unsubscribed,
  updatePhoto,
} from "./bus.ts";
import { gateway, receivers, receiving } from "./ingest.ts";
import { tally } from "./jobs.ts";
import { replica } from "./replica.ts";
import { stage } from "./stage.ts";
import { table } from "./storage.ts";
import { answering, canary, lambdas, sweeps } from "./watch.ts";

/*
 * Log lines that are counted as metrics, if no other metric exists. Each stage has its own namespace, because a metric
 * of a log line has no dimensions, and a stage must not raise the alarms of another stage.
 */

const namespace = `Gatepost/Notices/${$app.stage}`;

const notReceived = "no box is looked at: what they send is not received or not noted";

/** Lines of the functions that write them, by their message. */
export const notices = {
  quarantineHalfFull: counted("quarantineHalfFull", "quarantine over half full", [...answering.keys()]),
  notAnnounced: counted("notAnnounced", "not announced", ["action-sweep"]),
  boxesUnwatched: counted("boxesUnwatched", notReceived, ["box-sweep"]),
  changesLag: counted("changesLag", "the index of changes lags", ["box-sweep"]),
};

/** The access log of the gateway. */
export const accessLog = gateway.nodes.logGroup.name;

/** Counts lines of the access log, whose members are all texts. Scanners mostly use other methods than POST. */
export const answers = {
  tooLarge: answered("tooLarge", '{ $.status = "413" }'),
  throttled: answered("throttled", '{ $.status = "429" }'),
  keyRefused: answered("keyRefused", '{ ($.routeKey = "POST *") && (($.status = "401") || ($.status = "403")) }'),
};

// On other routes a box is told from a scanner by what it shows.
matched("keyRefused", '{ ($.message = "refused") && ($.shows = "key") && ($.kind = "wrong-*") }', [anyRoute.handler]);

function counted(metricName: string, message: string, files: string[]) {
  return matched(metricName, `{ $.message = ${JSON.stringify(message)} }`, files);
}

function matched(metricName: string, pattern: string, files: string[]) {
  for (const file of files) {
    new aws.cloudwatch.LogMetricFilter(`${metricName}-${file}`, {
      logGroupName: $output(lambdas.get(file)?.nodes.logGroup).apply((group) => $output(group?.name ?? "")),
      pattern,
      metricTransformation: { namespace, name: metricName, value: "1" },
    });
  }
  return { namespace, metricName };
}

function answered(metricName: string, pattern: string) {
  new aws.cloudwatch.LogMetricFilter(metricName, {
    logGroupName: accessLog,
    pattern,
    metricTransformation: { namespace, name: metricName, value: "1" },
  });
  return { namespace, metricName };
}

/*
 * What each alarm means and what to do is in docs/aws.md, under its name. Few alarms watch many metrics each. An
 * alarm of metric math takes ten metrics, and a query of Metrics Insights cannot choose the functions of one stage.
 */

type MetricArgs = aws.types.input.cloudwatch.MetricAlarmMetricQueryMetric;
type Functions = ReadonlyMap<string, sst.aws.Function>;

/** The functions that people and programs read by. */
const readers: Functions = new Map([...answering].filter(([file]) => !receivers.has(file)));

/** The canary has its own alarm. */
const background: Functions = new Map(
  [...lambdas].filter(([file]) => !receivers.has(file) && !readers.has(file) && file !== "canary"),
);

/** ms in which 99 of 100 invocations must end. */
const slowest: Record<string, number> = Object.fromEntries(
  Object.entries(receiving).map(([file, { slowestMs }]) => [file, slowestMs]),
);
const slowestOfOthers = 3000;

const errors = (functions: Functions) => sumOf([...functions.values()].map((one) => ofFunction(one, "Errors")));

alarm("boxes-errors", errors(receivers));
alarm("readers-errors", errors(readers));
alarm("background-errors", errors(background));

// Lambda repeats other invocations, and one that is missing for long has its own alarm.
alarm("throttles", sumOf([...answering.values()].map((one) => ofFunction(one, "Throttles"))));

const boxesSlow = alarm("boxes-slow", slow(receivers), "page");
alarm("readers-slow", slow(readers));

// One 5xx is repeated by its box. A few within minutes are more than that.
const gateway5xx = alarm(
  "gateway-5xx",
  {
    namespace: "AWS/ApiGateway",
    metricName: "5xx",
    statistic: "Sum",
    dimensions: { ApiId: gateway.nodes.api.id },
    datapointsToAlarm: 3,
    evaluationPeriods: 10,
  },
  "page",
);

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
alarm(
  "table-throttles",
  sumOf(
    ["WriteThrottleEvents", "ReadThrottleEvents"].map((metricName) => ({
      namespace: "AWS/DynamoDB",
      metricName,
      dimensions: { TableName: table.name },
    })),
  ),
);

// The metric of the table does not include its indexes. An index that is throttled throttles writes to the table.
alarm("indexes-throttles", {
  metricQueries: [
    {
      id: "all",
      expression: $interpolate`SELECT SUM(WriteThrottleEvents) FROM SCHEMA("AWS/DynamoDB", TableName, GlobalSecondaryIndexName) WHERE TableName = '${table.name}'`,
      period: 60,
      returnData: true,
    },
  ],
});

// A queue that is not emptied keeps its alarm ringing, so actions have their own.
const actions = [registerStranger, updatePhoto];
alarm(
  "actions-left",
  sumOf(
    actions.flatMap(({ undelivered, unhandled }) => [undelivered, unhandled].map((queue) => inQueue(queue))),
    "Maximum",
  ),
);

const deadLetters = [
  uncounted,
  unhandledJobs,
  notifications.unsent,
  ...(alertQueues === undefined ? [] : [alertQueues.unsent, alertQueues.undelivered]),
  ...(unsubscribed === undefined ? [] : [unsubscribed]),
];
alarm(
  "dead-letters",
  sumOf(
    deadLetters.map((queue) => inQueue(queue)),
    "Maximum",
  ),
);

// A picture or an erasure that is not copied.
if (replica !== undefined) alarm("replica-behind", sumOf(replica.uncopied));

// A queue drops messages after fourteen days, and does not put them into its dead-letter queue.
if (stage.hasSubscribers) {
  alarm("actions-unread", {
    ...math(
      "MAX(METRICS())",
      actions.map(({ queue }) => inQueue(queue, "ApproximateAgeOfOldestMessage")),
      { stat: "Maximum" },
    ),
    threshold: 24 * 60 * 60,
  });
}

// The sweep leases for a minute the actions that it cannot announce, so it fails only every other minute.
const actionsPending = alarm(
  "actions-pending",
  { ...notices.notAnnounced, statistic: "Sum", datapointsToAlarm: 3, evaluationPeriods: 10 },
  "page",
);

// A stream that invokes no function has no metric of its age, so the sweep itself logs this.
alarm("boxes-unwatched", { ...notices.boxesUnwatched, statistic: "Sum", datapointsToAlarm: 5, evaluationPeriods: 10 });

// DynamoDB has no metric of how far an index lags. The sweep compares the heartbeats in it with those in the table.
const changesLate = alarm(
  "changes-late",
  { ...notices.changesLag, statistic: "Sum", datapointsToAlarm: 3, evaluationPeriods: 5 },
  "page",
);

// A function that does not run has no metric, so the alarm counts the functions that have one.
alarm("sweeps-silent", {
  ...math(
    "SUM",
    [...sweeps.values()].map((one) => ofFunction(one, "Invocations")),
    { period: 600, each: (id) => `${id} / ${id}` },
  ),
  threshold: sweeps.size,
  comparisonOperator: "LessThanThreshold",
  treatMissingData: "breaching",
});

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

page("boxes-cannot-deliver", [gateway5xx, boxesSlow, ...(canary === undefined ? [] : [failing(canary)])]);
page("guards-wait", [changesLate, actionsPending]);

/** An alarm that rings if, twice in a row, no check succeeded within five minutes, or none ran. */
function failing(checks: sst.aws.Function) {
  const metrics = ["Invocations", "Errors"].map((metricName) => ofFunction(checks, metricName));
  const args = { comparisonOperator: "LessThanThreshold", evaluationPeriods: 2, treatMissingData: "breaching" };
  return alarm("canary-failed", { ...math("m1 - m2", metrics, { period: 300 }), ...args }, "page");
}

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
  return `Gatepost ${$app.stage}: ${name}. What to do: docs/aws.md`;
}

/** @param sent by mail, or only as a part of an urgent alarm */
function alarm(name: string, args: Partial<aws.cloudwatch.MetricAlarmArgs>, sent: "mail" | "page" = "mail") {
  const actions = sent === "mail" && topic !== undefined ? [topic.arn] : [];
  return new aws.cloudwatch.MetricAlarm(name, {
    name: `gatepost-${$app.stage}-${name}`,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    // The metrics of math have their own.
    ...(args.metricQueries === undefined ? { period: 60 } : {}),
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    alarmDescription: described(name),
    alarmActions: actions,
    okActions: actions,
    ...args,
  });
}

/** An urgent alarm. It rings while one of its members does. These send nothing by themselves. */
function page(name: string, members: readonly aws.cloudwatch.MetricAlarm[]) {
  const actions = [topic, pager].flatMap((to) => to?.arn ?? []);
  new aws.cloudwatch.CompositeAlarm(name, {
    alarmName: `gatepost-${$app.stage}-${name}`,
    alarmDescription: described(name),
    alarmRule: $util.all(members.map((one) => one.name)).apply((names) => {
      return names.map((one) => `ALARM("${one}")`).join(" OR ");
    }),
    alarmActions: actions,
    okActions: actions,
  });
}

function sumOf(metrics: readonly Watched[], stat = "Sum") {
  return math("SUM(METRICS())", metrics, { stat });
}

/** Rings if 99 of 100 invocations of one function take longer than they must, in 3 of 5 minutes. */
function slow(functions: Functions) {
  const files = [...functions.keys()];
  return {
    ...math(
      "MAX",
      [...functions.values()].map((one) => ofFunction(one, "Duration")),
      { stat: "p99", each: (id, index) => `${id} / ${slowest[files[index] ?? ""] ?? slowestOfOthers}` },
    ),
    datapointsToAlarm: 3,
    evaluationPeriods: 5,
  };
}

type Watched = Pick<MetricArgs, "namespace" | "metricName" | "dimensions">;

interface MathOptions {
  stat?: string;
  period?: number;
  /** The expression of one metric. Then the whole one is the name of a function, of all of these. */
  each?: (id: string, index: number) => string;
}

/** Metric math. A metric that is missing in a period does not count. */
function math(expression: string, metrics: readonly Watched[], { stat = "Sum", period = 60, each }: MathOptions) {
  const ids = metrics.map((_, index) => `m${index + 1}`);
  const parts =
    each === undefined ? [] : ids.map((id, index) => ({ id: `e${index + 1}`, expression: each(id, index) }));
  const whole = each === undefined ? expression : `${expression}([${parts.map(({ id }) => id).join(", ")}])`;
  return {
    metricQueries: [
      { id: "all", expression: whole, label: "all", returnData: true },
      ...parts,
      ...metrics.map((metric, index) => ({ id: ids[index] ?? "", metric: { ...metric, stat, period } })),
    ],
  };
}

function ofFunction({ name }: sst.aws.Function, metricName: string): Watched {
  return { namespace: "AWS/Lambda", metricName, dimensions: { FunctionName: name } };
}

function inQueue({ nodes }: sst.aws.Queue, metricName = "ApproximateNumberOfMessagesVisible"): Watched {
  return { namespace: "AWS/SQS", metricName, dimensions: { QueueName: nodes.queue.name } };
}
