import type { Event } from "@gatepost/client";
import { computed, type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { onErased } from "../../state/erased.ts";
import { askedFilter } from "../../state/filter.ts";
import { onArrivals } from "../../state/live/arrivals.ts";
import { newestReceived } from "../../state/live/events-and-seen.ts";
import { useLoading } from "../../state/loading.ts";
import { query, setQuery } from "../../state/route.ts";
import { defaultSite } from "../../state/sites.ts";
import { words } from "../../words/index.ts";
import { Blank } from "../loaded.tsx";

/** The filter of the live page, as its address has it; null if everything is shown. */
export const liveFilter = computed(() => {
  const { box = [], type = [], site: [site = null] = [] } = query.value;
  return box.length + type.length === 0 && site === null ? null : { box, type, site };
});

export function passesFilter({ box, person }: Event): boolean {
  const filter = liveFilter.value;
  if (filter === null) return true;
  const isOfSite = filter.site === null || filter.site === (box.site ?? defaultSite);
  const isOfBox = isOfSite && (filter.box.length === 0 || filter.box.includes(box.id));
  return isOfBox && (filter.type.length === 0 || filter.type.includes(person.type));
}

/** So many are kept of those that pass a filter. */
const maxEvents = 500;

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
  return [...added, ...list.map((event) => newer.get(event.id) ?? event)].slice(0, maxEvents);
}

const asked = 60;

interface Filtered {
  /** The newest events that pass the filter, which may be older than all that are shown; null without one. */
  events: ReadonlySignal<readonly Event[] | null>;
  /** Whether they are there. It is another when they have come, and not with each that passes. */
  isThere: ReadonlySignal<boolean>;
}

/** What passes the filter of the live page. It stays there however many come that do not pass. */
export function useFiltered(): Filtered {
  const { state, set } = useLoading<readonly Event[] | null>(JSON.stringify(liveFilter.value), async (signal) => {
    const filter = liveFilter.peek();
    if (filter === null) return null;
    const wanted = askedFilter({
      box: filter.box,
      type: filter.type,
      ...(filter.site === null ? {} : { site: [filter.site] }),
    });
    return (await newestReceived({ ...wanted, limit: asked }, signal)).events;
  });
  const change = (changed: (list: readonly Event[]) => readonly Event[]) => {
    const { value } = state.peek();
    if (value !== null) set(changed(value));
  };
  useEffect(() => {
    const takeOff = (isErased: (event: Event) => boolean) => change((list) => list.filter((event) => !isErased(event)));
    return onErased(takeOff, () => state.peek().value ?? []);
  }, []);
  useEffect(
    () => onArrivals((arrived, updated) => change((list) => withArrived(list, arrived.filter(passesFilter), updated))),
    [],
  );
  return {
    events: useComputed(() => state.value.value),
    isThere: useComputed(() => state.value.value !== null),
  };
}

/** Shown instead of the list if no event passes the filter. */
export function FilteredToNothing() {
  const { live: w } = words.value;
  return (
    <Blank icon="events" title={w.filteredTitle} why={w.filteredWhy}>
      <button type="button" class="btn main" onClick={() => setQuery({ box: null, type: null })}>
        {w.clearFilter}
      </button>
    </Blank>
  );
}
