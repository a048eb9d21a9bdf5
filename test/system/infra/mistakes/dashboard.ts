import { type Mistake, replacing } from "./mistake.ts";

const dashboard = ["cloudwatch/dashboard:Dashboard", "Dashboard"] as const;
const published = "the dashboard asks AWS for what it publishes, of what is deployed";
const counted = "the dashboard asks for the counts that reports really make the functions publish, of this stage alone";

export const dashboardMistakes: Mistake[] = [
  {
    mistake: "a queue is not on the dashboard",
    caughtBy: "the dashboard shows every function and every queue",
    make: replacing(...dashboard, "UpdatePhotoUndeliveredQueue", "UpdatePhotoQueue"),
  },
  {
    mistake: "a graph asks for a metric that nobody publishes",
    caughtBy: published,
    make: replacing(...dashboard, "ConsumedWriteCapacityUnits", "ConsumedWriteUnits"),
  },
  {
    mistake: "a graph of messages in queues adds up what is looked at again and again",
    caughtBy: published,
    make: replacing(...dashboard, '\\"stat\\":\\"Maximum\\"', '\\"stat\\":\\"Sum\\"'),
  },
  {
    mistake: "a graph of an API that is not there",
    caughtBy: published,
    make: replacing(...dashboard, "GatewayApi-id", "GateApi-id"),
  },
  {
    mistake: "the box as a dimension, which no function publishes",
    caughtBy: counted,
    make: replacing(...dashboard, "dialect, service)", "box, dialect, service)"),
  },
  {
    mistake: "counts under another namespace",
    caughtBy: counted,
    make: replacing(...dashboard, 'SCHEMA(\\\\\\"Gatepost\\\\\\"', 'SCHEMA(\\\\\\"Gateposts\\\\\\"'),
  },
  {
    mistake: "a count that no function makes",
    caughtBy: counted,
    make: replacing(...dashboard, "SUM(duplicate)", "SUM(duplicates)"),
  },
  {
    mistake: "counts of another stage",
    caughtBy: counted,
    make: replacing(...dashboard, "service = 'gatepost-", "service = 'gateposts-"),
  },
  {
    mistake: "functions that publish under one name in all stages",
    caughtBy: "every function publishes under the name of its stage",
    make: replacing(
      "lambda/function:Function",
      "PassRecordFunction",
      '"POWERTOOLS_SERVICE_NAME":"gatepost-',
      '"POWERTOOLS_SERVICE_NAME":"',
    ),
  },
  {
    mistake: "the list of who was refused is of another log",
    caughtBy: "the dashboard lists who was refused, from the log of the gateway",
    make: replacing(...dashboard, "filter status in", "filter code in"),
  },
];
