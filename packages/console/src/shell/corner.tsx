import type { Event } from "@gatepost/client";
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { nameOf, placeOf } from "../format/event.ts";
import { clockTime } from "../format/time.ts";
import { askWhy } from "../parts/acknowledge-dialog.tsx";
import { Button } from "../parts/button.tsx";
import { Portrait } from "../parts/faces.tsx";
import { Kind } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { Rings, Silence } from "../parts/ringing-mark.tsx";
import { BoxText } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { onErased } from "../state/erased.ts";
import { see } from "../state/live/acknowledging.ts";
import { onAlarm } from "../state/live/alerts.ts";
import { alarmMs } from "../state/live/latest.ts";
import { lastSeen } from "../state/live/standing.ts";
import { groupOf } from "../state/live/standing-rows.ts";
import { mayJudge } from "../state/role.ts";
import { address } from "../state/route.ts";
import { words } from "../words/index.ts";

/** ms for which a new card takes no click: it may appear under a pointer that means something else. */
const deafMs = 600;

/** Alarms that are counted. */
const maxAlarms = 100;

/** The newest first: persons on the blacklist who passed just now, and whom no user has acknowledged. */
const alarms = signal<readonly Event[]>([]);
/** ms of `performance.now()`. */
let shownAt = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;

onAlarm((event) => {
  shownAt = performance.now();
  alarms.value = [event, ...alarms.peek()].slice(0, maxAlarms);
  clearTimeout(timer);
  timer = setTimeout(closeCorner, alarmMs);
});

onErased((isErased) => leaveOut(isErased));

function leaveOut(isOver: (event: Event) => boolean): void {
  if (alarms.peek().some(isOver)) alarms.value = alarms.peek().filter((event) => !isOver(event));
}

function closeCorner(): void {
  clearTimeout(timer);
  alarms.value = [];
}

/** An alarm at the foot of a page that does not show it by itself. It takes no focus. */
export function Corner() {
  const place = useRef<HTMLDivElement>(null);
  const { page, id } = address.value;
  const [event, ...others] = alarms.value;
  const seen = lastSeen.value;
  useEffect(() => leaveOut((one) => seen.includes(one.id)), [seen]);
  useLayoutEffect(() => leaveRoom(place.current), []);
  const isShownThere = page === "live" || page === "screen" || (page === "event" && id === event?.id);
  return (
    <div class="corner-place" role="alert" ref={place} onClickCapture={swallow}>
      {event === undefined || isShownThere ? null : <Card event={event} others={others.length} />}
    </div>
  );
}

/** Lets the page and the bars at its foot end above the card. */
function leaveRoom(place: HTMLElement | null): (() => void) | undefined {
  if (place === null) return undefined;
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => style.setProperty("--alarm", `${place.offsetHeight}px`));
  observer.observe(place);
  return () => {
    observer.disconnect();
    style.removeProperty("--alarm");
  };
}

function swallow(click: MouseEvent): void {
  if (performance.now() - shownAt >= deafMs) return;
  click.stopPropagation();
  click.preventDefault();
}

function Card({ event, others }: { event: Event; others: number }) {
  const { live: w } = words.value;
  const acknowledge = () => {
    const group = groupOf(event);
    if (mayJudge.peek()) askWhy(group);
    else see(group.events);
  };
  return (
    <section class="corner panel" aria-label={w.alarm(nameOf(event))}>
      <div class="who">
        {event.pictures.registered === undefined ? null : (
          <Picture of={event} kind="registered" class="pic" width={88} height={110} />
        )}
        <Portrait of={event} width={88} height={110} />
        <div class="gap">
          <b>
            <BoxText text={nameOf(event)} />
          </b>
          <Kind of={event.person.type} />
          <span class="meta">
            <BoxText text={placeOf(event)} /> · {clockTime(event.time)}
          </span>
          <Rings of={event} />
          {others === 0 ? null : <span class="meta">{words.value.live.more(others)}</span>}
        </div>
      </div>
      <span class="line">
        <Button look="main" icon="check" onClick={acknowledge}>
          {mayJudge.value ? w.acknowledgeAsk : w.seen}
        </Button>
        <a class="btn" href={addressOf("event", event.id)}>
          {words.value.open}
        </a>
        <Silence of={event} />
      </span>
    </section>
  );
}
