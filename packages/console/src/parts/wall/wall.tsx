import type { Event } from "@gatepost/client";
import { batch, type ReadonlySignal, type Signal, signal, useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { besidePlace, placeOf } from "../../format/event.ts";
import { addressOf } from "../../state/address.ts";
import { onErased } from "../../state/erased.ts";
import { beginning, onArrivals, recent } from "../../state/live/arrivals.ts";
import { connection } from "../../state/live/feed.ts";
import { isOtherReport, onePerPassing } from "../../state/live/standing-groups.ts";
import { words } from "../../words/index.ts";
import { Portrait } from "../faces.tsx";
import { Denied, Kind } from "../mark.tsx";
import { Picture } from "../picture.tsx";
import { StandOut } from "../stand-out.tsx";
import { Moment, NameText, PlaceText } from "../text.tsx";
import { isPhone, rootScale } from "../virtual-rows.tsx";
import { FilteredToNothing, liveFilter, passesFilter, useFiltered } from "./filtered.tsx";
import { LatestCard } from "./latest-card.tsx";
import { filled, fit, fitFaces, type Grid, isLeaving, nextPlace } from "./ring.ts";

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
  isStill: boolean;
}

/** One place of the wall. It is painted again when its event is another, and when it becomes the newest or is to go. */
function Place({ event, place, ring, isStill }: PlaceProps) {
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
      {isStill ? (
        <div class="frame">
          <Content event={shown} />
        </div>
      ) : (
        <a class="frame" href={addressOf("event", shown.id)}>
          <Content event={shown} />
        </a>
      )}
    </li>
  );
}

/** Whether the door stayed shut, name, kind, place, time: a link is called by them. */
function Content({ event }: { event: Event }): ComponentChildren {
  const isStranger = event.person.type === "stranger";
  return (
    <>
      <span class="pics" key={event.id}>
        <Portrait of={event} class="face" width={180} height={166} />
        {event.pictures.registered === undefined ? null : (
          <Picture of={event} kind="registered" class="reg" width={48} height={60} />
        )}
        <Denied of={event} />
      </span>
      <span class="text">
        <NameText of={event} /> <Kind of={event.person.type} />{" "}
        <PlaceText class="where" text={isStranger ? besidePlace(event) : placeOf(event)} /> <Moment at={event.time} />
      </span>
    </>
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
/** The same on a screen. */
const [screenGap, screenTextHeight] = [10, 70];
/** On a phone the page scrolls to the wall. */
const ofPhone: Grid = { columns: 3, rows: 4 };

/**
 * As many places as fit, never scrolling. A passing takes the oldest place, in reading order.
 *
 * @param faces on a screen that is only looked at: the least px of a face, in height and width
 */
export function Wall({ faces = null }: { faces?: number | null }) {
  const stage = useRef<HTMLOListElement>(null);
  const grid = useSignal<Grid>({ columns: 1, rows: 0 });
  const size = useComputed(() => grid.value.columns * grid.value.rows);
  const ring: Ring = { places: useSignal([]), at: useSignal(-1) };
  const { events, isThere } = useFiltered();
  useLayoutEffect(() => watchSize(stage.current, grid, faces), [faces]);
  // Made anew when the size or the filter is another, not for each event.
  useLayoutEffect(() => {
    refill(ring, size.value, events.peek() ?? recent.peek().filter(passesFilter));
  }, [size.value, liveFilter.value, beginning.value.is, isThere.value]);
  useEffect(
    () =>
      onArrivals((arrived, updated) =>
        // On a screen the pointer only rests.
        turn(ring, faces === null ? stage.current : null, arrived.filter(passesFilter), updated),
      ),
    [faces],
  );
  useEffect(
    () =>
      onErased(
        (isErased) => vacate(ring, isErased),
        () => ring.places.peek().map((place) => place.peek()),
      ),
    [],
  );
  const isEmpty = useComputed(() => faces === null && liveFilter.value !== null && ring.at.value < 0);
  const { columns, rows } = grid.value;
  return (
    <>
      {isEmpty.value ? <FilteredToNothing /> : null}
      <ol
        class={isEmpty.value ? "wall none-yet" : "wall"}
        ref={stage}
        aria-label={words.value.live.places}
        aria-busy={beginning.value.is === "loading"}
        style={
          grid.value === ofPhone
            ? {}
            : {
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
                gridTemplateRows: `repeat(${rows}, minmax(0, 1fr))`,
              }
        }
      >
        {ring.places.value.map((event, place) => (
          <Place key={place} event={event} place={place} ring={ring} isStill={faces !== null} />
        ))}
      </ol>
    </>
  );
}

function refill(ring: Ring, size: number, newestFirst: readonly Event[]): void {
  const { places, at } = filled(onePerPassing(newestFirst.slice(0, size * 2)), size);
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
    const placeOf = (event: Event) => places.find((place) => isShownAs(place.peek(), event));
    for (const event of [...updated, ...arrived]) {
      const place = placeOf(event);
      // A report without a face never replaces the one with a face.
      if (place !== undefined && (place.peek()?.id === event.id || event.pictures.face !== undefined))
        place.value = event;
    }
    // The answer to a filter may have been sooner than the feed. More than there are places would only be painted over.
    for (const event of onePerPassing(arrived.filter((one) => placeOf(one) === undefined)).slice(-places.length)) {
      const place = nextPlace(at.peek(), places.length, (one) => isHeld(wall?.children[one]));
      if (place === null) continue;
      const taken = places[place];
      if (taken !== undefined) taken.value = event;
      at.value = place;
    }
  });
}

/** Whether a place shows this event, or the other report of the same passing. */
const isShownAs = (shown: Event | null, event: Event) =>
  shown !== null && (shown.id === event.id || isOtherReport(shown, event));

/** The place under a pointer, a finger or the focus never changes. */
const isHeld = (place: Element | undefined) => place?.matches(":hover, :focus-within, :active") ?? false;

/** Fits the wall into the room that it is given, and again whenever that is another. Returns the function that ends it. */
function watchSize(wall: HTMLElement | null, grid: Signal<Grid>, faces: number | null): (() => void) | undefined {
  const stage = wall?.parentElement ?? null;
  if (stage === null) return undefined;
  const measure = () => {
    const { width, height } = stage.getBoundingClientRect();
    const fitted = isPhone() && faces === null ? ofPhone : fittedTo(width, height, faces);
    const { columns, rows } = grid.peek();
    if (fitted === ofPhone || fitted.columns !== columns || fitted.rows !== rows) grid.value = fitted;
  };
  const observer = new ResizeObserver(measure);
  observer.observe(stage);
  measure();
  return () => observer.disconnect();
}

function fittedTo(width: number, height: number, faces: number | null): Grid {
  const scale = rootScale();
  if (faces !== null) {
    const below = screenTextHeight * scale;
    return fitFaces(width, height, { least: faces * scale, gap: screenGap * scale, below });
  }
  const heightOf = (each: number) => each * ratio + textHeight * scale;
  return fit(width, height, { least: 132 * scale, gap: gap * scale, heightOf });
}
