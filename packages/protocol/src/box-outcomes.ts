import type { ApprovalRequest, BoxOutcome, OrderReport } from "./approval.ts";
import { limits } from "./limits.ts";

/** A box that has not answered yet. */
export function waitingAt(box: string): BoxOutcome {
  return { box, state: "waiting", reason: null };
}

/** What became of an order at a box, by what was said of it: of this box, or of all that had not done it. */
export function outcomeOf(before: BoxOutcome, { boxes, state, note }: OrderReport): BoxOutcome {
  if (boxes === null) return before.state === "done" ? before : { ...before, state, reason: shortened(note) };
  const said = boxes.findLast(({ box }) => box === before.box);
  return said === undefined ? before : { ...said, reason: shortened(said.reason) };
}

/** Failed where any box failed, done where all have done it; null while one has not answered. */
export function stateOf(outcomes: readonly BoxOutcome[]): "done" | "failed" | null {
  if (outcomes.some(({ state }) => state === "failed")) return "failed";
  return outcomes.every(({ state }) => state === "done") ? "done" : null;
}

/**
 * Why boxes failed, each reason once; null where none failed. No box is named: a key may read it that sees only some of
 * them.
 */
export function faultsIn(outcomes: readonly BoxOutcome[]): string | null {
  const faults = outcomes.filter(({ state }) => state === "failed").map(({ reason }) => reason ?? "failed");
  return faults.length === 0 ? null : [...new Set(faults)].join("; ");
}

/** An order for the history of an action: whom it makes of the person, and at how many boxes. */
export function inWords({
  name,
  type,
  group,
  boxes,
}: Pick<ApprovalRequest, "name" | "type" | "group" | "boxes">): string {
  const who = [name, type, group].filter((word) => word !== null).join(", ");
  return `${who === "" ? "" : `${who}; `}${boxes.length === 1 ? "1 box" : `${boxes.length} boxes`}`;
}

function shortened(reason: string | null): string | null {
  return reason?.slice(0, limits.actionHistory.reasonCharacters).toWellFormed() ?? null;
}
