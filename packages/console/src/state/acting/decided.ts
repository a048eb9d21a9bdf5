import type { Action } from "@gatepost/client";
import { signal } from "@preact/signals";
import { visible } from "../../format/event.ts";
import { words } from "../../words/index.ts";
import { undoableFor } from "../notice.ts";

/** What a box asked for, and for whom. */
export function titleOf({ wantAction, event }: Action): string {
  const { wants } = words.value;
  const name = visible(event?.person.name ?? null);
  return wantAction === "1002" && name !== null ? wants["1002of"](name) : wants[wantAction];
}

const openStates: readonly Action["state"][] = ["pending", "announced", "failed"];

/** Whether it is still to be decided. */
export const isOpen = ({ state }: Pick<Action, "state">) => openStates.includes(state);

/**
 * The actions that this browser has decided: they are not among the open ones. When the server took each, as
 * `performance.now()`; null before.
 */
const decided = signal<ReadonlyMap<string, number | null>>(new Map());

export const isDecided = (id: string) => decided.value.has(id);

/** Changes when decisions were sent, taken back or refused: lists and counts are then asked for again. */
export const changes = signal(0);

/** ms after which a decision that the server has taken is not undone from its toast any more. */
const overMs = undoableFor + 5000;

/** Whether an action was decided here, and so long ago that it does not return to its place by itself. */
export function isOver(id: string): boolean {
  const takenAt = decided.peek().get(id) ?? null;
  return takenAt !== null && performance.now() - takenAt > overMs;
}

/** A decided action that is open in a list of later was opened again by another user. */
export function noteOpen(ids: readonly string[], askedAt: number): void {
  const again = ids.filter((id) => (decided.peek().get(id) ?? Number.POSITIVE_INFINITY) < askedAt);
  if (again.length > 0) show(again);
}

export function hide(ids: readonly string[]): void {
  decided.value = new Map([...decided.peek(), ...ids.map((id) => [id, null] as const)]);
}

export function show(ids: readonly string[]): void {
  decided.value = new Map([...decided.peek()].filter(([id]) => !ids.includes(id)));
}

/** Notes that the server has taken a decision, unless it was taken back meanwhile. */
export function noteTaken(id: string): void {
  if (decided.peek().has(id)) decided.value = new Map([...decided.peek(), [id, performance.now()]]);
}
