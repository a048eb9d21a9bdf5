import type { Event } from "@gatepost/client";
import { batch, type ReadonlySignal, type Signal, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { besidePlace, nameOf, placeOf } from "../format/event.ts";
import { Portrait } from "../parts/faces.tsx";
import { Kind } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { BoxText, Moment } from "../parts/text.tsx";
import { isPhone, rootScale } from "../parts/virtual-rows.tsx";
import { addressOf } from "../state/address.ts";
import { onErased } from "../state/erased.ts";
import { words } from "../words/index.ts";
import { beginning, onArrivals, recent } from "./arrivals.ts";
import { connection } from "./feed.ts";
import { liveFilter, passesFilter } from "./filter.ts";
import { FilteredToNothing } from "./filtered-to-nothing.tsx";
import { LatestCard } from "./latest-card.tsx";
import { filled, fit, isLeaving, nextPlace } from "./ring.ts";
import { StandOut } from "./stand-out.tsx";
import { useFiltered } from "./use-filtered.ts";

/** Beside the wall: the newest passing in large, and the persons who stand out until a user marks them as seen. */
export function Lane() {
  return (
    <aside class="lane" aria-label={words.value.live.lane}>
      <LatestCard />
      <StandOut />
    </aside>
  );
}

interface PlaceProps {
  event: ReadonlySignal<Event | null>;
  place: number;
  ring: Ring;
}

/** One place of the wall. It is painted again when its event is another, and when it becomes the newest or is to go. */
function Place({ event, place, ring }: PlaceProps) {
  const isNow = useComputed(() => ring.at.value === place);
  const isOld = useComputed(() => isLeaving(place, ring.at.value, ring.places.value.length));
  const { live: w } = words.value;
  const shown = event.value;
  const first = useRef(shown?.id);
  // The events of the beginning do not appear as if they had just arrived.
  const isNew = shown?.id !== first.current;
  useEffect(() => {
    first.current = shown?.id;
  });
  if (shown === null) return <li class="cell vacant" />;
  const look = [shown.person.type, isNow.value && "now", isOld.value && "old", isNew && "swap"]
    .filter(Boolean)
    .join(" ");
  return (
    <li class={`cell ${look}`}>
      {isNow.value ? <span class="tag">{connection.value.is === "waiting" ? w.last : w.now}</span> : null}
      <Content event={shown} />
    </li>
  );
}

/** One link, called by what it shows: name, kind, place, time. */
function Content({ event }: { event: Event }) {
  const isStranger = event.person.type === "stranger";
  return (
    <a href={addressOf("event", event.id)}>
      <span class="pics" key={event.id}>
        <Portrait of={event} class="face" width={180} height={166} />
        {event.pictures.registered === undefined ? null : (
          <Picture of={event} kind="registered" class="reg" width={48} height={60} />
        )}
      </span>
      <span class="text">
        <BoxText class="name" text={nameOf(event)} /> <Kind of={event.person.type} />{" "}
        <BoxText class="where" text={isStranger ? besidePlace(event) : placeOf(event)} /> <Moment at={event.time} />
      </span>
    </a>
  );
}

/** Both signals live as long as the wall: a place that stays when the size changes still follows them. */
interface Ring {
  /** One signal for each place: a new event paints one of them. */
  places: Signal<Signal<Event | null>[]>;
  /** The newest place; -1 if all are vacant. */
  at: Signal<number>;
}

const gap = 8;
const textHeight = 66;
const ratio = 0.92;

/** As many places as fit, never scrolling. A passing takes the oldest place, in reading order. */
export function Wall() {
  const stage = useRef<HTMLOListElement>(null);
  const size = useSignal(0);
  const ring: Ring = { places: useSignal([]), at: useSignal(-1) };
  const { events, isThere } = useFiltered();
  useLayoutEffect(() => watchSize(stage.current, size), []);
  // Made anew when the size or the filter is another, not for each event.
  useLayoutEffect(() => {
    refill(ring, size.value, events.peek() ?? recent.peek().filter(passesFilter));
  }, [size.value, liveFilter.value, beginning.value.is, isThere.value]);
  useEffect(
    () => onArrivals((arrived, updated) => turn(ring, stage.current, arrived.filter(passesFilter), updated)),
    [],
  );
  useEffect(
    () =>
      onErased(
        (isErased) => vacate(ring, isErased),
        () => ring.places.peek().map((place) => place.peek()),
      ),
    [],
  );
  const isEmpty = useComputed(() => liveFilter.value !== null && ring.at.value < 0);
  return (
    <>
      {isEmpty.value ? <FilteredToNothing /> : null}
      <ol
        class={isEmpty.value ? "wall none-yet" : "wall"}
        ref={stage}
        aria-label={words.value.live.places}
        aria-busy={beginning.value.is === "loading"}
      >
        {ring.places.value.map((event, place) => (
          <Place key={place} event={event} place={place} ring={ring} />
        ))}
      </ol>
    </>
  );
}

function refill(ring: Ring, size: number, newestFirst: readonly Event[]): void {
  const { places, at } = filled(newestFirst, size);
  batch(() => {
    ring.places.value = places.map((event) => signal(event));
    ring.at.value = at;
  });
}

function vacate({ places }: Ring, isErased: (event: Event) => boolean): void {
  for (const place of places.peek()) {
    const shown = place.peek();
    if (shown !== null && isErased(shown)) place.value = null;
  }
}

function turn(ring: Ring, wall: HTMLElement | null, arrived: readonly Event[], updated: readonly Event[]): void {
  const { at } = ring;
  const places = ring.places.peek();
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

/** The place under a pointer, a finger or the focus never changes. */
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
