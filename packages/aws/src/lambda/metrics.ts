import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

export const countNames = [
  "accepted",
  "duplicate",
  "quarantined",
  "flagged",
  "withheld",
  "pending",
  "announced",
  "bytes",
] as const;

export type Counts = Partial<Record<(typeof countNames)[number], number>>;

/** Which box and dialect the counts belong to. */
export interface Counted {
  box: string;
  /** Null where the report was not understood. */
  dialect: string | null;
}

export type Count = (whose: Counted, counts: Counts) => void;

/** Writes counts in CloudWatch's embedded metric format: one log line for all counts of a report, without a call. */
export const emf: Count = ({ box, dialect }, counts) => {
  const present = countNames.flatMap((name) => (counts[name] ? [[name, counts[name]] as const] : []));
  if (present.length === 0) return;
  // The deployment names the service after the stage, so that the stages of one account differ.
  const serviceName = process.env["POWERTOOLS_SERVICE_NAME"] ?? "gatepost";
  const metrics = new Metrics({ namespace: "Gatepost", serviceName });
  metrics.addDimension("dialect", dialect ?? "none");
  // The box is not a dimension: every box would have eight metrics of its own, and each costs money every month. Logs
  // Insights finds it here.
  metrics.addMetadata("box", box);
  for (const [name, value] of present) {
    metrics.addMetric(name, name === "bytes" ? MetricUnit.Bytes : MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
};
