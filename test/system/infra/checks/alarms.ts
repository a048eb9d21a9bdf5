import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { repository } from "../../../../scripts/synth/graph.ts";
import { type Alarm, alarmInputs, ringing, samplesOf, statisticOf } from "../cloudwatch/alarm.ts";
import { faultOf } from "../cloudwatch/aws-metrics.ts";
import { accessLogOf } from "../cloudwatch/counted-lines.ts";
import { type Incident, incidents, publishedIn, trifles } from "../cloudwatch/incidents.ts";
import { beginsAt, minutes, wellFor } from "../cloudwatch/traffic.ts";
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
  "box-sweep",
  "erasure-sweep",
  "api",
  "live-connect",
  "live-disconnect",
  "live-message",
  "live-push",
  "live-reset",
  "tally",
  "check-heard",
  "job",
  "job-sweep",
];

const silent = ["action-sweep-silent", "box-sweep-silent", "erasure-sweep-silent", "job-sweep-silent"];

const alarms = (graph: Graph) => [
  ...files.flatMap((file) => [`${file}-errors`, `${file}-slow`, `${file}-throttles`]),
  "gateway-5xx",
  "table-throttles",
  "table-read-throttles",
  ...indexesOf(graph).map((index) => `index-${index}-throttles`),
  "register-stranger-undelivered",
  "register-stranger-unhandled",
  "update-photo-undelivered",
  "update-photo-unhandled",
  "register-stranger-unread",
  "update-photo-unread",
  "jobs-unhandled",
  "actions-pending",
  "boxes-unwatched",
  "changes-late",
  ...silent,
  "quarantine-half-full",
  "report-too-large",
  "requests-throttled",
  "key-refused",
  "live-feed-broken",
  "live-feed-late",
  "live-feed-untold",
  "counts-late",
  "counts-given-up",
];

const type = "cloudwatch/metricAlarm:MetricAlarm";
const alarmOf = (graph: Graph, name: string): Alarm => alarmInputs.parse(one(graph, type, name).inputs);

function indexesOf(graph: Graph): string[] {
  const { inputs } = one(graph, "dynamodb/table:Table", "EventsTable");
  return (inputs["globalSecondaryIndexes"] as { name: string }[]).map(({ name }) => name);
}

/** The samples that are published while all is well. */
type Well = ReturnType<typeof wellFor>;

/** A missed or a false alarm, in words; null if there is none. */
function faultInRinging(alarm: Alarm, well: Well, incident: Incident, deserves: boolean): string | null {
  const states = ringing(alarm, publishedIn(samplesOf(alarm, well), incident), minutes);
  const rang = states.indexOf(true);
  if (!deserves) return rang === -1 ? null : "rings for nothing";
  if (rang === -1) return "does not ring";
  if (rang < beginsAt) return "rings before anything happened";
  if (rang > beginsAt + incident.withinMinutes) return `rings after ${rang - beginsAt} minutes`;
  return states.at(-1) === true ? "does not end" : null;
}

function faultInMetric(alarm: Alarm, graph: Graph): string | null {
  const statistic = statisticOf(alarm);
  const isOwn = alarm.namespace === `Gatepost/Notices/${graph.stage}`;
  if (isOwn) return statistic === "Sum" ? null : `${statistic} says nothing of a count`;
  const names = namesIn(graph);
  const unknown = Object.values(alarm.dimensions).find((value) => !names.includes(value));
  return unknown === undefined ? faultOf(alarm, statistic) : `there is no ${unknown}`;
}

/** What every alarm of a graph is held against: to find it takes longer than to hold one against it. */
export interface Situations {
  graph: Graph;
  incidents: readonly Incident[];
  trifles: readonly Incident[];
  well: Well;
}

export function situationsOf(graph: Graph): Situations {
  return { graph, incidents: incidents(graph), trifles: trifles(graph), well: wellFor(graph) };
}

/** All that is wrong with one alarm, as it may be and not as it is in the graph. */
export function faultsOf(situations: Situations, name: string, alarm: Alarm): string[] {
  const { graph } = situations;
  // Other published samples do not concern this alarm.
  const well = samplesOf(alarm, situations.well);
  const own = situations.incidents.filter((incident) => incident.alarm === name);
  const quiet = situations.trifles.filter((trifle) => trifle.alarm === name);
  const faults = [
    faultInMetric(alarm, graph),
    ...own.map((incident) => faultInRinging(alarm, well, incident, true)),
    ...quiet.map((trifle) => faultInRinging(alarm, well, trifle, false)),
    ringing(alarm, well, minutes).includes(true) ? "rings while all is well" : null,
    alarm.treatMissingData === treatedAs(name) ? null : `missing data is ${alarm.treatMissingData}`,
  ];
  return faults.filter((fault) => fault !== null);
}

