import type { Event } from "@gatepost/client";

/** So many are kept of those that pass a filter. */
const most = 500;

/** The list of a filter, newest first, with later events that pass it, and with changes. */
export function withArrived(
  list: readonly Event[],
  arrived: readonly Event[],
  updated: readonly Event[],
): readonly Event[] {
  const newer = new Map([...updated, ...arrived].map((event) => [event.id, event]));
  const known = new Set(list.map(({ id }) => id));
  if (arrived.length === 0 && !updated.some(({ id }) => known.has(id))) return list;
  const added = arrived.filter(({ id }) => !known.has(id)).toReversed();
  return [...added, ...list.map((event) => newer.get(event.id) ?? event)].slice(0, most);
}
