import { newToken } from "@gatepost/core/keys";
import { all, type Graph, one } from "../stages.ts";
import type { Sample } from "./alarm.ts";
import { type Answered, accessLogOf, countedIn, logOf } from "./counted-lines.ts";
import { beginsAt, deployed, sample } from "./traffic.ts";
import {
  fillingTheQuarantine,
  type Line,
  refusingByGet,
  sweepingWhileNothingIsNoted,
  sweepingWhileTheBusFails,
  watchingWhileTheIndexLags,
} from "./written.ts";

/** Something that goes wrong at `beginsAt`, and the alarm that must ring within so many minutes, and end afterwards. */
export interface Incident {
  alarm: string;
  withinMinutes: number;
  /** The samples that are published from then on. */
  samples: Sample[];
  /** The samples that are no longer published. */
  without?: (sample: Sample) => boolean;
}

const [sweepLines, unwatchedLines, lagLines, quarantineLines, deadKeyLines, scannerLines] = await Promise.all([
  sweepingWhileTheBusFails(),
  sweepingWhileNothingIsNoted(),
  watchingWhileTheIndexLags(),
  fillingTheQuarantine(),
  refusingByGet(newToken("ingest")),
  refusingByGet("wp-admin"),
]);

const answering = ["realtime-event", "history-event", "async-event", "pass-record", "live-event", "any-event", "api"];

const incident = (alarm: string, withinMinutes: number, samples: Sample[]): Incident => ({
  alarm,
  withinMinutes,
  samples,
});

const known = new WeakMap<Graph, Incident[]>();

/** Incidents of a stage, at least one for each of its alarms. */
export function incidents(graph: Graph): Incident[] {
  const found = known.get(graph) ?? allIncidents(graph);
  known.set(graph, found);
  return found;
}

function allIncidents(graph: Graph): Incident[] {
  const files = graph.builds.map(({ handler }) => handler.replace(/^functions\/|\.handler$/g, ""));
  return [
    ...files.filter((file) => file !== "canary").flatMap((file) => ofFunction(graph, file)),
    ...ofGateway(graph),
    ...ofTable(graph),
    ...ofQueues(graph),
    ...ofUnread(graph),
    ...ofTally(graph),
    ...ofSweeps(graph),
    ...ofLogs(graph),
    ...(files.includes("canary") ? ofCanary(graph) : []),
    ...ofReplica(graph),
  ];
}

/** Incidents that deserve no alarm, with the alarm that must stay quiet. */
export function trifles(graph: Graph): Incident[] {
  const { name, timeoutMs } = deployed(graph, "history-event");
  const slow = sample("AWS/Lambda", "Duration", { FunctionName: name });
  const refused = sample("AWS/ApiGateway", "5xx", { ApiId: "GatewayApi-id" });
  const answered = (requests: Answered[]) => countedOfAnswers(graph, requests);
  const scan = Array.from({ length: 200 }, (_, index) => ({
    minute: beginsAt + (index % 60),
    routeKey: index % 2 === 0 ? "$default" : "ANY /v1/{proxy+}",
    status: index % 3 === 0 ? 403 : 401,
  }));
  // A batch waits for a minute, and is tried again for some.
  const behind = sample("AWS/Lambda", "IteratorAge", { FunctionName: deployed(graph, "tally").name });
  const waiting = Array.from({ length: 30 }, (_, index) => behind(beginsAt + index, 60_000, 600_000));
  const once = { minute: beginsAt, routeKey: "POST /{token}/HistoryEvent" };
  const oneSweep = sweepLines.slice(0, 1).map(({ text }) => ({ minute: beginsAt, text }));
  const notNotedForLong = at(unwatchedLines).slice(0, 3);
  return [
    incident("boxes-slow", 0, [slow(beginsAt, ...Array(50).fill(timeoutMs * 0.9))]),
    incident(
      "gateway-5xx",
      0,
      [beginsAt, beginsAt + 1].map((minute) => refused(minute, 5)),
    ),
    incident("counts-late", 0, waiting),
    ...(graph.builds.some(({ handler }) => handler === "functions/canary.handler") ? [checkedOnceMore(graph)] : []),
    incident("key-refused", 0, answered(scan)),
    incident("key-refused", 0, countedIn(graph, logOf(graph, "any-event"), at(scannerLines))),
    incident("key-refused", 0, answered([{ ...once, status: 401 }])),
    incident("requests-throttled", 0, answered([{ ...once, status: 429 }])),
    incident("report-too-large", 0, answered([{ ...once, status: 400 }])),
    incident("actions-pending", 0, countedIn(graph, logOf(graph, "action-sweep"), oneSweep)),
    incident("boxes-unwatched", 0, countedIn(graph, logOf(graph, "box-sweep"), notNotedForLong)),
    incident("changes-late", 0, countedIn(graph, logOf(graph, "box-sweep"), at(lagLines).slice(0, 2))),
  ];
}

