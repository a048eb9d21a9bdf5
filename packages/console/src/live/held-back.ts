import type { Event } from "@gatepost/client";

/** A list as it was when the user began to read it, and how many events have arrived since. */
export interface HeldBack {
  list: readonly Event[];
  count: number;
}

interface Arrivals {
  /** The list without those that have come now. */
  before: readonly Event[];
  arrived: readonly Event[];
  updated: readonly Event[];
  /** Whether the user reads the list: then nothing in it may move. */
  isRead: boolean;
}

/**
 * The events that are held back after new ones arrived; null if all are shown. Rows that are read stay, however many
 * arrive: the newest alone are kept elsewhere. A changed event keeps its place.
 */
export function heldAfter(held: HeldBack | null, { before, arrived, updated, isRead }: Arrivals): HeldBack | null {
  if (arrived.length === 0) return held === null ? null : { ...held, list: changed(held.list, updated) };
  if (!isRead) return null;
  return { list: changed(held?.list ?? before, updated), count: (held?.count ?? 0) + arrived.length };
}

function changed(list: readonly Event[], updated: readonly Event[]): readonly Event[] {
  if (updated.length === 0) return list;
  const newer = new Map(updated.map((event) => [event.id, event]));
  return list.map((event) => newer.get(event.id) ?? event);
}
