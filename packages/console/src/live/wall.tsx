import type { Event } from "@gatepost/client";
import { batch, type Signal, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { isPhone, rootScale } from "../parts/row-height.ts";
import { onErased } from "../state/erased.ts";
import { words } from "../words/index.ts";
import { beginning, onArrivals, recent } from "./arrivals.ts";
import { liveFilter, passesFilter } from "./filter.ts";
import { FilteredToNothing } from "./filtered-to-nothing.tsx";
import { Place } from "./place.tsx";
import { filled, fit, nextPlace } from "./ring.ts";
import { useFiltered } from "./use-filtered.ts";

interface Ring {
  /** One signal a place: an event that comes paints one of them. */
  places: Signal<Event | null>[];
  at: Signal<number>;
}

const gap = 8;
const textHeight = 66;
const ratio = 0.92;

/** As many places as fit, never scrolling. A passing takes the oldest place, in reading order. */
export function Wall() {
  const stage = useRef<HTMLOListElement>(null);
  const size = useSignal(0);
  const ring = useSignal<Ring>({ places: [], at: signal(-1) });
  const { events, isThere } = useFiltered();
  useLayoutEffect(() => watchSize(stage.current, size), []);
  // Made anew when the size or the filter is another, not for each event.
  useLayoutEffect(() => {
    ring.value = made(size.value, events.peek() ?? recent.peek().filter(passesFilter));
  }, [size.value, liveFilter.value, beginning.value.is, isThere.value]);
  useEffect(
    () => onArrivals((arrived, updated) => turn(ring.value, stage.current, arrived.filter(passesFilter), updated)),
    [],
  );
  useEffect(
    () =>
      onErased(
        (isErased) => vacate(ring.value, isErased),
        () => ring.peek().places.map((place) => place.peek()),
      ),
    [],
  );
  const { places, at } = ring.value;
  const isEmpty = useComputed(() => liveFilter.value !== null && ring.value.at.value < 0);
  return (
    <>
      {isEmpty.value ? <FilteredToNothing /> : null}
      <ol
        class={isEmpty.value ? "wall none-yet" : "wall"}
        ref={stage}
        aria-label={words.value.live.places}
        aria-busy={beginning.value.is === "loading"}
      >
        {places.map((event, place) => (
          <Place key={place} event={event} place={place} at={at} size={places.length} />
        ))}
      </ol>
    </>
  );
}

function made(size: number, newestFirst: readonly Event[]): Ring {
  const { places, at } = filled(newestFirst, size);
  return { places: places.map((event) => signal(event)), at: signal(at) };
}

function vacate({ places }: Ring, isErased: (event: Event) => boolean): void {
  for (const place of places) {
    const shown = place.peek();
    if (shown !== null && isErased(shown)) place.value = null;
  }
}

function turn(
  { places, at }: Ring,
  wall: HTMLElement | null,
  arrived: readonly Event[],
  updated: readonly Event[],
): void {
  batch(() => {
    const placeOf = ({ id }: Event) => places.find((place) => place.peek()?.id === id);
    for (const event of [...updated, ...arrived]) {
      const shown = placeOf(event);
      if (shown !== undefined) shown.value = event;
    }
    // The answer to a filter may have been sooner than the feed. More than there are places would only be painted over.
    for (const event of arrived.filter((one) => placeOf(one) === undefined).slice(-places.length)) {
      const place = nextPlace(at.peek(), places.length, (one) => isHeld(wall?.children[one]));
      if (place === null) continue;
      const taken = places[place];
      if (taken !== undefined) taken.value = event;
      at.value = place;
    }
  });
}

/** What is under a pointer, a finger or the focus never changes. */
const isHeld = (place: Element | undefined) => place?.matches(":hover, :focus-within, :active") ?? false;

function watchSize(wall: HTMLElement | null, size: Signal<number>): (() => void) | undefined {
  if (wall === null) return undefined;
  const measure = () => {
    const scale = rootScale();
    const width = wall.getBoundingClientRect().width;
    const top = wall.getBoundingClientRect().top + scrollY;
    // A phone scrolls to its wall: four rows of three.
    const height = innerHeight - top - 24 * scale;
    const least = 132 * scale;
    const { columns, rows } = fit(width, height, { least, gap, heightOf: (each) => each * ratio + textHeight * scale });
    size.value = isPhone() ? 12 : columns * rows;
  };
  const observer = new ResizeObserver(measure);
  observer.observe(wall.parentElement ?? wall);
  addEventListener("resize", measure);
  measure();
  return () => {
    observer.disconnect();
    removeEventListener("resize", measure);
  };
}
