import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { repository } from "../../../scripts/synth/graph.ts";
import { faultsOf, type Situations, situationsOf } from "./checks/alarms.ts";
import { alarmInputs } from "./cloudwatch/alarm.ts";
import { type Graph, synthesised, synthTimeoutMs } from "./stages.ts";

/*
 * Every member of every alarm, made wrong one after the other: each must be found out. Lambda publishes no metric for a
 * function that does not run, so a missing sweep is found by missing data, not by a threshold.
 */

type Inputs = Record<string, unknown>;

const type = "aws:cloudwatch/metricAlarm:MetricAlarm";

const hasNumber = (inputs: Inputs, name: string) => Number(inputs[name] ?? 1);

const mistakes: Record<string, (inputs: Inputs) => Inputs> = {
  "another namespace": ({ namespace }) => ({ namespace: `${namespace}s` }),
  "another metric": ({ metricName }) => ({ metricName: `${metricName}Count` }),
  "a statistic that says nothing": () => ({ statistic: "Minimum", extendedStatistic: undefined }),
  "no dimensions, or one too many": ({ dimensions }) => ({
    dimensions: dimensions === undefined ? { Stage: "x" } : {},
  }),
  "missing data as trouble, or silence as well": ({ treatMissingData }) => ({
    treatMissingData: treatMissingData === "breaching" ? "notBreaching" : "breaching",
  }),
  "missing data that changes nothing": () => ({ treatMissingData: "missing" }),
  "a threshold out of reach": () => ({ threshold: 1e9 }),
  "the other direction": (inputs) => ({
    comparisonOperator: isSilence(inputs) ? "GreaterThanOrEqualToThreshold" : "LessThanThreshold",
  }),
  "an hour in the place of its period": () => ({ period: 3600 * 3 }),
  "many more periods": (inputs) => ({
    evaluationPeriods: hasNumber(inputs, "evaluationPeriods") * 30,
    datapointsToAlarm: hasNumber(inputs, "evaluationPeriods") * 30,
  }),
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

  it("is counted in docs/costs.md", () => {
    const { length } = alarms();
    const costs = readFileSync(join(repository, "docs/costs.md"), "utf8");
    expect(costs).toContain(`${length} alarms ($0.10 each, so $${(length * 0.1).toFixed(2)})`);
  });

  it.each(Object.entries(mistakes))("is caught with %s", (_, change) => {
    expect(alarms().length).toBeGreaterThan(60);
    const uncaught = alarms().filter(({ name, inputs }) => {
      const mistaken = alarmInputs.safeParse({ ...inputs, ...change(inputs) });
      return mistaken.success && faultsOf(situations, name, mistaken.data).length === 0;
    });
    expect(uncaught.map(({ name }) => name)).toEqual([]);
  });
});
