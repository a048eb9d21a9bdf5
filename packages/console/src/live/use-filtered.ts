import type { Event } from "@gatepost/client";
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { askedFilter } from "../events/asked-filter.ts";
import { onErased } from "../state/erased.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { liveFilter } from "./filter.ts";

const asked = 60;

/** Under a filter, the newest events that pass it, which may be older than all that are shown; null without one. */
export function useFiltered(): ReadonlySignal<readonly Event[] | null> {
  const { state, set } = useLoading(JSON.stringify(liveFilter.value), async (signal) => {
    const filter = liveFilter.peek();
    if (filter === null) return null;
    const query = askedFilter({ box: filter.box, type: filter.type });
    const { events } = await gatepost().ask("GET /v1/events", { query: { ...query, limit: asked }, signal });
    return events;
  });
  useEffect(
    () =>
      onErased((isErased) => {
        const { value } = state.peek();
        if (value !== null) set(value.filter((event) => !isErased(event)));
      }),
    [],
  );
  return useComputed(() => state.value.value ?? null);
}