/** One check fails, and the next one does not. */
function checkedOnceMore(graph: Graph): Incident {
  const failed = sample("AWS/Lambda", "Errors", { FunctionName: deployed(graph, "canary").name });
  return incident("canary-failed", 0, [failed(beginsAt, 1)]);
}

/** All published samples, with an incident among them. */
export function publishedIn(well: readonly Sample[], { samples, without = () => false }: Incident): Sample[] {
  return [...well.filter((sample) => sample.minute < beginsAt || !without(sample)), ...samples];
}

function ofFunction(graph: Graph, file: string): Incident[] {
  const { name, timeoutMs } = deployed(graph, file);
  const sampleOf = (metric: string) => sample("AWS/Lambda", metric, { FunctionName: name });
  // A box gives up on a real-time report after 500 ms.
  const tooSlow = file === "realtime-event" ? 500 : timeoutMs * 0.95;
  const slowly = Array.from({ length: 10 }, (_, index) =>
    sampleOf("Duration")(beginsAt + index, ...Array(3).fill(tooSlow)),
  );
  const group = file === "api" ? "readers" : answering.includes(file) ? "boxes" : "background";
  return [
    incident(`${group}-errors`, 2, [sampleOf("Errors")(beginsAt, 1)]),
    ...(answering.includes(file) ? [incident("throttles", 2, [sampleOf("Throttles")(beginsAt, 1)])] : []),
    ...(group === "background" ? [] : [incident(`${group}-slow`, 10, slowly)]),
  ];
}

function ofGateway(graph: Graph): Incident[] {
  const of = sample("AWS/ApiGateway", "5xx", { ApiId: `${one(graph, "apigatewayv2/api:Api", "GatewayApi").name}-id` });
  return [
    incident(
      "gateway-5xx",
      6,
      [0, 2, 5].map((minute) => of(beginsAt + minute, 1)),
    ),
  ];
}

function ofTable(graph: Graph): Incident[] {
  const { inputs } = one(graph, "dynamodb/table:Table", "EventsTable");
  const TableName = String(inputs["name"]);
  const refused = (metric: string, dimensions: Record<string, string>) => [
    sample("AWS/DynamoDB", metric, { TableName, ...dimensions })(beginsAt, 1),
  ];
  const names = (inputs["globalSecondaryIndexes"] as { name: string }[]).map(({ name }) => name);
  return [
    incident("table-throttles", 2, refused("WriteThrottleEvents", {})),
    incident("table-throttles", 2, refused("ReadThrottleEvents", {})),
    ...names.map((name) =>
      incident("indexes-throttles", 2, refused("WriteThrottleEvents", { GlobalSecondaryIndexName: name })),
    ),
  ];
}

const deadLetters = [
  ["dead-letters", "Uncounted"],
  ["dead-letters", "JobsUnhandled"],
  ["dead-letters", "NotificationsUnsent"],
  ["actions-left", "RegisterStrangerUndelivered"],
  ["actions-left", "RegisterStrangerUnhandled"],
  ["actions-left", "UpdatePhotoUndelivered"],
  ["actions-left", "UpdatePhotoUnhandled"],
] as const;

