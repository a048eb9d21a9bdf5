import { dayMs, minuteMs, type RegisteredType } from "@gatepost/protocol";
import type { Seen } from "../people/seen.ts";

/** What is to be done at one box. */
export const taskKinds = ["register", "update-photo", "undo", "remove"] as const;
type TaskKind = (typeof taskKinds)[number];

/** Who is to be registered, updated or removed, and by which photo. */
interface Subject {
  person: string;
  name: string | null;
  type: RegisteredType | null;
  group: string | null;
  /** SHA-256 of the only photo that may be brought; null where none was named, as by orders of older versions. */
  photo: string | null;
}

/** An order of the cloud for one box. */
export interface Order {
  /** The id of the action, or of the removal. */
  ref: string;
  /** The number of the order of the action; 0 where nobody ordered it, and for a removal. */
  number: number;
  box: string;
  kind: TaskKind;
  subject: Subject;
  /** When the first order was given that an undo reaches, ms; where nobody ordered it, when it came. */
  since: number;
  /** When this one was given, ms; 0 where nobody ordered it. */
  orderedAt: number;
}

/**
 * `waiting`: to be tried, or tried again. `done`, `failed`: it has ended. `left`: it was not done, and a person may still
 * decide; nothing is reported of it.
 */
export const taskStates = ["waiting", "done", "failed", "left"] as const;
export type TaskState = (typeof taskStates)[number];

export interface Task extends Order {
  state: TaskState;
  /** Why it waits or failed, or what is to be known of how it was done. */
  reason: string | null;
  tries: number;
  /** When it was taken from the cloud, ms. */
  takenAt: number;
  /** Since when the box may have been changed by an order that is not undone, ms; null where it was not. */
  changedAt: number | null;
  /** Whether all orders of the action came here that an undo reaches. */
  isWhole: boolean;
  /** How the box had the person when it began to be changed; null where that has not begun, or has ended. */
  began: Seen | null;
  /** How the last order that ended left the person; null where that is not known. */
  leftAs: Seen | null;
  /** What the cloud has of it; null where it has nothing. */
  reported: Outcome | null;
}

/** What a report says of one box. */
export interface Outcome {
  state: "done" | "failed";
  reason: string | null;
}

/** ms after which the cloud is told that something waits and why, and after which it is given up. */
const sayWaitingAfterMs = 10 * minuteMs;
export const giveUpAfterMs = 7 * dayMs;

/** What the cloud is to know of a task at `now` (ms); null where there is nothing to say yet. */
export function outcomeOf({ state, reason, takenAt, number, reported }: Task, now: number): Outcome | null {
  if (state === "done" || state === "failed") return { state, reason };
  if (state === "left" || now - takenAt < sayWaitingAfterMs || reason === null || number === 0) return reported;
  return reported ?? { state: "failed", reason: `${reason} It is tried again.` };
}
