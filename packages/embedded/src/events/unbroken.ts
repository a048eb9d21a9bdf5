import type { Log } from "@gatepost/core/log";

/** A leased event or action, or why its row cannot be read. */
export type Leased<One> = { one: One } | { cause: unknown };

/** Reads a leased row. */
export function readLeased<One>(read: () => One): Leased<One> {
  try {
    return { one: read() };
  } catch (cause) {
    return { cause };
  }
}

/**
 * The readable rows of a lease: a broken row must not keep the others from being announced. It is logged. Throws if all
 * rows are broken.
 */
export function unbroken<One>(leased: readonly Leased<One>[], what: "action" | "event", log: Log): One[] {
  const failures = leased.flatMap((each) => ("cause" in each ? [each.cause] : []));
  const taken = leased.flatMap((each) => ("one" in each ? [each.one] : []));
  if (taken.length === 0 && failures.length > 0) throw new AggregateError(failures, `no ${what} could be leased`);
  for (const cause of failures) log.error(`${what} not leased`, { cause });
  return taken;
}
