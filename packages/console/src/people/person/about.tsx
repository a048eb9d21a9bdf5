import type { Api, Event } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { clockTime, day, isoDay } from "../../format/time.ts";
import { BoxText } from "../../parts/text.tsx";
import { addressOf } from "../../state/address.ts";
import { now } from "../../state/clock.ts";
import { boxNameById, gateNameOf } from "../../state/people/gates.ts";
import { isAdmin } from "../../state/role.ts";
import { me } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { peopleWords } from "../../words/people.ts";
import { Say } from "../../words/say.tsx";
import { weekdaysText } from "./weekdays.ts";

export type Person = Api["GET /v1/people/{library}/{id}"]["answer"];
export type Schedule = Api["GET /v1/schedules"]["answer"]["schedules"][number];

interface AboutProps {
  of: Person;
  schedules: readonly Schedule[];
  lastDay: ComponentChildren;
}

/** The facts about a person. */
export function About({ of, schedules, lastDay }: AboutProps) {
  const w = peopleWords.value;
  const { groups, boxes, first, last, events } = of;
  const days = me.value?.retention.eventDays;
  const listed = (texts: readonly string[]) => <BoxText text={texts.join(w.comma)} />;
  return (
    <section class="panel" aria-labelledby="about">
      <header>
        <h2 id="about">{w.about}</h2>
      </header>
      <dl class="facts body">
        {events === 1 ? null : (
          <Fact name={w.usual}>
            <UsualHours of={of.usual} />
          </Fact>
        )}
        <Fact name={w.groups}>{groups.length === 0 ? w.none : listed(groups)}</Fact>
        <Fact name={w.schedule}>{scheduleText(of, schedules)}</Fact>
        <Fact name={w.lastDay}>{lastDay}</Fact>
        <Fact name={w.knownAt}>{listed(boxes.map(boxNameById))}</Fact>
        <Fact name={w.firstLast}>
          {dayOrToday(first)}
          {w.comma}
          {dayOrToday(last)} {clockTime(last)}
        </Fact>
        {days === undefined ? null : <Fact name={w.kept}>{w.keptText(events, days)}</Fact>}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const dayOrToday = (time: string) => (isoDay(time) === isoDay(now.value) ? words.value.time.today : day(time));

function scheduleText({ schedule }: Person, schedules: readonly Schedule[]): ComponentChildren {
  const w = peopleWords.value;
  if (schedule === null) return w.none;
  // The newest version is the last one.
  const known = schedules.findLast(({ id }) => id === schedule);
  return <BoxText text={known === undefined ? schedule : `${known.name}${w.comma}${known.start}–${known.end}`} />;
}

function UsualHours({ of }: { of: Person["usual"] }) {
  const w = peopleWords.value;
  if (of === null || of.in === null) return <span class="quiet">{w.usualNone}</span>;
  const { locale } = words.value;
  const days = weekdaysText(of.weekdays, { locale, range: w.range, comma: w.comma });
  const span = (texts: readonly string[]) => texts.join("–");
  if (of.out === null) return <Say text={w.usualIn} values={{ in: span(of.in), days }} />;
  return <Say text={w.usualText} values={{ in: span(of.in), out: span(of.out), days }} />;
}

/** Passings by gate, the most used one first. */
export function PersonGates({ of }: { of: Person["gates"] }) {
  const w = peopleWords.value;
  const highest = of[0]?.count ?? 0;
  if (highest === 0) return null;
  return (
    <section class="panel" aria-labelledby="gates">
      <header>
        <h2 id="gates">{w.gates}</h2>
      </header>
      <dl class="bars body">
        {of.map(({ device, count }) => (
          <div key={device}>
            <dt>
              <BoxText text={gateNameOf(device)} />
            </dt>
            <dd>
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="fill" width={((100 * count) / highest).toFixed(1)} height="8" />
              </svg>
              <b>{count}</b>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The names of one id, if the boxes that share it have several. */
export function Conflict({ of }: { of: Person["conflict"] }) {
  const w = peopleWords.value;
  if (of === null) return null;
  const names = of.map(({ box, name }) => w.nameAt(name, boxNameById(box))).join(w.comma);
  return (
    <section class="note warn" aria-labelledby="conflict">
      <div>
        <h2 id="conflict">{w.conflict}</h2>
        <p>
          <bdi>{w.conflictWhy(names)}</bdi>
        </p>
        {isAdmin.value ? (
          <p>
            <a href={addressOf("settings", "sites")}>
              <u>{w.toSites}</u>
            </a>
          </p>
        ) : null}
      </div>
    </section>
  );
}

/** The open request for a new photo of the last passing; null if there is none. */
export function openRequest(person: Person, event: Event): Event["actions"][number] | null {
  return event.actions.find(({ id, wantAction }) => wantAction === "1002" && person.open.includes(id)) ?? null;
}
