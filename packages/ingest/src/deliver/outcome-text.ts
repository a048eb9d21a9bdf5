import type { Outcome } from "./outcome.ts";

/** The names of outcomes in the header, in the order of a batch. */
const kinds = ["stored", "duplicate", "suppressed", "quarantined", "notice"] as const;

/**
 * The value of the header `Gatepost-Outcome`, which tells a person the outcome of a request. Boxes ignore it. A batch
 * has its counts.
 *
 * @example
 * outcomeText([{ event: { id: "evt_1", kind: "history", outcome: "created" }, quarantined: null }]); // "stored; id=evt_1"
 */
export function outcomeText(outcomes: readonly Outcome[]): string {
  const [only, ...others] = outcomes;
  if (only !== undefined && others.length === 0) return textOfOne(only);
  const reports = outcomes.filter(({ isWholeBody }) => !isWholeBody).map(kindOf);
  const counts = kinds.map((kind) => ({ kind, count: reports.filter((one) => one === kind).length }));
  const named = counts.filter(({ count }) => count > 0).map(({ kind, count }) => `${kind}=${count}`);
  return ["batch", ...named].join("; ");
}

function textOfOne(one: Outcome): string {
  const kind = kindOf(one);
  if (one.event !== null) return `${kind}; id=${one.event.id}`;
  return one.quarantined === null ? kind : `${kind}; reason=${one.quarantined.reason}; id=${one.quarantined.id}`;
}

function kindOf({ event, isSuppressed, isNotice }: Outcome): (typeof kinds)[number] {
  if (event !== null) return event.outcome === "duplicate" ? "duplicate" : "stored";
  if (isSuppressed) return "suppressed";
  // Without a record, the report is kept with its whole batch.
  return isNotice ? "notice" : "quarantined";
}
