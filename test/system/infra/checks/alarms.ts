import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { repository } from "../../../../scripts/synth/graph.ts";
import { type Alarm, alarmInputs, queriesOf, ringing, samplesOf } from "../cloudwatch/alarm.ts";
import { faultOf } from "../cloudwatch/aws-metrics.ts";
import { accessLogOf } from "../cloudwatch/counted-lines.ts";
import { type Incident, incidents, publishedIn, trifles } from "../cloudwatch/incidents.ts";
import { beginsAt, minutes, wellFor } from "../cloudwatch/traffic.ts";
import { all, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";

const silent = ["sweeps-silent", "canary-failed"];

/** The urgent alarms, and their members, which send nothing by themselves. */
const urgent: Readonly<Record<string, readonly string[]>> = {
  "boxes-cannot-deliver": ["boxes-slow", "gateway-5xx"],
  "guards-wait": ["actions-pending", "changes-late"],
};

const alarms = [
  "boxes-errors",
  "boxes-slow",
  "readers-errors",
  "readers-slow",
  "background-errors",
  "throttles",
  "gateway-5xx",
  "table-throttles",
  "indexes-throttles",
  "actions-pending",
  "actions-left",
  "actions-unread",
  "dead-letters",
  "boxes-unwatched",
  "changes-late",
  "sweeps-silent",
  "quarantine-half-full",
  "report-too-large",
  "requests-throttled",
  "key-refused",
  "counts-late",
];

const type = "cloudwatch/metricAlarm:MetricAlarm";
const compositeType = "cloudwatch/compositeAlarm:CompositeAlarm";
const alarmOf = (graph: Graph, name: string): Alarm => alarmInputs.parse(one(graph, type, name).inputs);

/** The alarms of the rule of a composite alarm, which rings with each. Throws on any other rule. */
function membersOf(rule: string, { stage }: Graph): string[] {
  return rule.split(" OR ").map((part) => {
    const [, ofStage, name] = /^ALARM\("gatepost-(test|production)-([\w-]+)"\)$/.exec(part) ?? [];
    if (name === undefined || ofStage !== stage) throw new Error(`not understood: ${rule}`);
    return name;
  });
}

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

/** The first error in the metrics of an alarm; null if there is none. */
function faultInMetrics(alarm: Alarm, graph: Graph): string | null {
  const names = namesIn(graph);
  const asked = queriesOf(alarm).map(({ namespace, metricName, schema, where }) => ({
    metric: { namespace, metricName, dimensions: Object.fromEntries(schema.map((name) => [name, ""])) },
    values: [where.value],
    statistic: "Sum",
  }));
  const watched = alarm.metrics.map(({ statistic, ...metric }) => ({
    metric,
    values: Object.values(metric.dimensions),
    statistic,
  }));
  for (const { metric, values, statistic } of [...watched, ...asked]) {
    const isOwn = metric.namespace === `Gatepost/Notices/${graph.stage}`;
    if (isOwn && statistic === "Sum") continue;
    if (isOwn) return `${statistic} says nothing of a count`;
    const unknown = values.find((value) => !names.includes(value));
    const fault = unknown === undefined ? faultOf(metric, statistic) : `there is no ${unknown}`;
    if (fault !== null) return fault;
  }
  return null;
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
    faultInMetrics(alarm, graph),
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
  "there are these alarms, and each tells somebody": ({ production: graph }) => {
    const found = all(graph, type);
    expect(found.map(({ name }) => name).sort()).toEqual(alarms.toSorted());
    const composite = all(graph, compositeType);
    expect(composite.map(({ name }) => name).sort()).toEqual(Object.keys(urgent).sort());
    const topic = `arn:aws:sns:eu-west-1:123456789012:gatepost-${graph.stage}-AlarmsTopic`;
    for (const { name, inputs } of [...found, ...composite]) {
      const actions = Object.values(urgent).flat().includes(name) ? [] : [topic];
      expect([name, inputs["alarmActions"], inputs["okActions"]]).toEqual([name, actions, actions]);
      expect(String(inputs["name"] ?? inputs["alarmName"]), name).toBe(`gatepost-${graph.stage}-${name}`);
    }
  },

  "urgent alarms ring for their members and for nothing else": ({ production: graph }) => {
    const members = all(graph, compositeType).map(({ name, inputs }) => {
      const alarms = membersOf(String(inputs["alarmRule"]), graph).map((member) => alarmOf(graph, member));
      return { name, alarms: alarms.map((alarm) => ({ alarm, well: samplesOf(alarm, wellFor(graph)) })) };
    });
    for (const incident of incidents(graph)) {
      const woken = members.filter(({ alarms }) =>
        alarms.some(({ alarm, well }) => ringing(alarm, publishedIn(well, incident), minutes).includes(true)),
      );
      const expected = Object.keys(urgent).filter((name) => urgent[name]?.includes(incident.alarm));
      expect([incident.alarm, woken.map(({ name }) => name)]).toEqual([incident.alarm, expected]);
    }
  },

  "each alarm is in the manual": ({ production: graph }) => {
    const manual = readFileSync(join(repository, "docs/aws.md"), "utf8");
    for (const { name } of [...all(graph, type), ...all(graph, compositeType)])
      expect(manual).toContain(`\n| \`${name}\` |`);
  },

  "each alarm is on a metric that AWS publishes of something that is deployed, or that the stage counts itself": ({
    production: graph,
  }) => {
    for (const { name, inputs } of all(graph, type)) {
      expect([name, faultInMetrics(alarmInputs.parse(inputs), graph)]).toEqual([name, null]);
    }
  },

  "what goes wrong is told of in time, and told of as over when it is": ({ production: graph }) => {
    const [found, well] = [incidents(graph), wellFor(graph)];
    expect([...new Set(found.map(({ alarm }) => alarm))].sort()).toEqual(alarms.toSorted());
    for (const incident of found) {
      const { alarm } = incident;
      expect([alarm, faultInRinging(alarmOf(graph, alarm), well, incident, true)]).toEqual([alarm, null]);
    }
  },

  "nothing rings while all is well, also at night when there is nothing": ({ production: graph }) => {
    const well = wellFor(graph);
    const ringingOnes = alarms.filter((name) => ringing(alarmOf(graph, name), well, minutes).includes(true));
    expect(ringingOnes).toEqual([]);
  },

  "a trifle does not ring": ({ production: graph }) => {
    const well = wellFor(graph);
    for (const trifle of trifles(graph)) {
      const { alarm } = trifle;
      expect([alarm, faultInRinging(alarmOf(graph, alarm), well, trifle, false)]).toEqual([alarm, null]);
    }
  },

  "what is not measured is no alarm, except where silence is what is told of": ({ production: graph }) => {
    for (const name of alarms) {
      expect([name, alarmOf(graph, name).treatMissingData]).toEqual([name, treatedAs(name)]);
    }
  },

  "who was refused can be looked up where the alarm says": ({ production: graph }) => {
    const log = accessLogOf(graph);
    for (const name of ["report-too-large", "requests-throttled", "key-refused"]) {
      const description = String(one(graph, type, name).inputs["alarmDescription"]);
      expect(description).toContain(`Logs Insights on ${log.name}: filter status in`);
      expect(description.length).toBeLessThanOrEqual(1024);
    }
    expect(log.members).toEqual(expect.arrayContaining(["status", "address", "routeKey"]));
  },

  "what one stage counts rings in no other": ({ production: graph }) => {
    const namespaces = all(graph, "cloudwatch/logMetricFilter:LogMetricFilter").map(
      ({ inputs }) => (inputs["metricTransformation"] as { namespace: string }).namespace,
    );
    expect(new Set(namespaces)).toEqual(new Set(["Gatepost/Notices/production"]));
  },

  "a development stage has no alarms, no dashboard and no topic": ({ test }) => {
    expect(test.resources.filter(({ type }) => /^aws:(?:cloudwatch\/(?!event|logGroup)|sns)/.test(type))).toEqual([]);
  },
};

/** The names and ids of the deployed resources, by which metrics are distinguished. */
export function namesIn(graph: Graph): string[] {
  const apis = all(graph, "apigatewayv2/api:Api").map(({ name }) => `${name}-id`);
  const named = ["lambda/function:Function", "sqs/queue:Queue", "dynamodb/table:Table"].flatMap((kind) =>
    all(graph, kind).map(({ inputs }) => String(inputs["name"])),
  );
  return [...apis, ...named, ...indexesOf(graph), ...copiesOf(graph)];
}

/** Both buckets of each replication, and its rules. */
function copiesOf(graph: Graph): string[] {
  return all(graph, "s3/bucketReplicationConfig:BucketReplicationConfig").flatMap(({ inputs }) => {
    const rules = inputs["rules"] as { id: string; destination: { bucket: string } }[];
    const own = rules.flatMap(({ id, destination }) => [id, destination.bucket.replace(/^arn:aws:s3:::/, "")]);
    return [String(inputs["bucket"]), ...own];
  });
}
