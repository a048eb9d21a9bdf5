import * as z from "zod";
import type { Metric } from "./aws-metrics.ts";

/** An alarm as the provider gets it. */
export const alarmInputs = z
  .object({
    namespace: z.string(),
    metricName: z.string(),
    dimensions: z.record(z.string(), z.string()).default({}),
    statistic: z.string().optional(),
    extendedStatistic: z.string().optional(),
    comparisonOperator: z.enum([
      "GreaterThanOrEqualToThreshold",
      "GreaterThanThreshold",
      "LessThanThreshold",
      "LessThanOrEqualToThreshold",
    ]),
    threshold: z.number(),
    period: z.number(),
    evaluationPeriods: z.number(),
    datapointsToAlarm: z.number().optional(),
    treatMissingData: z.enum(["missing", "notBreaching", "breaching", "ignore"]),
  })
  .refine(({ statistic, extendedStatistic }) => (statistic === undefined) !== (extendedStatistic === undefined))
  .refine(({ period }) => period % 60 === 0, "AWS publishes once a minute")
  .refine(({ period, evaluationPeriods }) => period * evaluationPeriods <= 24 * 60 * 60, "a day at most")
  .refine(({ evaluationPeriods, datapointsToAlarm = 1 }) => datapointsToAlarm <= evaluationPeriods);

export type Alarm = z.output<typeof alarmInputs>;

/** The published values of a metric in one minute. */
export interface Sample extends Metric {
  minute: number;
  values: readonly number[];
}

export function statisticOf({ statistic, extendedStatistic }: Alarm): string {
  return statistic ?? extendedStatistic ?? "";
}

/**
 * Whether the alarm rings in each minute. As CloudWatch does, it evaluates the last periods at the end of each one;
 * with too little data, the state stays.
 */
export function ringing(alarm: Alarm, samples: readonly Sample[], minutes: number): boolean[] {
  const length = alarm.period / 60;
  const own = Map.groupBy(samplesOf(alarm, samples), ({ minute }) => Math.floor(minute / length));
  const ofPeriods = Array.from({ length: Math.floor(minutes / length) }, (_, period) =>
    breaches(alarm, own.get(period) ?? []),
  );
  const states: boolean[] = [];
  let isRinging = false;
  for (let minute = 0; minute < minutes; minute++) {
    if ((minute + 1) % length === 0) isRinging = stateAt(alarm, ofPeriods.slice(0, (minute + 1) / length)) ?? isRinging;
    states.push(isRinging);
  }
  return states;
}

/** The samples of the metric that an alarm looks at. */
export function samplesOf(alarm: Alarm, samples: readonly Sample[]): Sample[] {
  const { length } = Object.keys(alarm.dimensions);
  return samples.filter(({ namespace, metricName, dimensions }) => {
    if (metricName !== alarm.metricName || namespace !== alarm.namespace) return false;
    const names = Object.keys(dimensions);
    return names.length === length && names.every((name) => alarm.dimensions[name] === dimensions[name]);
  });
}

/** The state after these periods; null if it stays as it was. */
function stateAt(alarm: Alarm, ofPeriods: readonly (boolean | null)[]): boolean | null {
  const found = ofPeriods.slice(-alarm.evaluationPeriods);
  const missing = found.filter((breach) => breach === null).length;
  const isKept = alarm.treatMissingData === "missing" || alarm.treatMissingData === "ignore";
  if (isKept && missing === found.length) return null;
  const isMissingBad = alarm.treatMissingData === "breaching";
  const bad = found.filter((breach) => breach ?? isMissingBad).length;
  return bad >= (alarm.datapointsToAlarm ?? alarm.evaluationPeriods);
}

/** Whether the metric is beyond the threshold with the samples of one period; null if there are none. */
function breaches(alarm: Alarm, samples: readonly Sample[]): boolean | null {
  const values = samples.flatMap((sample) => sample.values).toSorted((one, other) => one - other);
  return values.length === 0 ? null : compare(alarm, statisticIn(values, statisticOf(alarm)));
}

function statisticIn(sorted: readonly number[], statistic: string): number {
  const sum = sorted.reduce((all, value) => all + value, 0);
  const rank = Math.ceil((Number(statistic.slice(1)) / 100) * sorted.length);
  const known: Record<string, number | undefined> = {
    Sum: sum,
    Average: sum / sorted.length,
    Minimum: sorted[0],
    Maximum: sorted.at(-1),
    SampleCount: sorted.length,
  };
  return known[statistic] ?? sorted[Math.max(0, rank - 1)] ?? 0;
}

function compare({ comparisonOperator, threshold }: Alarm, value: number): boolean {
  switch (comparisonOperator) {
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "GreaterThanThreshold":
      return value > threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
  }
}
