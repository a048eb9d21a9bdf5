import type { Seen } from "../people/seen.ts";
import type { Order, Task } from "./task.ts";

/**
 * Whether an order is newer than the held one. If the cloud was restored from a backup, a number may come again with
 * another order: that one is newer.
 */
export function isNewer({ number, kind, orderedAt }: Order, held: Task): boolean {
  if (number !== held.number) return number > held.number || orderedAt > held.orderedAt;
  return kind !== held.kind || orderedAt > held.orderedAt;
}

/**
 * The known states of the box when an order replaces another: an undo continues from the state that the other order
 * left.
 */
export function seenBefore({ kind }: Order, held: Task | null): [began: Seen | null, leftAs: Seen | null] {
  if (held === null) return [null, null];
  if (kind === "undo") return [held.began, held.leftAs];
  return [null, held.began === null ? held.leftAs : null];
}

/**
 * Whether the bridge has all orders of an action: this one is the first, or follows the known one. Numbers rise by one;
 * after a task without an order (0), the next is 2. Also true for an undo if everything was ordered since this bridge
 * last looked: then no other bridge can have carried it out.
 */
export function isWhole(
  { number, kind, since, orderedAt }: Order,
  held: Task | null,
  watchedSince: number | null,
): boolean {
  if (kind !== "undo" && (number === 0 || since === orderedAt)) return true;
  if (kind === "undo" && held === null && watchedSince !== null && since >= watchedSince) return true;
  if (held === null || !held.isWhole) return false;
  return number === held.number + 1 || (held.number === 0 && number === 2);
}
