import type { Event } from "@gatepost/client";
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { besidePlace, nameOf, placeOf } from "../format/event.ts";
import { Kind } from "../parts/kind.tsx";
import { Moment } from "../parts/moment.tsx";
import { Picture } from "../parts/picture.tsx";
import { Portrait } from "../parts/portrait.tsx";
import { BoxText } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { words } from "../words/index.ts";
import { connection } from "./feed.ts";
import { isLeaving } from "./ring.ts";

interface PlaceProps {
  event: ReadonlySignal<Event | null>;
  place: number;
  /** The newest place of the wall. */
  at: ReadonlySignal<number>;
  size: number;
}

/** One place of the wall. It is painted again when its event is another, and when it becomes the newest or is to go. */
export function Place({ event, place, at, size }: PlaceProps) {
  const isNow = useComputed(() => at.value === place);
  const isOld = useComputed(() => isLeaving(place, at.value, size));
  const { live: w } = words.value;
  const shown = event.value;
  const first = useRef(shown?.id);
  // What was there from the beginning does not appear as if it came just now.
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
