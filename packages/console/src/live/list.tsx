import type { Event } from "@gatepost/client";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { EventRow } from "../parts/event-table.tsx";
import { Skeleton } from "../parts/loaded.tsx";
import { Pill } from "../parts/pill.tsx";
import { VirtualRows } from "../parts/virtual-rows.tsx";
import { FilteredToNothing, liveFilter, passesFilter, useFiltered } from "../parts/wall/filtered.tsx";
import { onErased } from "../state/erased.ts";
import { beginning, onArrivals, recent } from "../state/live/arrivals.ts";
import { words } from "../words/index.ts";
import { type HeldBack, heldAfter } from "./held-back.ts";

const topEdge = 8;

/** In the order of receipt, the last first. At the top, with no pointer or focus in it, rows come by themselves; otherwise a pill counts them. */
export function LiveList() {
  const { columns: w, filters: f, live, match } = words.value;
  const body = useRef<HTMLDivElement>(null);
  const { events: earlier, isThere } = useFiltered();
  const held = useSignal<HeldBack | null>(null);
  const all = useComputed(() => withEarlier(recent.value.filter(passesFilter), earlier.value));
  const shown = useComputed(() => held.value?.list ?? all.value);
  useEffect(
    () =>
      onArrivals((came, updated) => {
        const arrived = came.filter(passesFilter);
        const news = new Set(arrived);
        const before = all.peek().filter((event) => !news.has(event));
        held.value = heldAfter(held.peek(), { before, arrived, updated, isRead: isRead(body.current) });
      }),
    [],
  );
  useEffect(() => {
    const takeOff = (isErased: (event: Event) => boolean) => {
      const { value } = held;
      if (value !== null) held.value = { ...value, list: value.list.filter((event) => !isErased(event)) };
    };
    return onErased(takeOff, () => held.peek()?.list ?? []);
  }, []);
  // Another filter is another list.
  useEffect(() => {
    held.value = null;
  }, [liveFilter.value, isThere.value]);
  const showNew = () => {
    held.value = null;
    scrollTo({ top: 0 });
  };
  if (shown.value.length === 0 && liveFilter.value !== null) return <FilteredToNothing />;
  if (shown.value.length === 0 && beginning.value.is === "loading") return <Skeleton as="passings" />;
  const hasAsked = shown.value.some(({ actions }) => actions.length > 0);
  return (
    <div ref={body}>
      <Pill count={held.value?.count ?? 0} onShow={showNew} />
      <VirtualRows
        label={live.newest}
        heads={[w.time, w.faces, w.person, f.device, f.box, match, ...(hasAsked ? [w.asked] : [])]}
        items={shown.value}
        row={(event, index) => <EventRow key={event.id} event={event} index={index} hasAsked={hasAsked} />}
      />
    </div>
  );
}

/** Whether the user reads it: then nothing may move. */
function isRead(list: HTMLElement | null): boolean {
  return scrollY > topEdge || (list?.matches(":hover, :focus-within") ?? false);
}

function withEarlier(shown: readonly Event[], earlier: readonly Event[] | null): readonly Event[] {
  if (earlier === null) return shown;
  const known = new Set(shown.map(({ id }) => id));
  return [...shown, ...earlier.filter(({ id }) => !known.has(id))];
}
