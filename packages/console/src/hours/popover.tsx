import type { Api, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { placeOf } from "../format/event.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Portrait } from "../parts/faces.tsx";
import { Check, Field } from "../parts/field.tsx";
import { FormFaults, useSending } from "../parts/form-faults.tsx";
import { Icon } from "../parts/icon.tsx";
import { ClockField, clockForm } from "../parts/pages/clock-field.tsx";
import { closeOutside, Popover } from "../parts/popover.tsx";
import { BoxText, Said } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { dayInWords, longDay, monthInWords, shifted } from "../state/days.ts";
import type { Correction, Person, Sheet } from "../state/hours/sheet.ts";
import { zonedClock, zonedDay, zonedInstant, zonedTime } from "../state/hours/zoned.ts";
import { recall, remember } from "../state/known-events.ts";
import { useLoading } from "../state/loading.ts";
import { isManager } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { hoursWords } from "../words/hours.ts";
import { entryOf, words } from "../words/index.ts";
import { hoursInWords, leaveText, partsOf, timesText } from "./cell.tsx";
import { changedTimes, chosenLeave, chosenTimes, correct, takeBack } from "./correcting.ts";

type DayAnswer = Api["GET /v1/hours/{library}/{id}/{day}"]["answer"];

interface Evidence {
  day: DayAnswer;
  /** The events of the passings, if they are there. */
  events: ReadonlyMap<string, Event>;
}

/** Passings of which the faces are shown. */
const mostFaces = 24;

async function readEvidence(
  { site, library, id, day }: { site: string; library: string; id: string; day: string },
  signal: AbortSignal,
): Promise<Evidence> {
  const asked = { path: { library, id, day }, query: { site } };
  const answer = await gatepost().ask("GET /v1/hours/{library}/{id}/{day}", { ...asked, signal });
  const ids = answer.passings.slice(0, mostFaces).map(({ event }) => event);
  const found = await Promise.all(ids.map((event) => eventOf(event, signal)));
  return { day: answer, events: new Map(found.flatMap((event) => (event === null ? [] : [[event.id, event]]))) };
}

async function eventOf(id: string, signal: AbortSignal): Promise<Event | null> {
  const known = recall(id);
  if (known !== null) return known;
  try {
    const event = await gatepost().ask("GET /v1/events/{id}", { path: { id }, signal });
    remember(event);
    return event;
  } catch {
    // It may be gone by now; the passing is shown without it.
    return null;
  }
}

interface CellPopoverProps {
  /** The site of the sheet. */
  site: string;
  person: Person;
  /** As `2026-11-18`. */
  day: string;
  zone: string;
  closed: Sheet["closed"];
  /** @param isBack whether the focus returns to the cell */
  onClose(isBack: boolean): void;
  onChanged(): void;
}

/** The passings of a day of a person, and how they were counted; a manager corrects it here. */
export function CellPopover({ site, person, day, zone, closed, onClose, onChanged }: CellPopoverProps) {
  const w = hoursWords.value;
  const place = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(true);
  useEffect(() => closeOutside(place, isOpen), []);
  useEffect(() => {
    if (!isOpen.value) onClose(false);
  }, [isOpen.value]);
  const { state } = useLoading(`hours of ${site} ${person.library} ${person.id} ${day}`, (signal) =>
    readEvidence({ site, library: person.library, id: person.id, day }, signal),
  );
  const { value, failure } = state.value;
  const name = person.name ?? person.id;
  const title = w.cellTitle(name, longDay(day));
  return (
    <div class="cellpop" ref={place}>
      <Popover name={title} onClose={() => onClose(true)}>
        <span class="line">
          <h2>
            <bdi>{title}</bdi>
          </h2>
          <IconButton icon="x" look="bare end" label={words.value.close} onClick={() => onClose(true)} />
        </span>
        {value === null && failure !== null ? (
          <p class="note bad" role="alert">
            <Said of={failure} />
          </p>
        ) : null}
        {value === null ? (
          <p class="meta">…</p>
        ) : (
          <>
            <Passings of={value} zone={zone} />
            <Counted of={value.day} zone={zone} />
            {closed === null ? null : <p class="note">{closedText(closed, day, zone)}</p>}
            {isManager.value && closed === null ? (
              <Correcting
                person={person}
                of={value.day}
                zone={zone}
                onDone={() => {
                  onClose(true);
                  onChanged();
                }}
                onChanged={onChanged}
              />
            ) : null}
            <AllPassings person={person} of={value.day} zone={zone} />
          </>
        )}
      </Popover>
    </div>
  );
}

/** `October 2026 is closed (陈敏, Tue 3 Nov 2026)` */
export function closedText({ at, by }: NonNullable<Sheet["closed"]>, day: string, zone: string): string {
  const w = hoursWords.value;
  return w.isClosed(monthInWords(day), by.name ?? w.someKey, dayInWords(zonedDay(at, zone)));
}

function Passings({ of: { day, events }, zone }: { of: Evidence; zone: string }) {
  const w = hoursWords.value;
  if (day.passings.length === 0) return <p class="meta">{w.noPassings}</p>;
  return (
    <ol class="proof">
      {day.passings.map(({ event, at, device, use, by }) => {
        const found = events.get(event);
        return (
          <li key={event} class={use === null ? "" : "used"}>
            {found === undefined ? <span class="pic" /> : <Portrait of={found} width={32} height={36} />}
            <a href={addressOf("event", event)}>{zonedClock(at, zone)}</a>
            <span class="quiet">
              <BoxText text={found === undefined ? (device ?? words.value.noDevice) : placeOf(found)} />
              {use !== null && by === "order" ? <span class="meta"> {w.noDirection[use]}</span> : null}
            </span>
            <b>{use === null ? "" : w.use[use]}</b>
          </li>
        );
      })}
    </ol>
  );
}

/** The counted facts in words: the hours, the state and its flags. */
function factsOf(counted: DayAnswer["counted"], zone: string): string[] {
  const w = hoursWords.value;
  const hours = hoursInWords(counted, zone);
  const states: Partial<Record<typeof counted.state, string>> = {
    leave: w.leave,
    inside: w.inside,
    open: w.onlyOf.open,
    absent: w.onlyOf.absent,
    rest: w.rest,
  };
  const flags: Record<string, string> = {
    "no-longer-kept": w.noLongerKept,
    clock: w.clock,
    "several-schedules": w.severalSchedules,
    "ended-by-rule": w.endedByRule,
    roster: w.byRoster,
    "roster-removed": w.rosterRemoved,
    part: w.part,
  };
  return [
    hours === null ? undefined : w.countedHours(hours),
    ...partsOf(counted),
    leaveText(counted, zone) ?? undefined,
    states[counted.state],
    ...counted.flags.map((flag) => entryOf(flags, flag)),
  ].filter((fact) => fact !== undefined);
}

function Counted({ of: { counted, schedule, corrections }, zone }: { of: DayAnswer; zone: string }) {
  const w = hoursWords.value;
  const facts = factsOf(counted, zone);
  const delays = [
    ...(counted.late > 0 ? [w.lateMinutes(counted.late)] : []),
    ...(counted.early > 0 ? [w.earlyMinutes(counted.early)] : []),
  ];
  const separator = words.value.code === "zh-CN" ? "；" : "; ";
  const text = facts.length === 0 && delays.length === 0 ? w.none : facts.join(separator);
  return (
    <>
      <dl class="facts">
        <dt>{w.schedule}</dt>
        <dd>
          <bdi>
            {schedule === null
              ? w.noSchedule
              : w.scheduleOf(schedule.name, schedule.start, schedule.end, schedule.lateAfter)}
          </bdi>
        </dd>
        <dt>{w.counted}</dt>
        <dd>
          {text}
          {text !== "" && delays.length > 0 ? separator : ""}
          {delays.length === 0 ? null : <b>{delays.join(separator)}</b>}
        </dd>
      </dl>
      {corrections.length === 0 ? null : (
        <ul class="gap">
          {corrections.toReversed().map((correction) => (
            <li key={correction.id} class="meta">
              <Icon name="pencil" /> <bdi>{correctionText(correction, zone)}</bdi>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** `08:25–17:41: was 09:02–17:41; …`, as the cell, paper and the export have it. */
export function correctionText(correction: Correction, zone: string): string {
  const { kind, in: first, out, from, to, was, reason, by, at } = correction;
  const w = hoursWords.value;
  const time = `${dayInWords(zonedDay(at, zone))} ${zonedTime(at, zone)}`;
  const old = timesText({ ...was, state: "worked" }, zone) ?? w.none;
  const leave = leaveText({ leaveFrom: from, leaveTo: to }, zone) ?? (kind === "leave" ? w.leave : "");
  const set = kind === "counted" ? w.counted : [leave, setTimes({ in: first, out }, zone)].filter(Boolean).join(", ");
  return w.correctionOf(set, w.was(old, reason, by.name ?? w.someKey, time));
}

function setTimes({ in: first, out }: Pick<Correction, "in" | "out">, zone: string): string {
  const { firstIn, lastOut } = hoursWords.value;
  return [
    ...(first === null ? [] : [`${firstIn} ${zonedTime(first, zone)}`]),
    ...(out === null ? [] : [`${lastOut} ${zonedTime(out, zone)}`]),
  ].join(", ");
}

/** The passings of the day among the events. */
function AllPassings({
  person: { library, id },
  of: { day, passings },
  zone,
}: {
  person: Person;
  of: DayAnswer;
  zone: string;
}) {
  if (passings.length === 0) return null;
  const last = passings.reduce((latest, { at }) => (at > latest ? at : latest), "");
  const [from, end] = [zonedInstant(day, "00:00", zone), zonedInstant(shifted(day, 1), "00:00", zone)];
  const first = passings.reduce((earliest, { at }) => Math.min(earliest, Date.parse(at)), from);
  const query = {
    person: [id],
    ...(library.startsWith("~") ? { site: [library.slice(1)] } : { box: [library] }),
    from: [new Date(first).toISOString()],
    to: [new Date(Math.max(end, Date.parse(last) + 1)).toISOString()],
  };
  return (
    <a class="btn bare" href={addressOf("events", null, query)}>
      {hoursWords.value.allPassings(passings.length)}
    </a>
  );
}

interface CorrectingProps {
  person: Person;
  of: DayAnswer;
  zone: string;
  onDone(): void;
  /** After an act was taken back. */
  onChanged(): void;
}

const shortest = 3;
const longest = 200;

function Correcting({ person, of: { day, counted, schedule, corrections }, zone, onDone, onChanged }: CorrectingProps) {
  const w = hoursWords.value;
  const clockOf = (at: string | null) => (at === null ? "" : zonedTime(at, zone));
  const before = { in: clockOf(counted.in), out: clockOf(counted.out) };
  const [leaveFrom, leaveTo] = [useSignal(clockOf(counted.leaveFrom)), useSignal(clockOf(counted.leaveTo))];
  const [first, last, reason] = [useSignal(before.in), useSignal(before.out), useSignal("")];
  const newest = corrections.at(-1);
  const name = person.name ?? person.id;
  const isReasoned = reason.value.trim().length >= shortest;
  const typed = changedTimes(before, { in: first.value, out: last.value });
  const isNextDay = useSignal(false);
  const place = { day, zone, shift: schedule };
  const kept = (counted.isCorrected && newest) || null;
  const times = chosenTimes(typed ?? { in: "", out: "" }, place, {
    counted,
    kept,
    isNextDay: isNextDay.value,
  });
  const isOrdered = isReasoned && (!times.mayBeNextDay || isNextDay.value);
  const isPart = [leaveFrom, leaveTo].every(({ value }) => clockForm.test(value));
  const canLeave = isOrdered && (isPart || (leaveFrom.value === "" && leaveTo.value === ""));
  const isReady = isOrdered && typed !== null;
  const { fault, send: act } = useSending(async (does: () => Promise<unknown>) => {
    await does();
    onDone();
  });
  const write = (kind: "times" | "leave") => {
    const iso = (at: number | null | undefined) => (typeof at === "number" ? new Date(at).toISOString() : null);
    const leave = chosenLeave(kind, [leaveFrom.value, leaveTo.value], { place, counted });
    const set = kind === "leave" && leave === null ? null : times;
    const body = { library: person.library, id: person.id, day, reason: reason.value.trim() };
    const part = { kind: leave === null ? kind : ("leave" as const), from: iso(leave?.[0]), to: iso(leave?.[1]) };
    const said = (kind === "leave" ? w.leaveNow : w.correctedNow)(name, longDay(day));
    return act(() => correct({ ...body, ...part, in: iso(set?.in), out: iso(set?.out) }, said, onChanged));
  };
  return (
    <form class="form" onSubmit={() => isReady && void write("times")}>
      <FormFaults of={fault.value}>
        <div class="two-fields">
          <ClockField label={w.firstIn} of={first} member="in" />
          <ClockField label={w.lastOut} of={last} member="out" />
        </div>
        {times.mayBeNextDay ? (
          <Check label={w.lastOutNextDay} isOn={isNextDay.value} onChange={(isOn) => (isNextDay.value = isOn)} />
        ) : null}
        <div class="two-fields">
          <ClockField label={w.leaveFrom} of={leaveFrom} member="from" />
          <ClockField label={w.leaveTo} of={leaveTo} member="to" />
        </div>
        <Field label={w.reason} of={reason} member="reason" maxLength={longest} />
      </FormFaults>
      <span class="line">
        <Button look="main" type="submit" disabled={!isReady}>
          {w.correct}
        </Button>
        <Button disabled={!canLeave} onClick={() => void write("leave")}>
          {isPart ? w.markPart : w.markLeave}
        </Button>
        {counted.isCorrected && newest !== undefined ? (
          <Button look="bare" onClick={() => void act(() => takeBack(newest.id, onChanged))}>
            {w.takeBack}
          </Button>
        ) : null}
      </span>
    </form>
  );
}
