/*
 * The part of metric math and of Metrics Insights that the alarms use
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
 */

/** A query of Metrics Insights: it sums over every metric with these dimensions, one of which has a value. */
export interface Query {
  kind: "query";
  namespace: string;
  metricName: string;
  schema: readonly string[];
  where: { name: string; value: string };
}

/** A function of every metric, or of those that are named. */
interface Joined {
  kind: "joined";
  join: "SUM" | "MAX";
  of: "metrics" | readonly string[];
}

interface Quotient {
  kind: "quotient";
  dividend: string;
  divisor: string;
}

interface Difference {
  kind: "difference";
  from: string;
  taken: string;
}

type Parsed = Query | Joined | Quotient | Difference;

export type Expression = Parsed & { id: string };

const query = /^SELECT SUM\((\w+)\) FROM SCHEMA\("([^"]+)", ([\w, ]+)\) WHERE (\w+) = '([^']+)'$/;
const joined = /^(SUM|MAX)\((?:METRICS\(\)|\[([a-z]\w*(?:, [a-z]\w*)*)\])\)$/;
const difference = /^([a-z]\w*) - ([a-z]\w*)$/;
const quotient = /^([a-z]\w*) \/ ([a-z]\w*|\d+)$/;

/** An expression; null if it is none of those that the alarms use. */
export function parsedExpression(text: string): Parsed | null {
  const [, metricName, namespace, names, name, value] = query.exec(text) ?? [];
  if (metricName !== undefined && namespace !== undefined && name !== undefined && value !== undefined)
    return { kind: "query", namespace, metricName, schema: names?.split(", ") ?? [], where: { name, value } };
  const [, join, ids] = joined.exec(text) ?? [];
  if (join === "SUM" || join === "MAX") return { kind: "joined", join, of: ids?.split(", ") ?? "metrics" };
  const [, from, taken] = difference.exec(text) ?? [];
  if (from !== undefined && taken !== undefined) return { kind: "difference", from, taken };
  const [, dividend, divisor] = quotient.exec(text) ?? [];
  return dividend === undefined || divisor === undefined ? null : { kind: "quotient", dividend, divisor };
}

interface Values {
  /** The values of one period by the ids of metrics and expressions; null for one that is missing. */
  known: ReadonlyMap<string, number | null>;
  /** The values of the metrics alone. */
  metrics: readonly (number | null)[];
}

/** The value of an expression in one period; null if it is missing. A function leaves out missing values. */
export function valueIn(expression: Joined | Quotient | Difference, { known, metrics }: Values): number | null {
  if (expression.kind === "quotient") {
    const [dividend, divisor] = [expression.dividend, expression.divisor].map((id) => known.get(id) ?? numberOf(id));
    return dividend == null || !divisor ? null : dividend / divisor;
  }
  if (expression.kind === "difference") {
    const [from, taken] = [expression.from, expression.taken].map((id) => known.get(id));
    return from == null || taken == null ? null : from - taken;
  }
  const { of, join } = expression;
  const all = of === "metrics" ? metrics : of.map((id) => known.get(id) ?? null);
  const values = all.filter((value) => value !== null);
  if (values.length === 0) return null;
  return join === "MAX" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
}

const numberOf = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);
