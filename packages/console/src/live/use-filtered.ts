import type { Event } from "@gatepost/client";
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { askedFilter } from "../events/asked-filter.ts";
import { onErased } from "../state/erased.ts";
import { useLoading } from "../state/loading.ts";
import { onArrivals } from "./arrivals.ts";
import { newestReceived } from "./events-and-seen.ts";
import { liveFilter, passesFilter } from "./filter.ts";
import { withArrived } from "./filtered.ts";

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
    const query = askedFilter({
      box: filter.box,
      type: filter.type,
      ...(filter.site === null ? {} : { site: [filter.site] }),
    });
    return (await newestReceived({ ...query, limit: asked }, signal)).events;
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
