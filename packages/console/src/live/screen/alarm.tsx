import type { Event } from "@gatepost/client";
import { matchOf, nameOf, placeOf } from "../../format/event.ts";
import { clockTime, shortTime } from "../../format/time.ts";
import { Portrait } from "../../parts/faces.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Picture } from "../../parts/picture.tsx";
import { BoxText } from "../../parts/text.tsx";
import { here } from "../../state/clock.ts";
import { isSoundOn } from "../../state/live/sound.ts";
import { standing } from "../../state/live/standing.ts";
import { words } from "../../words/index.ts";
import { screenWords } from "../../words/screen.ts";
import { type Alarm, type Alarms, alarmMs } from "./alarms.ts";

/** A person on the blacklist over the whole screen: both faces, the name, the place, and the number of passings. */
export function AlarmBanner({ alarms }: { alarms: Alarms }) {
  const shown = alarms.shown.value;
  if (shown === null) return null;
  const { event } = shown;
  return (
    <div class="alarm" role="alert">
      <header class="top">
        <Mark name="blacklist" />
        <span>{words.value.kinds.blacklist}</span>
        <span class="end">{clockTime(event.time)}</span>
      </header>
      <div class="pictures">
        <figure>
          {event.pictures.registered === undefined ? (
            <span class="pic missing">{words.value.pictures.none.registered}</span>
          ) : (
            <Picture of={event} kind="registered" width={800} height={1000} />
          )}
          <figcaption class="cap">{words.value.pictures.registeredShort}</figcaption>
        </figure>
        <figure>
          <Portrait of={event} width={800} height={1000} />
          <figcaption class="cap">{words.value.pictures.faceShort}</figcaption>
        </figure>
        <Facts event={event} />
      </div>
      <Foot alarms={alarms} shown={shown} />
    </div>
  );
}

function Facts({ event }: { event: Event }) {
  const match = matchOf(event);
  const { count, first } = passingsOf(event);
  return (
    <div class="alarm-facts">
      <BoxText class="name" text={nameOf(event)} />
      <BoxText text={placeOf(event)} />
      {count > 1 ? <span>{screenWords.value.times(count, shortTime(first))}</span> : null}
      {match === null ? null : <span>{words.value.matchShort(match.toFixed(0))}</span>}
    </div>
  );
}

/** How often the person has passed of whom no one has decided yet, and when first. */
function passingsOf(event: Event): { count: number; first: string } {
  const { box, person } = event;
  const others = standing.value.filter(
    (one) => one.id !== event.id && person.id !== null && one.person.id === person.id && one.box.id === box.id,
  );
  const first = others.reduce((least, { time }) => (time < least ? time : least), event.time);
  return { count: others.length + 1, first };
}

/** The seconds are counted for the eye alone: a reader of the page is told once. */
function Foot({ alarms, shown }: { alarms: Alarms; shown: Alarm }) {
  const w = screenWords.value;
  // It is painted again each second.
  void here.value;
  const end = alarms.endOf(shown);
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  const isNext = alarms.waiting.value.length > 0;
  if (shown.decision !== null) return <p class="decision">{shown.decision}</p>;
  return (
    <div aria-live="off">
      <svg class="left" viewBox="0 0 100 3" preserveAspectRatio="none" role="img" aria-label={leftOf(left)}>
        <rect class="track" width="100" height="3" />
        <rect class="fill" width={(left * 1000 * 100) / alarmMs} height="3" />
      </svg>
      <p class="foot-line">
        <span>{isSoundOn.value ? w.rings : ""}</span>
        <span>{isNext ? w.nextIn(left) : w.back(left)}</span>
      </p>
    </div>
  );
}

const leftOf = (left: number) => screenWords.value.progress(left, alarmMs / 1000);
