import type { Log } from "@gatepost/core/log";
import { absent, any, type Condition, compare, type Entry } from "@gatepost/store";
import { chunk } from "./groups.ts";

/** How many candidates a sweep reads and tries to lease at the same time. */
const batchSize = 25;

interface Leasing<Leased> {
  /** The name of the leased entries in the log. */
  what: string;
  log: Log;
  /** Tries to lease some entries. Null for an entry that another process has leased, or that must not be leased. */
  take(group: readonly Entry[]): Promise<PromiseSettledResult<Leased | null>[]>;
}

/**
 * Leases the entries of an index, until there are enough. A broken row must not keep the others from being leased, so
 * an error is only thrown if nothing could be leased.
 */
export async function leaseEach<Leased>(
  listed: AsyncIterable<Entry>,
  limit: number,
  { what, log, take }: Leasing<Leased>,
): Promise<Leased[]> {
  const taken: Leased[] = [];
  const failures: unknown[] = [];
  for await (const group of chunk(listed, () => Math.min(batchSize, limit - taken.length))) {
    for (const tried of await take(group)) {
      if (tried.status === "rejected") failures.push(tried.reason);
      else if (tried.value !== null) taken.push(tried.value);
    }
    if (taken.length >= limit) break;
  }
  if (taken.length === 0 && failures.length > 0) throw new AggregateError(failures, `no ${what} could be leased`);
  for (const cause of failures) log.error(`${what} not leased`, { cause });
  return taken;
}

/** Whether a row has no lease, or one that has ended at `now` (ms). `until` is the attribute with its end. */
export function isFree(until: string, now: number): Condition {
  return any(absent(until), compare(until, "<=", now));
}
