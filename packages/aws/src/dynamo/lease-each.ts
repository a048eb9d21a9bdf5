import type { Log } from "@gatepost/core/log";
import { absent, any, type Condition, compare, type Entry } from "@gatepost/store";
import { chunk } from "./groups.ts";

/** How many candidates a sweep reads and tries to lease at the same time. */
const batchSize = 25;

interface Leasing<Leased> {
  /** What is leased, as the log names it. */
  what: string;
  log: Log;
  /** Tries to lease some entries. Null stands for what another has, or what is not to be leased. */
  take(group: readonly Entry[]): Promise<PromiseSettledResult<Leased | null>[]>;
}

/**
 * Leases what an index lists, until there is enough. A broken row must not keep the others from being leased, so an
 * error is only thrown where nothing could be leased.
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

/** Nobody holds a row by a lease that ends at the time (ms) in this attribute. */
export function isFree(until: string, now: number): Condition {
  return any(absent(until), compare(until, "<=", now));
}
