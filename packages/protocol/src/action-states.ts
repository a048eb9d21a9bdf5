import { type ActionState, declinableStates } from "./action.ts";
import type { ActionChange } from "./action-change-schema.ts";
import type { EventAction } from "./event.ts";
import { omitAbsent } from "./json.ts";
import { limits } from "./limits.ts";

/** The states from which an action may go to another. A withheld action never changes. */
export const actionTransitions = {
  /** The outbox has put the action on the bus. */
  announced: ["pending"],
  /** A report before the announcement says that the face is unfit to be registered. */
  withheld: ["pending"],
  /** A person has decided that it is not done. */
  declined: declinableStates,
  /** The subscriber has answered. A failed action may be tried again, and a done one may get another note. */
  done: ["pending", "announced", "failed", "done"],
  failed: ["pending", "announced", "failed"],
} as const satisfies Partial<Record<ActionState, readonly ActionState[]>>;

/** The state in which an action may be leased, to be announced. */
export const leasedState = "pending" satisfies ActionState;

/** The answer of a subscriber about an action. */
export interface ActionSettlement {
  state: "done" | "failed";
  reason: string | null;
}

export type SettleAnswer = "settled" | "refused" | "unknown";

type HeldAction = Pick<EventAction, "state" | "reason">;

/** Whether an action may go from one state to another. */
export function mayBecome(from: ActionState, to: keyof typeof actionTransitions): boolean {
  const states: readonly ActionState[] = actionTransitions[to];
  return states.includes(from);
}

/** The answer as every store keeps it: a long note is cut, and never within a character. */
export function settlementOf(state: ActionSettlement["state"], note: string | null): ActionSettlement {
  return { state, reason: note?.slice(0, limits.noteCharacters).toWellFormed() ?? null };
}

/**
 * A store's answer to a subscriber, and whether anything changes (`isNews`), so that it has to be written.
 *
 * @param held the action as it is; null if there is none or its event has expired
 * @example answerSettlement({ state: "withheld", reason: "too poor" }, settlementOf("done", null)) // { answer: "refused", isNews: false }
 */
export function answerSettlement(
  held: HeldAction | null,
  said: ActionSettlement,
): { answer: SettleAnswer; isNews: boolean } {
  if (held === null) return { answer: "unknown", isNews: false };
  if (!mayBecome(held.state, said.state)) return { answer: "refused", isNews: false };
  return { answer: "settled", isNews: held.state !== said.state || held.reason !== said.reason };
}

/** Whether an action may be leased: it is pending since `before` (ms) or longer, and no lease is valid any more. */
export function isLeasable(
  { state, at, heldUntil }: Pick<EventAction, "state" | "at"> & { heldUntil: number },
  { before, now }: { before: number; now: number },
): boolean {
  return state === leasedState && Date.parse(at) <= before && heldUntil <= now;
}

type Changing = Pick<ActionChange, "state"> &
  Record<"reason" | "by", string | null> & { decision?: ActionChange["decision"] | null };

/** A change as a store keeps it. A long reason is cut; the action itself has its latest reason whole. */
export function actionChange({ state, reason, by, decision }: Changing, at: string): ActionChange {
  const cut = reason?.slice(0, limits.actionHistory.reasonCharacters).toWellFormed();
  return { state, at, ...omitAbsent({ reason: cut, by, decision }) };
}

/** Whether the change at `index` of `count` stays in the history: the first and the last few do. */
export function isChangeKept(index: number, count: number): boolean {
  return index === 0 || index > count - limits.actionHistory.changes;
}
