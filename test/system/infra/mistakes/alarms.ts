import { adding, changing, type Mistake, replacing } from "./mistake.ts";

const alarm = "cloudwatch/metricAlarm:MetricAlarm";
const composite = "cloudwatch/compositeAlarm:CompositeAlarm";
const filter = "cloudwatch/logMetricFilter:LogMetricFilter";

const published =
  "each alarm is on a metric that AWS publishes of something that is deployed, or that the stage counts itself";
const told = "what goes wrong is told of in time, and told of as over when it is";
const quiet = "nothing rings while all is well, also at night when there is nothing";
const urgent = "urgent alarms ring for their members and for nothing else";
const trifle = "a trifle does not ring";

export const alarmMistakes: Mistake[] = [
  {
    mistake: "an alarm that tells nobody",
    caughtBy: "there are these alarms, and each tells somebody",
    make: changing(alarm, "dead-letters", (inputs) => {
      inputs["alarmActions"] = [];
    }),
  },
  {
    mistake: "a development stage has a topic",
    caughtBy: "a development stage has no alarms, no dashboard and no topic",
    make: adding("sns/topic:Topic", "AlarmsTopic"),
  },
  {
    mistake: "an alarm that the manual does not know",
    caughtBy: "each alarm is in the manual",
    make: adding(alarm, "night-watch"),
  },
  {
    mistake: "pending actions are told of after five failures in a row, which fail every other minute",
    caughtBy: told,
    make: changing(alarm, "actions-pending", (inputs) => {
      Object.assign(inputs, { evaluationPeriods: 5, datapointsToAlarm: 5 });
    }),
  },
  {
    mistake: "one failure of the sweep rings",
    caughtBy: trifle,
    make: changing(alarm, "actions-pending", (inputs) => {
      Object.assign(inputs, { datapointsToAlarm: 1 });
    }),
  },
  {
    mistake: "a sweep that is gone counts as well",
    caughtBy: "what is not measured is no alarm, except where silence is what is told of",
    make: replacing(alarm, "sweeps-silent", "breaching", "notBreaching"),
  },
  {
    mistake: "a sweep that runs every five minutes is missed every minute",
    caughtBy: quiet,
    make: replacing(alarm, "sweeps-silent", '"period":600', '"period":60'),
  },
  {
    mistake: "three of four sweeps are enough",
    caughtBy: told,
    make: replacing(alarm, "sweeps-silent", '"threshold":4', '"threshold":3'),
  },
  {
    mistake: "the largest count of functions that run, in the place of their number",
    caughtBy: quiet,
    make: replacing(alarm, "sweeps-silent", "SUM([", "MAX(["),
  },
  {
    mistake: "late statistics are urgent",
    caughtBy: urgent,
    make: replacing(composite, "guards-wait", "changes-late", "counts-late"),
  },
  {
    mistake: "failed deliveries are not urgent",
    caughtBy: urgent,
    make: replacing(composite, "boxes-cannot-deliver", "gateway-5xx", "boxes-slow"),
  },
  {
    mistake: "an urgent alarm rings only if all its members do",
    caughtBy: urgent,
    make: replacing(composite, "boxes-cannot-deliver", " OR ", " AND "),
  },
  {
    mistake: "one function is not watched",
    caughtBy: told,
    make: replacing(alarm, "background-errors", "TallyFunction", "JobFunction"),
  },
  {
    mistake: "two 5xx that boxes repeat are urgent",
    caughtBy: trifle,
    make: replacing(alarm, "gateway-5xx", '"datapointsToAlarm":3', '"datapointsToAlarm":2'),
  },
  {
    mistake: "an alarm on the queue in the place of its dead letters",
    caughtBy: told,
    make: replacing(alarm, "actions-left", "UpdatePhotoUndelivered", "UpdatePhoto"),
  },
  {
    mistake: "fourteen days in the place of one until a queue that nobody reads is told of",
    caughtBy: told,
    make: replacing(alarm, "actions-unread", "86400", "1209600"),
  },
  {
    mistake: "the median in the place of p99",
    caughtBy: told,
    make: replacing(alarm, "boxes-slow", "p99", "p50"),
  },
  {
    mistake: "the slowest call in the place of p99",
    caughtBy: quiet,
    make: replacing(alarm, "boxes-slow", "p99", "Maximum"),
  },
  {
    mistake: "a threshold beyond the time-out",
    caughtBy: told,
    make: replacing(alarm, "readers-slow", "/ 3000", "/ 30000"),
  },
  {
    mistake: "a threshold beyond the time that a box waits",
    caughtBy: told,
    make: replacing(alarm, "boxes-slow", "/ 400", "/ 3000"),
  },
  {
    mistake: "4xx in the place of 5xx",
    caughtBy: quiet,
    make: replacing(alarm, "gateway-5xx", '"5xx"', '"4xx"'),
  },
  {
    mistake: "the name that REST APIs have for 5xx",
    caughtBy: published,
    make: replacing(alarm, "gateway-5xx", '"5xx"', '"5XXError"'),
  },
  {
    mistake: "the tally's errors in the place of how far it is behind",
    caughtBy: told,
    make: replacing(alarm, "counts-late", "IteratorAge", "Errors"),
  },
  {
    mistake: "the average of how far the tally is behind",
    caughtBy: published,
    make: replacing(alarm, "counts-late", "Maximum", "Average"),
  },
  {
    mistake: "the throttles of an index are looked for under the table alone",
    caughtBy: told,
    make: replacing(alarm, "indexes-throttles", ", GlobalSecondaryIndexName", ""),
  },
  {
    mistake: "the throttles of the indexes of a table that is not there",
    caughtBy: published,
    make: replacing(alarm, "indexes-throttles", "EventsTable", "Events"),
  },
  {
    mistake: "a dimension that DynamoDB does not publish under",
    caughtBy: published,
    make: replacing(alarm, "indexes-throttles", "GlobalSecondaryIndexName", "IndexName"),
  },
  {
    mistake: "refused reads are looked for among the writes",
    caughtBy: told,
    make: replacing(alarm, "table-throttles", "ReadThrottleEvents", "WriteThrottleEvents"),
  },
  {
    mistake: "a log line that nobody writes",
    caughtBy: told,
    make: replacing(filter, "notAnnounced-action-sweep", "not announced", "was not announced"),
  },
  {
    mistake: "boxes that nobody watches, in the log of another sweep",
    caughtBy: told,
    make: replacing(filter, "boxesUnwatched-box-sweep", "BoxSweep", "ActionSweep"),
  },
  {
    mistake: "a stream that is read late once rings",
    caughtBy: trifle,
    make: changing(alarm, "boxes-unwatched", (inputs) => {
      Object.assign(inputs, { datapointsToAlarm: 1 });
    }),
  },
  {
    mistake: "an index that lags, in the log of another sweep",
    caughtBy: told,
    make: replacing(filter, "changesLag-box-sweep", "BoxSweep", "ActionSweep"),
  },
  {
    mistake: "log lines that are counted as nothing",
    caughtBy: told,
    make: replacing(filter, "quarantineHalfFull-api", '"value":"1"', '"value":"0"'),
  },
  {
    mistake: "log lines that are counted under another name",
    caughtBy: told,
    make: replacing(filter, "notAnnounced-action-sweep", '"name":"notAnnounced"', '"name":"pending"'),
  },
  {
    mistake: "the log of another function",
    caughtBy: told,
    make: replacing(filter, "quarantineHalfFull-pass-record", "PassRecord", "Tally"),
  },
  {
    mistake: "a status as a number, which the log has as text",
    caughtBy: told,
    make: replacing("apigatewayv2/stage:Stage", "GatewayStage", '\\"$context.status\\"', "$context.status"),
  },
  {
    mistake: "another status",
    caughtBy: told,
    make: replacing(filter, "tooLarge", "413", "414"),
  },
  {
    mistake: "who looks around on the internet is taken for a box with a dead key",
    caughtBy: trifle,
    make: replacing(filter, "keyRefused", "POST *", "*"),
  },
  {
    mistake: "stages that ring for each other",
    caughtBy: "what one stage counts rings in no other",
    make: replacing(filter, "throttled", "Gatepost/Notices/", "Gatepost/Notices"),
  },
  {
    mistake: "an alarm that does not say where to look who it is",
    caughtBy: "who was refused can be looked up where the alarm says",
    make: replacing(alarm, "report-too-large", "Logs Insights on", "Logs Insights of"),
  },
];
