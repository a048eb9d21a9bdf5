import type { Event } from "@gatepost/client";
import { useComputed } from "@preact/signals";
import { matchOf, placeOf } from "../../format/event.ts";
import { ago, clockTime } from "../../format/time.ts";
import { addressOf } from "../../state/address.ts";
import { here, now } from "../../state/clock.ts";
import { beginning } from "../../state/live/arrivals.ts";
import { alarmedAt, alarmMs, latest } from "../../state/live/latest.ts";
import { words } from "../../words/index.ts";
import { Portrait } from "../faces.tsx";
import { Denied, Kind } from "../mark.tsx";
import { Picture } from "../picture.tsx";
import { NameText, PlaceText } from "../text.tsx";

export function LatestCard() {
  const event = latest.value;
  const when = useComputed(() => (latest.value === null ? "" : ago(latest.value.time, now.value)));
  return (
    <section aria-labelledby="latest">
      <h2 id="latest">
        {words.value.live.latest}
        <span class="meta end">{when}</span>
      </h2>
      {event === null ? <None /> : <Card event={event} />}
    </section>
  );
}

function Card({ event }: { event: Event }) {
  const match = matchOf(event);
  return (
    <a class={alarmedAt.value === null ? "latest" : "latest alarmed"} href={addressOf("event", event.id)}>
      <div class="pair">
        <Half event={event} kind="face" />
        <Half event={event} kind="registered" />
      </div>
      <div class="text">
        <NameText class="big" of={event} />
        <span class="line">
          <Kind of={event.person.type} />
          <Denied of={event} />
          {match === null ? null : <span class="meta">{words.value.matchShort(match.toFixed(0))}</span>}
        </span>
        <span class="meta">
          <PlaceText text={placeOf(event)} /> · {clockTime(event.time)}
        </span>
        {alarmedAt.value === null ? null : <Left from={alarmedAt.value} />}
      </div>
    </a>
  );
}

/** How long it is still shown, for the eye alone. */
function Left({ from }: { from: number }) {
  // It is painted again each second.
  void here.value;
  const left = Math.max(0, from + alarmMs - performance.now());
  return (
    <svg class="left" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="3" />
      <rect class="fill" width={(left * 100) / alarmMs} height="3" />
    </svg>
  );
}

function Half({ event, kind }: { event: Event; kind: "face" | "registered" }) {
  const { pictures: w } = words.value;
  const shown = kind === "face" ? [event.pictures.face, event.pictures.scene] : [event.pictures.registered];
  if (shown.every((picture) => picture === undefined)) {
    return (
      <figure>
        <span class="pic missing">{w.none[kind]}</span>
      </figure>
    );
  }
  return (
    <figure>
      {kind === "face" ? <Portrait of={event} /> : <Picture of={event} kind={kind} />}
      <figcaption class="cap">{kind === "face" ? w.faceShort : w.registeredShort}</figcaption>
    </figure>
  );
}

/** Before the first passing of all, or of those that are still asked for. */
function None() {
  if (beginning.value.is === "there") return <p class="meta">{words.value.live.emptyTitle}</p>;
  return (
    <span class="latest">
      <span class="pair">
        <span class="pic waits" />
        <span class="pic waits" />
      </span>
      <span class="text">
        <span class="bone l" />
        <span class="bone m" />
      </span>
    </span>
  );
}
