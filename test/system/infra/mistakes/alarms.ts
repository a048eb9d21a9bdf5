import { adding, changing, type Mistake, replacing } from "./mistake.ts";

const alarm = "cloudwatch/metricAlarm:MetricAlarm";

export const alarmMistakes: Mistake[] = [
  {
    mistake: "an alarm that tells nobody",
    caughtBy: "there are these alarms, and each tells somebody",
    make: changing(alarm, "gateway-5xx", (inputs) => {
      inputs["alarmActions"] = [];
    }),
  },
  {
    mistake: "an alarm that the manual does not know",
    caughtBy: "each alarm is in the manual",
    make: adding(alarm, "night-watch"),
  },
  {
    mistake: "pending actions are told of after an hour",
    caughtBy: "an action that is pending for five minutes is told of",
    make: changing(alarm, "actions-pending", (inputs) => {
      inputs["evaluationPeriods"] = 60;
    }),
  },
  {
    mistake: "a sweep that is gone counts as well",
    caughtBy: "a sweep that does not run is told of",
    make: replacing(alarm, "erasure-sweep-silent", "breaching", "notBreaching"),
  },
  {
    mistake: "an alarm on the queue in the place of its dead letters",
    caughtBy: "one message in a dead-letter queue is told of",
    make: replacing(alarm, "update-photo-undelivered", "UpdatePhotoUndelivered", "UpdatePhoto"),
  },
  {
    mistake: "the average in the place of p99",
    caughtBy: "a real-time report that takes longer than a box waits is told of",
    make: replacing(alarm, "realtime-event-slow", "p99", "p50"),
  },
  {
    mistake: "4xx in the place of 5xx",
    caughtBy: "5xx of the gateway and refused writes of the table are told of",
    make: replacing(alarm, "gateway-5xx", '"5xx"', '"4xx"'),
  },
  {
    mistake: "the push's errors in the place of how far it is behind",
    caughtBy: "a live feed that is broken or behind is told of",
    make: replacing(alarm, "live-feed-late", "IteratorAge", "Errors"),
  },
  {
    mistake: "a gap in the live feed is told of only while nobody is let go",
    caughtBy: "a batch that the stream gave up is told of, though nothing of it stays in the queue",
    make: replacing(alarm, "live-feed-untold", "NumberOfMessagesSent", "ApproximateNumberOfMessagesVisible"),
  },
  {
    mistake: "a log line that nobody writes",
    caughtBy: "the log lines that are counted are lines that the functions write",
    make: replacing(
      "cloudwatch/logMetricFilter:LogMetricFilter",
      "notAnnounced-action-sweep",
      "not announced",
      "was not announced",
    ),
  },
];
