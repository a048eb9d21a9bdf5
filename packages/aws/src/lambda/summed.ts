import { type Count, type Counted, type Counts, countNames } from "./metrics.ts";

/** ms between two lines of a process about ordinary reports of one dialect. */
const everyMs = 1000;

/** What every report that is stored counts. All else is written at once. */
const ordinary = new Set(["accepted", "bytes", "flagged"]);

interface Waiting {
  box: string;
  counts: Counts;
}

/**
 * Adds up what ordinary reports count, so that a busy process writes one line a second for each dialect and not one for
 * each report. A line has the box of its last report. What is new after a second is written at once, with what waits; a
 * process that ends takes the counts of less than a second with it.
 */
export function summed(write: Count, clock: () => number): Count {
  const waiting = new Map<string | null, Waiting>();
  const writtenAt = new Map<string | null, number>();
  return ({ box, dialect }: Counted, counts) => {
    const sum = added(waiting.get(dialect)?.counts ?? {}, counts);
    const now = clock();
    const isDue = now - (writtenAt.get(dialect) ?? Number.NEGATIVE_INFINITY) >= everyMs;
    if (!isDue && isOrdinary(counts)) {
      waiting.set(dialect, { box, counts: sum });
      return;
    }
    waiting.delete(dialect);
    writtenAt.set(dialect, now);
    write({ box, dialect }, sum);
  };
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
