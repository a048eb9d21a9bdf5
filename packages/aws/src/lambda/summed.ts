import { type Count, type Counted, type Counts, countNames } from "./metrics.ts";

/**
 * ms after which waiting counts are written with the next report. A process also saves up one more line in this time.
 */
const everyMs = 1000;

/** Most lines that a process writes at once, for each dialect, before it adds up. */
const burst = 10;

/** Most reports whose counts wait: a process that ends loses these counts. */
const maxWaiting = 9;

/** The counts that every stored report has. Reports with other counts are written at once. */
const ordinary = new Set(["accepted", "bytes", "flagged"]);

interface Waiting {
  box: string;
  counts: Counts;
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
export function summed(write: Count, clock: () => number): Count {
  const waiting = new Map<string | null, Waiting>();
  const lines = new Map<string | null, LineBudget>();

  const writeWhatIsLate = (now: number) => {
    for (const [dialect, { box, counts, since }] of waiting) {
      if (now - since < everyMs) continue;
      waiting.delete(dialect);
      write({ box, dialect }, counts);
    }
  };

  return ({ box, dialect }: Counted, counts) => {
    const now = clock();
    const budget = lines.get(dialect) ?? new LineBudget(now);
    lines.set(dialect, budget);
    const { counts: before, reports, since } = waiting.get(dialect) ?? { counts: {}, reports: 0, since: now };
    const sum = added(before, counts);
    const mayWait = isOrdinary(counts) && reports < maxWaiting && now - since < everyMs;
    if (mayWait && !budget.take(now)) {
      waiting.set(dialect, { box, counts: sum, reports: reports + 1, since });
    } else {
      waiting.delete(dialect);
      write({ box, dialect }, sum);
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
function isOrdinary(counts: Counts): boolean {
  return !counts.flagged && Object.keys(counts).every((name) => ordinary.has(name));
}

function added(before: Counts, counts: Counts): Counts {
  const sum: Counts = { ...before };
  for (const name of countNames) {
    const value = counts[name];
    if (value !== undefined) sum[name] = (before[name] ?? 0) + value;
  }
  return sum;
}
