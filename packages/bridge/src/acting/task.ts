import { dayMs, minuteMs, type RegisteredType } from "@gatepost/protocol";
import type { Seen } from "../people/seen.ts";

/** The kinds of work at a box. */
export const taskKinds = ["register", "update-photo", "undo", "remove"] as const;
/** The person to register, update or remove, and the photo. */
interface Subject {
  person: string;
  name: string | null;
  type: RegisteredType | null;
  group: string | null;
  /** SHA-256 of the only photo that may be used; null if none was named. */
  photo: string | null;
}

/** An order of the cloud for one box. */
export interface Order {
  /** The id of the action, or of the removal. */
  ref: string;
  /** The number of the action's order; 0 without an order, and for removals. */
  number: number;
  box: string;
  kind: (typeof taskKinds)[number];
  subject: Subject;
  /**
   * When the first order was given that an undo reverses, ms since 1970. Without an order: when the task was received.
   */
  since: number;
  /** When this order was given, ms since 1970; 0 without an order. */
  orderedAt: number;
}

/**
 * `waiting`: to be tried, or tried again. `done`, `failed`: it has ended. `left`: it was not done, and a person may
 * still decide; nothing is reported of it.
 */
export const taskStates = ["waiting", "done", "failed", "left"] as const;
export type TaskState = (typeof taskStates)[number];

export interface Task extends Order {
  state: TaskState;
  /** Why the task waits or failed, or a note about how it was done. */
  reason: string | null;
  tries: number;
  /** When it was taken from the cloud, ms since 1970. */
  takenAt: number;
  /** Since when (ms since 1970) the box may be changed by an order that is not undone; null if it is not. */
  changedAt: number | null;
  /** Whether the bridge got all orders of the action that an undo reverses. */
  isWhole: boolean;
  /** The state of the person on the box when the change began; null if it has not begun, or has ended. */
  began: Seen | null;
  /** The state in which the last ended order left the person; null if that is not known. */
  leftAs: Seen | null;
  /** The outcome that the cloud knows; null if it knows none. */
  reported: ReportedOutcome | null;
}

/** The outcome at one box in a report. */
export interface ReportedOutcome {
  state: "done" | "failed";
  reason: string | null;
}

/** ms after which the cloud is told why a task waits; and ms after which the task is given up. */
const sayWaitingAfterMs = 10 * minuteMs;
export const giveUpAfterMs = 7 * dayMs;

/** The outcome that the cloud must know at `now` (ms since 1970); null if there is nothing to report yet. */
export function outcomeOf({ state, reason, takenAt, number, reported }: Task, now: number): ReportedOutcome | null {
  if (state === "done" || state === "failed") return { state, reason };
  if (state === "left" || now - takenAt < sayWaitingAfterMs || reason === null || number === 0) return reported;
  return reported ?? { state: "failed", reason: `${reason} It is tried again.` };
}
