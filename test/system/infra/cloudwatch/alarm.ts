import * as z from "zod";
import type { Metric } from "./aws-metrics.ts";
import { type Expression, parsedExpression, type Query, valueIn } from "./metric-math.ts";

const dimensions = z.record(z.string(), z.string()).default({});

/** One metric of metric math. */
const metricInputs = z.strictObject({
  namespace: z.string(),
  metricName: z.string(),
  dimensions,
  stat: z.string(),
  period: z.number(),
});

const queryInputs = z.strictObject({
  id: z.string().regex(/^[a-z]\w*$/),
  metric: metricInputs.optional(),
  expression: z.string().optional(),
  label: z.string().optional(),
  period: z.number().optional(),
  returnData: z.boolean().default(false),
});

const common = {
  comparisonOperator: z.enum([
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ]),
  threshold: z.number(),
  evaluationPeriods: z.number(),
  datapointsToAlarm: z.number().optional(),
  treatMissingData: z.enum(["missing", "notBreaching", "breaching", "ignore"]),
};

const ofOne = z
  .object({
    ...common,
    metricQueries: z.undefined().optional(),
    namespace: z.string(),
    metricName: z.string(),
    dimensions,
    statistic: z.string().optional(),
    extendedStatistic: z.string().optional(),
    period: z.number(),
  })
  .refine(({ statistic, extendedStatistic }) => (statistic === undefined) !== (extendedStatistic === undefined))
  .transform(({ namespace, metricName, dimensions, statistic, extendedStatistic, ...rest }) => ({
    ...rest,
    metrics: [{ id: "all", namespace, metricName, dimensions, statistic: statistic ?? extendedStatistic ?? "" }],
    expressions: [] as Expression[],
  }));

const ofMath = z
  .object({
    ...common,
    metricQueries: z.array(queryInputs).min(1).max(20, "an alarm takes 20 queries"),
    // Each metric has its own.
    period: z.undefined().optional(),
    metricName: z.undefined().optional(),
    namespace: z.undefined().optional(),
    statistic: z.undefined().optional(),
    extendedStatistic: z.undefined().optional(),
    dimensions: z.undefined().optional(),
  })
  .transform(({ metricQueries, ...rest }, context) => {
    const fault = faultOfQueries(metricQueries);
    if (fault !== null) context.addIssue(fault);
    const periods = metricQueries.flatMap(({ metric, period }) => metric?.period ?? period ?? []);
    return {
      ...rest,
      period: periods[0] ?? 60,
      metrics: metricQueries.flatMap(({ id, metric }) =>
        metric === undefined ? [] : [{ ...metric, id, statistic: metric.stat }],
      ),
      expressions: metricQueries.flatMap(({ id, expression, returnData }) => {
        const parsed = expression === undefined ? null : parsedExpression(expression);
        // The one that is compared with the threshold is named as the metric of an alarm of one.
        return parsed === null ? [] : [{ id: returnData ? "all" : id, ...parsed }];
      }),
    };
  });

function faultOfQueries(queries: readonly z.output<typeof queryInputs>[]): string | null {
  const returned = queries.filter(({ returnData }) => returnData);
  if (returned.length !== 1 || returned[0]?.expression === undefined) return "one expression is what rings";
  if (new Set(queries.map(({ id }) => id)).size !== queries.length) return "an id is there twice";
  if (queries.some(({ metric, expression }) => (metric === undefined) === (expression === undefined)))
    return "a query is a metric or an expression";
  const periods = queries.flatMap(({ metric, period }) => metric?.period ?? period ?? []);
  if (new Set(periods).size !== 1) return "metrics of one alarm have one period";
  if (queries.filter(({ metric }) => metric !== undefined).length > 10) return "math takes ten metrics";
  const unread = queries.find(({ expression }) => expression !== undefined && parsedExpression(expression) === null);
  return unread === undefined ? null : `not understood: ${unread.expression}`;
}

/** An alarm as the provider gets it: on one metric, on metric math, or on a query of Metrics Insights. */
export const alarmInputs = z
  .union([ofOne, ofMath])
  .refine(({ period }) => period % 60 === 0, "AWS publishes once a minute")
  .refine(({ period, evaluationPeriods }) => period * evaluationPeriods <= 24 * 60 * 60, "a day at most")
  .refine(({ evaluationPeriods, datapointsToAlarm = 1 }) => datapointsToAlarm <= evaluationPeriods);

export type Alarm = z.output<typeof alarmInputs>;

/** The published values of a metric in one minute. */
export interface Sample extends Metric {
  minute: number;
  values: readonly number[];
}

/** The queries of Metrics Insights in an alarm. */
export const queriesOf = ({ expressions }: Alarm): Query[] =>
  expressions.flatMap((one) => (one.kind === "query" ? [one] : []));

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

/** The samples that an alarm looks at. */
export function samplesOf(alarm: Alarm, samples: readonly Sample[]): Sample[] {
  const queries = queriesOf(alarm);
  return samples.filter(
    (sample) => alarm.metrics.some((metric) => isOf(sample, metric)) || queries.some((query) => isAsked(sample, query)),
  );
}

function isOf(sample: Metric, metric: Metric): boolean {
  if (sample.metricName !== metric.metricName || sample.namespace !== metric.namespace) return false;
  const names = Object.keys(sample.dimensions);
  const { length } = Object.keys(metric.dimensions);
  return names.length === length && names.every((name) => metric.dimensions[name] === sample.dimensions[name]);
}

function isAsked(sample: Metric, { namespace, metricName, schema, where }: Query): boolean {
  if (sample.metricName !== metricName || sample.namespace !== namespace) return false;
  const names = Object.keys(sample.dimensions);
  const isOfSchema = names.length === schema.length && names.every((name) => schema.includes(name));
  return isOfSchema && sample.dimensions[where.name] === where.value;
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

/** Whether the alarm is beyond its threshold with the samples of one period; null if there are none. */
function breaches(alarm: Alarm, samples: readonly Sample[]): boolean | null {
  const known = new Map<string, number | null>();
  for (const { id, statistic, ...metric } of alarm.metrics)
    known.set(id, statisticIn(valuesOf(samples.filter((sample) => isOf(sample, metric))), statistic));
  const metrics = [...known.values()];
  // The parts of an expression follow it.
  for (const { id, ...expression } of alarm.expressions.toReversed())
    known.set(
      id,
      expression.kind === "query"
        ? statisticIn(valuesOf(samples.filter((sample) => isAsked(sample, expression))), "Sum")
        : valueIn(expression, { known, metrics }),
    );
  const value = known.get("all") ?? null;
  return value === null ? null : compare(alarm, value);
}

function valuesOf(samples: readonly Sample[]): number[] {
  return samples.flatMap((sample) => sample.values).toSorted((one, other) => one - other);
}

function statisticIn(sorted: readonly number[], statistic: string): number | null {
  if (sorted.length === 0) return null;
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
