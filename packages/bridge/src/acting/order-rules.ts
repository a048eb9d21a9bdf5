import type { Seen } from "../people/seen.ts";
import type { Order, Task } from "./task.ts";

/** Of the same number, another order of a cloud that was put back to a backup is the later one. */
export function isNewer({ number, kind, orderedAt }: Order, held: Task): boolean {
  if (number !== held.number) return number > held.number || orderedAt > held.orderedAt;
  return kind !== held.kind || orderedAt > held.orderedAt;
}

/** What is known of a box when an order replaces another: an undo goes on from where that was. */
export function seenBefore({ kind }: Order, held: Task | null): [began: Seen | null, leftAs: Seen | null] {
  if (held === null) return [null, null];
  if (kind === "undo") return [held.began, held.leftAs];
  return [null, held.began === null ? held.leftAs : null];
}

/**
 * An order that is the first, or follows the one that is known; numbers rise by one, and by two after what nobody ordered.
 * And an undo of what was ordered only since this bridge looked last: no bridge has had that.
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