function ofQueues(graph: Graph): Incident[] {
  return deadLetters.map(([alarm, queue]) => {
    const QueueName = nameOfQueue(graph, queue);
    const of = sample("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName });
    return incident(
      alarm,
      2,
      Array.from({ length: 30 }, (_, index) => of(beginsAt + index, 0, 1)),
    );
  });
}

/** No consumer polls: a day after the first message. */
function ofUnread(graph: Graph): Incident[] {
  return ["RegisterStranger", "UpdatePhoto"].map((queue) => {
    const of = sample("AWS/SQS", "ApproximateAgeOfOldestMessage", { QueueName: nameOfQueue(graph, queue) });
    const ages = Array.from({ length: 30 }, (_, index) => of(beginsAt + index, 86_400 + index * 60));
    return incident("actions-unread", 2, ages);
  });
}

function ofTally(graph: Graph): Incident[] {
  const behind = sample("AWS/Lambda", "IteratorAge", { FunctionName: deployed(graph, "tally").name });
  const hours = Array.from({ length: 10 }, (_, index) => behind(beginsAt + index, 60_000, 3_600_000));
  return [incident("counts-late", 4, hours)];
}

function ofSweeps(graph: Graph): Incident[] {
  return ["action-sweep", "box-sweep", "erasure-sweep", "job-sweep"].map((file) => {
    const { name } = deployed(graph, file);
    const isOwn = ({ dimensions, minute }: Sample) => dimensions["FunctionName"] === name && minute < beginsAt + 60;
    return { ...incident("sweeps-silent", 20, []), without: isOwn };
  });
}

/** A deployment that does not work, and a schedule that does not run. */
function ofCanary(graph: Graph): Incident[] {
  const FunctionName = deployed(graph, "canary").name;
  const failed = sample("AWS/Lambda", "Errors", { FunctionName });
  const isOwn = ({ dimensions, minute }: Sample) =>
    dimensions["FunctionName"] === FunctionName && minute < beginsAt + 60;
  const samples = Array.from({ length: 6 }, (_, index) => failed(beginsAt + index * 5, 1));
  return [incident("canary-failed", 10, samples), { ...incident("canary-failed", 10, []), without: isOwn }];
}

/** A picture that S3 could not copy. */
function ofReplica(graph: Graph): Incident[] {
  const [replica] = all(graph, "s3/bucket:Bucket").filter(({ parent }) => parent === "Replica");
  if (replica === undefined) return [];
  const store = one(graph, "s3/bucket:Bucket", "StoreBucket").inputs["bucket"];
  return ["pictures", "registered", "quarantine"].map((RuleId) => {
    const dimensions = { SourceBucket: `${store}`, DestinationBucket: `${replica.inputs["bucket"]}`, RuleId };
    const failed = sample("AWS/S3", "OperationsFailedReplication", dimensions);
    return incident("replica-behind", 2, [failed(beginsAt, 1)]);
  });
}

function ofLogs(graph: Graph): Incident[] {
  const [sweeping, unwatched] = [at(sweepLines), at(unwatchedLines)];
  const filling = quarantineLines.map((text) => ({ minute: beginsAt, text }));
  const route = "POST /{token}/HistoryEvent";
  const refused = (status: number) =>
    Array.from({ length: 10 }, (_, index) => ({ minute: beginsAt + index * 7, routeKey: route, status }));
  const burst = Array.from({ length: 20 }, () => ({ minute: beginsAt, routeKey: route, status: 429 }));
  return [
    incident("actions-pending", 10, countedIn(graph, logOf(graph, "action-sweep"), sweeping)),
    incident("boxes-unwatched", 10, countedIn(graph, logOf(graph, "box-sweep"), unwatched)),
    incident("changes-late", 5, countedIn(graph, logOf(graph, "box-sweep"), at(lagLines))),
    ...answering.map((file) => incident("quarantine-half-full", 2, countedIn(graph, logOf(graph, file), filling))),
    incident("report-too-large", 5, countedOfAnswers(graph, [{ minute: beginsAt, routeKey: route, status: 413 }])),
    incident("requests-throttled", 5, countedOfAnswers(graph, burst)),
    ...[401, 403].map((status) => incident("key-refused", 60, countedOfAnswers(graph, refused(status)))),
    incident("key-refused", 60, countedIn(graph, logOf(graph, "any-event"), at(deadKeyLines))),
  ];
}

/** Moves lines so that their first minute is the one in which the incident begins. */
function at(lines: readonly Line[]): Line[] {
  return lines.map(({ minute, text }) => ({ minute: beginsAt + minute, text }));
}

function countedOfAnswers(graph: Graph, requests: readonly Answered[]): Sample[] {
  const log = accessLogOf(graph);
  return countedIn(graph, log.name, log.lines(requests));
}

function nameOfQueue(graph: Graph, queue: string): string {
  const found = all(graph, "sqs/queue:Queue").find(({ parent }) => parent === queue);
  return String(found?.inputs["name"]);
}
