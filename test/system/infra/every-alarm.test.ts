import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../../scripts/synth/graph.ts";
import { faultsOf, type Situations, situationsOf } from "./checks/alarms.ts";
import { alarmInputs } from "./cloudwatch/alarm.ts";
import { type Graph, one, synthesised, synthTimeoutMs } from "./stages.ts";

/*
 * Every member of every alarm, made wrong one after the other: each must be found out. Lambda publishes no metric for a
 * function that does not run, so a missing sweep is found by missing data, not by a threshold.
 */

type Inputs = Record<string, unknown>;

const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
const compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

const hasNumber = (inputs: Inputs, name: string) => Number(inputs[name] ?? 1);

/** The queries of an alarm of metric math; none of an alarm of one metric. */
const queriesOf = ({ metricQueries }: Inputs) => (metricQueries ?? []) as { id: string; metric?: Inputs }[];

/** Changes the only metric of an alarm, or each metric of its math in turn. */
function inMetric(change: (metric: Inputs) => Inputs): (inputs: Inputs) => Inputs[] {
  return (inputs) => {
    const queries = queriesOf(inputs);
    if (queries.length === 0) return [change(inputs)];
    return queries.flatMap(({ metric }, at) => {
      if (metric === undefined) return [];
      const changed = { ...metric, ...change({ ...metric, statistic: metric["stat"] }) };
      const { statistic, extendedStatistic: _, ...rest } = changed as Inputs;
      const mistaken = { ...rest, stat: statistic ?? metric["stat"] };
      return [
        { metricQueries: queries.map((query, index) => (index === at ? { ...query, metric: mistaken } : query)) },
      ];
    });
  };
}

/** Leaves out each metric of an alarm of metric math, and its part of the expression. */
function withoutOne(inputs: Inputs): Inputs[] {
  const queries = queriesOf(inputs);
  const left = queries.filter(({ metric }) => metric !== undefined);
  if (left.length < 2) return [];
  return left.map(({ id }) => {
    const part = id.replace("m", "e");
    const text = JSON.stringify(queries.filter((query) => query.id !== id && query.id !== part));
    const named = new RegExp(`(?<=\\[)${part}, |, ${part}(?=[,\\]])`);
    return { metricQueries: JSON.parse(text.replace(named, "")) };
  });
}

/** Changes the text of the query of an alarm of Metrics Insights. */
function inQuery(from: RegExp, to: string): (inputs: Inputs) => Inputs[] {
  return (inputs) => {
    const text = JSON.stringify(queriesOf(inputs));
    return text.includes("SELECT") ? [{ metricQueries: JSON.parse(text.replace(from, to)) }] : [];
  };
}

const mistakes: Record<string, (inputs: Inputs) => Inputs[]> = {
  "another namespace": inMetric(({ namespace }) => ({ namespace: `${namespace}s` })),
  "another metric": inMetric(({ metricName }) => ({ metricName: `${metricName}Count` })),
  "a statistic that says nothing": inMetric(() => ({ statistic: "Minimum", extendedStatistic: undefined })),
  "no dimensions, or one too many": inMetric(({ dimensions }) => ({
    dimensions: dimensions === undefined ? { Stage: "x" } : {},
  })),
  "one metric less": withoutOne,
  "a query of another table": inQuery(/(?<=WHERE TableName = ')/, "another-"),
  "a query of another metric": inQuery(/WriteThrottle/, "ReadThrottle"),
  "a query of other dimensions": inQuery(/, GlobalSecondaryIndexName/, ""),
  "missing data as trouble, or silence as well": ({ treatMissingData }) => [
    { treatMissingData: treatMissingData === "breaching" ? "notBreaching" : "breaching" },
  ],
  "missing data that changes nothing": () => [{ treatMissingData: "missing" }],
  "a threshold out of reach": () => [{ threshold: 1e9 }],
  "the other direction": (inputs) => [
    { comparisonOperator: isSilence(inputs) ? "GreaterThanOrEqualToThreshold" : "LessThanThreshold" },
  ],
  "an hour in the place of its period": (inputs) => {
    const text = JSON.stringify(queriesOf(inputs)).replaceAll(/"period":\d+/g, `"period":${3600 * 3}`);
    return [inputs["metricQueries"] === undefined ? { period: 3600 * 3 } : { metricQueries: JSON.parse(text) }];
  },
  "many more periods": (inputs) => [
    {
      evaluationPeriods: hasNumber(inputs, "evaluationPeriods") * 30,
      datapointsToAlarm: hasNumber(inputs, "evaluationPeriods") * 30,
    },
  ],
};

const isSilence = ({ comparisonOperator }: Inputs) => comparisonOperator === "LessThanThreshold";

describe("every alarm", () => {
  let production: Graph;
  let situations: Situations;
  beforeAll(async () => {
    production = (await synthesised()).production;
    situations = situationsOf(production);
  }, synthTimeoutMs);

  const alarms = () => production.resources.filter((resource) => resource.type === type);

  it("has no fault", () => {
    for (const { name, inputs } of alarms())
      expect([name, faultsOf(situations, name, alarmInputs.parse(inputs))]).toEqual([name, []]);
  });

  it("is counted in docs/costs.md by its metrics", () => {
    const indexes = one(production, "dynamodb/table:Table", "EventsTable").inputs["globalSecondaryIndexes"];
    const metrics = alarms().flatMap(({ inputs }) => {
      const { metrics, expressions } = alarmInputs.parse(inputs);
      const asked = expressions.filter(({ kind }) => kind === "query");
      return [...metrics, ...asked.flatMap(() => (Array.isArray(indexes) ? indexes : []))];
    });
    const urgent = production.resources.filter((resource) => resource.type === compositeType);
    const dollars = metrics.length * 0.1 + urgent.length * 0.5;
    const costs = readFileSync(join(repository, "docs/costs.md"), "utf8");
    expect(costs).toContain(
      `${alarms().length} alarms on ${metrics.length} metrics ($0.10 each) and ${urgent.length} urgent ones ($0.50 each), so $${dollars.toFixed(2)}`,
    );
  });

  it("is one of about twenty", () => {
    expect(alarms().length).toBeLessThanOrEqual(24);
  });

  it.each(Object.entries(mistakes))("is caught with %s", (_, change) => {
    const tried = alarms().flatMap(({ name, inputs }) => change(inputs).map((changed) => ({ name, inputs, changed })));
    expect(tried).not.toEqual([]);
    const uncaught = tried.filter(({ name, inputs, changed }) => {
      const mistaken = alarmInputs.safeParse({ ...inputs, ...changed });
      return mistaken.success && faultsOf(situations, name, mistaken.data).length === 0;
    });
    expect(uncaught.map(({ name, changed }) => [name, JSON.stringify(changed)])).toEqual([]);
  });
});
