import type { ComponentChildren } from "preact";
import { Icon } from "../parts/icon.tsx";
import { State } from "../parts/mark.tsx";
import { BoxText } from "../parts/text.tsx";
import { type Period, weekdayName } from "../state/days.ts";
import type { Correction, Day } from "../state/hours/sheet.ts";
import { hoursAndMinutes, zonedDay, zonedTime } from "../state/hours/zoned.ts";
import { hoursWords } from "../words/hours.ts";

/** `08:54–17:36`; a time that is missing is a question mark, or nothing while the person is inside. */
export function timesText({ in: first, out, state }: Pick<Day, "in" | "out" | "state">, zone: string): string | null {
  if (first === null && out === null) return null;
  const end = out === null ? (state === "inside" ? "" : "?") : zonedTime(out, zone);
  return `${first === null ? "?" : zonedTime(first, zone)}–${end}`;
}

/** `leave 13:00–18:00`, of a part of a day; null for none. */
export function leaveText({ leaveFrom, leaveTo }: Pick<Day, "leaveFrom" | "leaveTo">, zone: string): string | null {
  if (leaveFrom === null || leaveTo === null) return null;
  return `${hoursWords.value.leave} ${zonedTime(leaveFrom, zone)}–${zonedTime(leaveTo, zone)}`;
}

/** The hours; of a shift over midnight with the day on which it ends. */
export function hoursInWords({ day, out, minutes }: Day, zone: string): string | null {
  if (minutes === null || out === null) return null;
  const last = zonedDay(out, zone);
  const hours = hoursAndMinutes(minutes);
  return last > day ? hoursWords.value.toDay(hours, weekdayName(last)) : hours;
}

interface CellProps {
  day: Day;
  zone: string;
  correction: Correction | null;
}

/** The content of a cell: times, hours and the state, of a day with the break. A month has the hours alone. */
export function CellText({ period, ...props }: CellProps & { period: Period }) {
  return period === "month" ? <Short {...props} /> : <Long period={period} {...props} />;
}

function Long({ day, zone, correction, period }: CellProps & { period: Period }) {
  const w = hoursWords.value;
  const times = timesText(day, zone);
  const hours = hoursInWords(day, zone) ?? (day.state === "inside" ? w.inside : null);
  const pause = period === "day" && day.break > 0 ? w.breakOf(hoursAndMinutes(day.break)) : null;
  const reason = correction?.reason ?? null;
  return (
    <>
      <span class="times">
        {times === null ? null : <b>{times}</b>}
        {day.state === "leave" ? <span class="quiet">{w.leave}</span> : null}
        <Hand day={day} />
        <WrongClock day={day} />
      </span>
      {hours === null && reason === null ? null : (
        <span class="meta">
          {[hours, pause].filter((text) => text !== null).join(" · ")}
          {hours === null || reason === null ? null : " · "}
          {reason === null ? null : <BoxText text={reason} />}
        </span>
      )}
      <DayState day={day} zone={zone} />
      <Unseen day={day} hasText={times !== null} />
    </>
  );
}

function Short({ day }: CellProps) {
  const w = hoursWords.value;
  const marks = [
    ...(day.late > 0 ? [<State key="late" tone="wait" label={w.late(day.late)} />] : []),
    ...(day.early > 0 ? [<State key="early" tone="wait" label={w.early(day.early)} />] : []),
    ...(day.state === "absent" ? [<State key="absent" tone="" mark="bad" label={w.onlyOf.absent} />] : []),
    ...(day.state === "open" ? [<State key="open" tone="" label={w.onlyOf.open} />] : []),
    ...(isEndedByRule(day) ? [<State key="ended" tone="" label={w.endedByRule} />] : []),
    ...(day.state === "inside" ? [<State key="inside" tone="ok" mark="ok" label={w.inside} />] : []),
    ...(day.state === "leave" || day.leaveFrom !== null
      ? [<State key="leave" tone="" mark="unknown" label={w.leave} />]
      : []),
  ];
  return (
    <>
      {day.minutes === null ? null : <b>{hoursAndMinutes(day.minutes)}</b>}
      <span class="states">
        {marks.slice(0, 1)}
        <Hand day={day} />
        <WrongClock day={day} />
      </span>
      <Unseen day={day} hasText={day.minutes !== null} />
    </>
  );
}

/** The break and the night hours of a day, in words. */
export function partsOf({ break: pause, nightMinutes }: Pick<Day, "break" | "nightMinutes">): string[] {
  const w = hoursWords.value;
  return [
    ...(pause === 0 ? [] : [w.breakOf(hoursAndMinutes(pause))]),
    ...(nightMinutes === 0 ? [] : [w.nightOf(hoursAndMinutes(nightMinutes))]),
  ];
}

const isEndedByRule = ({ flags }: Day) => flags.includes("ended-by-rule");

/** The states to look at: late, early, absent, open. */
function DayState({ day, zone }: { day: Day; zone: string }) {
  const { late, early, state } = day;
  const w = hoursWords.value;
  const states: ComponentChildren[] = [];
  if (late > 0) states.push(<State tone="wait">{w.late(late)}</State>);
  if (early > 0) states.push(<State tone="wait">{w.early(early)}</State>);
  if (state === "absent") {
    states.push(
      <State tone="" mark="bad">
        {w.onlyOf.absent}
      </State>,
    );
  }
  const leave = leaveText(day, zone);
  if (leave !== null) {
    states.push(
      <State tone="" mark="unknown">
        {leave}
      </State>,
    );
  }
  if (state === "open") states.push(<State tone="">{w.onlyOf.open}</State>);
  if (isEndedByRule(day)) states.push(<State tone="">{w.endedByRule}</State>);
  return states.length === 0 ? null : <span class="states">{states}</span>;
}

/** That a day was corrected by hand. */
function Hand({ day }: { day: Day }) {
  if (!day.isCorrected) return null;
  return (
    <span class="hand" title={hoursWords.value.onlyOf.corrected}>
      <Icon name="pencil" />
      <span class="hide">{hoursWords.value.onlyOf.corrected}</span>
    </span>
  );
}

function WrongClock({ day }: { day: Day }) {
  if (!day.flags.includes("clock")) return null;
  return (
    <span class="hand" title={hoursWords.value.clock}>
      <Icon name="hours" />
      <span class="hide">{hoursWords.value.clock}</span>
    </span>
  );
}

/** Days whose passings are gone say so; an empty cell is named for screen readers. */
function Unseen({ day: { state, flags }, hasText }: { day: Day; hasText: boolean }) {
  const w = hoursWords.value;
  if (hasText || state === "absent" || state === "leave") return null;
  if (flags.includes("no-longer-kept")) {
    return (
      <span class="meta" title={w.noLongerKept}>
        –<span class="hide">{w.noLongerKept}</span>
      </span>
    );
  }
  return <span class="hide">{state === "rest" ? w.rest : w.none}</span>;
}
