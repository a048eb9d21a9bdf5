import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { ActionBus } from "@gatepost/core/actions";
import type { RecordListener } from "@gatepost/core/arrivals";
import type { Upsert, Written } from "@gatepost/core/events";
import { isCheckBox } from "@gatepost/protocol";

const countNames = [
  "accepted",
  "duplicate",
  "quarantined",
  "flagged",
  "withheld",
  "pending",
  "announced",
  "bytes",
  "UnexpectedDialect",
] as const;

export type MetricCounts = Partial<Record<(typeof countNames)[number], number>>;

/** Which box and dialect the counts belong to. */
export interface Counted {
  box: string;
  /** Null if the report was not understood. */
  dialect: string | null;
  /** The type of event of the path, for counts by it. */
  route?: string;
}

export type Count = (whose: Counted, counts: MetricCounts) => void;

/** Writes counts in CloudWatch's embedded metric format: one log line for all counts of a report, without a call. */
export const emf: Count = ({ box, dialect, route }, counts) => {
  const present = countNames.flatMap((name) => (counts[name] ? [[name, counts[name]] as const] : []));
  if (present.length === 0) return;
  // The deployment names the service after the stage, so that the stages of one account differ.
  const serviceName = process.env["POWERTOOLS_SERVICE_NAME"] ?? "gatepost";
  const metrics = new Metrics({ namespace: "Gatepost", serviceName });
  metrics.addDimension("dialect", dialect ?? "none");
  if (route !== undefined) metrics.addDimension("route", route);
  // The box is not a dimension: every box would have eight metrics, and each costs money every month. Logs Insights
  // finds it here.
  metrics.addMetadata("box", box);
  for (const [name, value] of present) {
    metrics.addMetric(name, name === "bytes" ? MetricUnit.Bytes : MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
};

/**
 * ms after which waiting counts are written with the next report. A process also saves up one more line in this time.
 */
const everyMs = 1000;

/** Most lines that a process writes at once, for each dialect, before it adds up. */
const burst = 10;

/** Most reports whose counts wait: a process that ends loses these counts. */
const maxWaiting = 9;

/** The counts that every stored report has. Reports with other counts are written at once. */
const ordinary = new Set(["accepted", "bytes", "flagged", "UnexpectedDialect"]);

interface Waiting {
  whose: Counted;
  counts: MetricCounts;
  reports: number;
  /** ms since 1970 of the first of them. */
  since: number;
}

/**
 * Adds up the counts of ordinary reports, so that a busy process writes one line for ten reports. Otherwise a process
 * writes one for each report at once: Lambda stops it between two requests and may never continue it. A line names the
 * box of its last report. At the end of a process, the counts of at most nine reports of a dialect are lost, and only
 * if it had more than ten within seconds and then no more.
 */
export function batchMetrics(write: Count, clock: () => number): Count {
  const waiting = new Map<string, Waiting>();
  const lines = new Map<string, LineBudget>();

  const writeWhatIsLate = (now: number) => {
    for (const [name, { whose, counts, since }] of waiting) {
      if (now - since < everyMs) continue;
      waiting.delete(name);
      write(whose, counts);
    }
  };

  return (whose, counts) => {
    const now = clock();
    const name = JSON.stringify([whose.dialect, whose.route]);
    const budget = lines.get(name) ?? new LineBudget(now);
    lines.set(name, budget);
    const { counts: before, reports, since } = waiting.get(name) ?? { counts: {}, reports: 0, since: now };
    const sum = added(before, counts);
    const mayWait = isOrdinary(counts) && reports < maxWaiting && now - since < everyMs;
    if (mayWait && !budget.take(now)) {
      waiting.set(name, { whose, counts: sum, reports: reports + 1, since });
    } else {
      waiting.delete(name);
      write(whose, sum);
    }
    writeWhatIsLate(now);
  };
}

/** How many lines may be written at once: one more each second, up to the burst. */
class LineBudget {
  #left = burst;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  take(now: number): boolean {
    this.#left = Math.min(burst, this.#left + Math.max(0, now - this.#at) / everyMs);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/** A report with a flag is not ordinary: people look for it by its box. */
function isOrdinary(counts: MetricCounts): boolean {
  return !counts.flagged && Object.keys(counts).every((name) => ordinary.has(name));
}

function added(before: MetricCounts, counts: MetricCounts): MetricCounts {
  const sum: MetricCounts = { ...before };
  for (const name of countNames) {
    const value = counts[name];
    if (value !== undefined) sum[name] = (before[name] ?? 0) + value;
  }
  return sum;
}

/** Metrics for every report, except reports of checks. */
export function countReports(countAny: Count): RecordListener {
  const count = withoutChecks(countAny);
  return {
    event(entry, written) {
      // After a conflict the report is written again under another id, and counted then.
      if (written.outcome === "conflict") return;
      const { box, report } = entry;
      count({ box, dialect: report.dialect }, countsOf(entry, written));
      if (report.unexpectedAt === undefined) return;
      count({ box, dialect: report.dialect, route: report.unexpectedAt }, { UnexpectedDialect: 1 });
    },
    quarantined: ({ box }) => count({ box, dialect: null }, { quarantined: 1 }),
  };
}

/** The same bus, with a metric for every announced action, except actions of checks. */
export function countAnnounced(bus: ActionBus, countAny: Count): ActionBus {
  const count = withoutChecks(countAny);
  return {
    async put(entry) {
      const isTold = await bus.put(entry);
      if (!("want_action" in entry.detail)) return isTold;
      const { box, reports } = entry.detail.event;
      count({ box: box.id, dialect: reports[0]?.dialect ?? null }, { announced: 1 });
      return isTold;
    },
  };
}

function withoutChecks(countAny: Count): Count {
  return (whose, counts) => {
    if (!isCheckBox(whose.box)) countAny(whose, counts);
  };
}

function countsOf({ report, action }: Upsert, { outcome, enqueued }: Written): MetricCounts {
  const actions: MetricCounts = enqueued && action !== null ? { [action.state]: 1 } : {};
  if (outcome === "duplicate") return { duplicate: 1, ...actions };
  const bytes = Object.values(report.pictures ?? {}).reduce((sum, picture) => sum + picture.bytes, 0);
  return { accepted: 1, flagged: report.flags === undefined ? 0 : 1, bytes, ...actions };
}
