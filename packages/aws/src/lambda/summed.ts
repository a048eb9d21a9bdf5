import { type Count, type Counted, type Counts, countNames } from "./metrics.ts";

/** ms after which what waits is written with the next report. It is also how long a process saves for one line more. */
const everyMs = 1000;

/** Lines that a process writes at once, for each dialect, before it begins to add up. */
const burst = 10;

/** Reports that wait at most: so many a process may take with it when it ends. */
const maxWaiting = 9;

/** What every report that is stored counts. All else is written at once. */
const ordinary = new Set(["accepted", "bytes", "flagged"]);

interface Waiting {
  box: string;
  counts: Counts;
  reports: number;
  /** ms since 1970: when the first of them came. */
  since: number;
}

/**
 * Adds up what ordinary reports count, so that a busy process writes a line for ten reports, and not for each. A process
 * that is not busy writes one for each at once: Lambda stops it between two requests and may never let it go on. A line
 * has the box of its last report. What is not counted at the end is at most nine reports of a dialect, of a process that
 * had more than ten within seconds and gets none any more.
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

/** The lines that may be written at once: one more each second, up to the burst. */
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

/** A flagged report is one that somebody looks for by its box. */
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
