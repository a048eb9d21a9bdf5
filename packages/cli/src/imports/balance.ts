import { reportDigest } from "@gatepost/core/imports";
import type { LeavingStore } from "@gatepost/embedded";
import { chunked, forEachInFlight, TaskLimiter } from "./gate.ts";
import type { HeldRecord, MigrationTarget } from "./target.ts";

/** Events that are compared in one request. */
const batchSize = 100;

/** Requests that are under way at the same time. */
const maxBatches = 100;

/** Faults that are named, at most. */
const maxNamed = 100;

/** The two stores that are compared. */
interface Compared {
  source: Pick<LeavingStore, "ids" | "event">;
  target: Pick<MigrationTarget, "bring">;
  clock(): number;
}

export interface Balance {
  events: number;
  /** Events that are missing there or differ, with the difference. At most a hundred. */
  faults: { id: string; fault: "missing" | "report" | "receipt" | "action" | "expiry" | "pictures" }[];
  wrong: number;
}

/**
 * Compares every event with the other store: each report by its digest, the states of its actions, the second of its
 * expiry, and whether its pictures are there. Additional reports there are no fault.
 */
export async function balance(moving: Compared): Promise<Balance> {
  const found: Balance = { events: 0, faults: [], wrong: 0 };
  const compare = async (batch: readonly string[]) => {
    const { held } = await moving.target.bring({ compare: batch });
    const there = new Map(held.map((one) => [one.id, one]));
    for (const id of batch) {
      const fault = faultOf(id, there.get(id), moving);
      found.events += 1;
      if (fault === null) continue;
      found.wrong += 1;
      if (found.faults.length < maxNamed) found.faults.push({ id, fault });
    }
  };
  // All ids are read first: a query that is read half way would keep SQLite from cleaning up.
  const batches = chunked([...moving.source.ids(moving.clock())], batchSize);
  const gate = new TaskLimiter({ maxTasks: maxBatches, maxBytes: Number.POSITIVE_INFINITY });
  await forEachInFlight(batches, { gate, bytesOf: () => 0 }, compare);
  return found;
}

function faultOf(
  id: string,
  there: HeldRecord | undefined,
  { source, clock }: Pick<Compared, "source" | "clock">,
): Balance["faults"][number]["fault"] | null {
  const here = source.event(id, clock())?.event;
  // It expired or was erased meanwhile.
  if (here === undefined) return null;
  if (there === undefined) return "missing";
  const reports = here.reports.map(({ report }) => report);
  // A picture that is lost here was not sent, and the report there is flagged for it.
  const isLost = reports.some(({ flags = [] }) => flags.some((flag) => flag.startsWith("picture-lost:")));
  const isOther = reports.some((report) => there.reports[report.kind] !== reportDigest(report));
  if (isOther && !isLost) return "report";
  if (there.missing > 0) return "pictures";
  // What a box delivered there, too, before it was taken over, was received there later.
  const isEarlier = reports.some(({ kind, receivedAt }) => (there.received[kind] ?? 0) < receivedAt);
  const isLater = reports.some(({ kind, receivedAt }) => (there.received[kind] ?? 0) > receivedAt);
  if (isEarlier) return "receipt";
  if (!isLater && Math.ceil(here.expiresAt / 1000) !== Math.ceil(there.expiresAt / 1000)) return "expiry";
  const isAhead = ({ wantAction, state }: { wantAction: string; state: string }) =>
    there.actions[wantAction] === state || (state === "pending" && there.actions[wantAction] !== undefined);
  return here.actions.every(isAhead) ? null : "action";
}
