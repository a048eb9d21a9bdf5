import { signal } from "@preact/signals";

/**
 * The actions that this browser has decided: they are not among the open ones. When the server took each, as
 * `performance.now()`; null before.
 */
const decided = signal<ReadonlyMap<string, number | null>>(new Map());

export const isDecided = (id: string) => decided.value.has(id);

/** Changes when a decision was taken back or refused: lists are then asked for again. */
export const returned = signal(0);

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
