import type { ApprovalRequest, BoxOutcome, OrderReport } from "./approval.ts";
import { limits } from "./limits.ts";
import { plural } from "./plural.ts";

/** A box that has not answered yet. */
export function waitingAt(box: string): BoxOutcome {
  return { box, state: "waiting", reason: null };
}

/** The state of an order at a box after a report: about this box, or about all that had not done it. */
export function outcomeOf(before: BoxOutcome, { boxes, state, note }: OrderReport): BoxOutcome {
  if (boxes === null) return before.state === "done" ? before : { ...before, state, reason: shortened(note) };
  const said = boxes.findLast(({ box }) => box === before.box);
  return said === undefined ? before : { ...said, reason: shortened(said.reason) };
}

/** Failed if any box failed, done if all are done; null while a box has not answered. */
export function stateOf(outcomes: readonly BoxOutcome[]): "done" | "failed" | null {
  if (outcomes.some(({ state }) => state === "failed")) return "failed";
  return outcomes.every(({ state }) => state === "done") ? "done" : null;
}

/**
 * Why boxes failed, each reason once; null if none failed. It names no box, because keys that see only some boxes may
 * read it.
 */
export function faultsIn(outcomes: readonly BoxOutcome[]): string | null {
  const faults = outcomes.filter(({ state }) => state === "failed").map(({ reason }) => reason ?? "failed");
  return faults.length === 0 ? null : [...new Set(faults)].join("; ");
}

/** An order in words, for the history of an action: name, type and group of the person, and at how many boxes. */
export function inWords({
  name,
  type,
  group,
  boxes,
}: Pick<ApprovalRequest, "name" | "type" | "group" | "boxes">): string {
  const who = [name, type, group].filter((word) => word !== null).join(", ");
  return `${who === "" ? "" : `${who}; `}${plural(boxes.length, "box", "boxes")}`;
}

/** The part of a reason that is kept. */
export function shortened(reason: string | null): string | null {
  return reason?.slice(0, limits.actionHistory.reasonCharacters).toWellFormed() ?? null;
}
