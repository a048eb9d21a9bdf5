import type { Event } from "@gatepost/client";
import { deviceOf } from "../../format/event.ts";
import { clockTime, shortTime, weekday } from "../../format/time.ts";
import { judgementText } from "../../parts/judge.tsx";
import { Photo } from "../../parts/people/photo.tsx";
import { BoxText } from "../../parts/text.tsx";
import { addressOf } from "../../state/address.ts";
import { words } from "../../words/index.ts";
import { peopleWords } from "../../words/people.ts";
import { apartFrom } from "./apart.ts";
import { usePassing } from "./passing.ts";

/** This stranger and the passing beside it, at one size. */
export function Pair({ event, beside }: { event: Event; beside: string | null }) {
  const w = peopleWords.value;
  return (
    <div class="same">
      <Photo of={event} kind="captured" name={w.thisOne} alt={w.thisOne}>
        {clockTime(event.time)}
      </Photo>
      {beside === null ? (
        <Photo of={null} kind="captured" name={w.beside} alt={w.beside} />
      ) : (
        <Other key={beside} id={beside} />
      )}
    </div>
  );
}

function Other({ id }: { id: string }) {
  const w = peopleWords.value;
  const { event } = usePassing(id, { isFresh: false });
  return (
    <Photo of={event} kind="captured" name={w.beside} alt={w.beside}>
      {event === null ? null : `${weekday(event.time)} ${shortTime(event.time)}`}
    </Photo>
  );
}

/** When and where the other one passed, and the decision of then. */
export function AboutOther({ event, id }: { event: Event; id: string }) {
  const w = peopleWords.value;
  return (
    <section class="panel" aria-labelledby="beside">
      <header>
        <h2 id="beside">{w.theOneBeside}</h2>
        <a class="btn small bare end" href={addressOf("event", id)}>
          {w.open}
        </a>
      </header>
      <OtherFacts key={id} event={event} id={id} />
    </section>
  );
}

function OtherFacts({ event, id }: { event: Event; id: string }) {
  const w = peopleWords.value;
  const { event: other } = usePassing(id, { isFresh: true });
  if (other === null) return <p class="body quiet">…</p>;
  const { direction } = other.device;
  const where = [deviceOf(other), ...(direction === null ? [] : [words.value.directions[direction]])].join(w.comma);
  return (
    <dl class="facts body">
      <dt>{w.when}</dt>
      <dd>
        {weekday(other.time)} {clockTime(other.time)}
        {w.comma}
        {apartText(event, other)}
      </dd>
      <dt>{w.where}</dt>
      <dd>
        <BoxText text={where} />
      </dd>
      <dt>{w.decidedThen}</dt>
      <dd>
        <Decided of={other} />
      </dd>
    </dl>
  );
}

function apartText(event: Event, other: Event): string {
  const w = peopleWords.value;
  const { is, unit, count } = apartFrom(event.time, other.time);
  if (count === 0) return w.withinMinute;
  if (unit === "minutes") return is === "before" ? w.minutesBefore(count) : w.minutesAfter(count);
  return is === "before" ? w.hoursBefore(count) : w.hoursAfter(count);
}

/** The judgement of a user about a passing, with the note. */
export function Decided({ of: { acknowledgement } }: { of: Event }) {
  const w = peopleWords.value;
  if (acknowledgement === null) return <span class="quiet">{w.nothingDecided}</span>;
  const { reason, note, at, by } = acknowledgement;
  const decision = [judgementText(reason), shortTime(at), by.name].filter(Boolean).join(w.comma);
  return <bdi>{note === null ? decision : w.withNote(decision, note)}</bdi>;
}