function treatedAs(name: string): Alarm["treatMissingData"] {
  return silent.includes(name) ? "breaching" : "notBreaching";
}

export const alarmChecks: Checks = {
  "there are these alarms, and each tells somebody": ({ test, production }) => {
    for (const graph of [test, production]) {
      const found = all(graph, type);
      expect(found.map(({ name }) => name).sort()).toEqual(alarms(graph).sort());
      const topic = `arn:aws:sns:eu-west-1:123456789012:gatepost-${graph.stage}-AlarmsTopic`;
      for (const { name, inputs } of found) {
        expect(inputs).toMatchObject({ alarmActions: [topic], okActions: [topic] });
        expect(String(inputs["name"]), name).toMatch(new RegExp(`^gatepost-${graph.stage}-`));
      }
    }
  },

  "each alarm is in the manual": ({ test }) => {
    const manual = readFileSync(join(repository, "docs/aws-alarms.md"), "utf8");
    for (const { name } of all(test, type)) {
      // Of `job` and `job-sweep` the longer one is meant.
      const file = files.toSorted((one, other) => other.length - one.length).find((one) => name.startsWith(`${one}-`));
      const written = file === undefined ? name.replace(/^index-\w+-/, "index-*-") : `*${name.slice(file.length)}`;
      expect(manual).toContain(`\`${written}\``);
    }
  },

  "each alarm is on a metric that AWS publishes of something that is deployed, or that the stage counts itself": ({
    test,
    production,
  }) => {
    for (const graph of [test, production]) {
      for (const { name, inputs } of all(graph, type)) {
        expect([name, faultInMetric(alarmInputs.parse(inputs), graph)]).toEqual([name, null]);
      }
    }
  },

  "what goes wrong is told of in time, and told of as over when it is": ({ test, production }) => {
    for (const graph of [test, production]) {
      const [found, well] = [incidents(graph), wellFor(graph)];
      expect([...new Set(found.map(({ alarm }) => alarm))].sort()).toEqual(alarms(graph).sort());
      for (const incident of found) {
        const { alarm } = incident;
        expect([alarm, faultInRinging(alarmOf(graph, alarm), well, incident, true)]).toEqual([alarm, null]);
      }
    }
  },

  "nothing rings while all is well, also at night when there is nothing": ({ test, production }) => {
    for (const graph of [test, production]) {
      const well = wellFor(graph);
      const ringingOnes = alarms(graph).filter((name) => ringing(alarmOf(graph, name), well, minutes).includes(true));
      expect(ringingOnes).toEqual([]);
    }
  },

  "a trifle does not ring": ({ test, production }) => {
    for (const graph of [test, production]) {
      const well = wellFor(graph);
      for (const trifle of trifles(graph)) {
        const { alarm } = trifle;
        expect([alarm, faultInRinging(alarmOf(graph, alarm), well, trifle, false)]).toEqual([alarm, null]);
      }
    }
  },

  "what is not measured is no alarm, except where silence is what is told of": ({ test, production }) => {
    for (const graph of [test, production]) {
      for (const name of alarms(graph)) {
        expect([name, alarmOf(graph, name).treatMissingData]).toEqual([name, treatedAs(name)]);
      }
    }
  },

  "who was refused can be looked up where the alarm says": ({ test, production }) => {
    for (const graph of [test, production]) {
      const log = accessLogOf(graph);
      for (const name of ["report-too-large", "requests-throttled", "key-refused"]) {
        const description = String(one(graph, type, name).inputs["alarmDescription"]);
        expect(description).toContain(`Logs Insights on ${log.name}: filter status in`);
        expect(description.length).toBeLessThanOrEqual(1024);
      }
      expect(log.members).toEqual(expect.arrayContaining(["status", "address", "routeKey"]));
    }
  },

  "what one stage counts rings in no other": ({ test, production }) => {
    const namespaces = (graph: Graph) =>
      all(graph, "cloudwatch/logMetricFilter:LogMetricFilter").map(
        ({ inputs }) => (inputs["metricTransformation"] as { namespace: string }).namespace,
      );
    expect(new Set(namespaces(test))).toEqual(new Set(["Gatepost/Notices/test"]));
    expect(new Set(namespaces(production))).toEqual(new Set(["Gatepost/Notices/production"]));
  },
};

/** The names and ids of the deployed resources, by which metrics are distinguished. */
export function namesIn(graph: Graph): string[] {
  const apis = all(graph, "apigatewayv2/api:Api").map(({ name }) => `${name}-id`);
  const named = ["lambda/function:Function", "sqs/queue:Queue", "dynamodb/table:Table"].flatMap((kind) =>
    all(graph, kind).map(({ inputs }) => String(inputs["name"])),
  );
  return [...apis, ...named, ...indexesOf(graph)];
}
