import { clockForm } from "../parts/pages/clock-field.tsx";
import { shifted } from "../state/days.ts";
import { attempt, notUndone } from "../state/failure.ts";
import { zonedDay, zonedInstant, zonedTime } from "../state/hours/zoned.ts";
import { sayUndoable } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";

/** The start and the end of a schedule on a day, as `22:00` and `06:00`. */
interface Shift {
  start: string;
  end: string;
}

/**
 * The times that a user has typed for a day, ms since 1970: the nearest ones to the start and the end of the schedule,
 * because a shift over midnight ends on the next day; without a schedule, times of the day itself.
 */
export function typedTimes(
  { in: first, out }: { in: string; out: string },
  { day, zone, shift }: { day: string; zone: string; shift: Shift | null },
): { in: number | null; out: number | null } {
  const at = (time: string, date = day) => zonedInstant(date, time, zone);
  if (shift === null) return { in: first === "" ? null : at(first), out: out === "" ? null : at(out) };
  const end = at(shift.end, shift.end <= shift.start ? shifted(day, 1) : day);
  const nearest = (time: string, to: number) =>
    [-1, 0, 1]
      .map((days) => at(time, shifted(day, days)))
      .reduce((a, b) => (Math.abs(b - to) < Math.abs(a - to) ? b : a));
  return {
    in: first === "" ? null : nearest(first, at(shift.start)),
    out: out === "" ? null : nearest(out, end),
  };
}

/** The first in and the last out as a day has them, ISO instants. */
type Times = { in: string | null; out: string | null };

interface Chosen {
  in: number | null;
  out: number | null;
  /** Whether the typed last out is not after the first in: then it may be a day later. */
  mayBeNextDay: boolean;
}

/** The times that a user has changed, empty texts for others; null if none is, or one is no time. */
export function changedTimes(
  before: { in: string; out: string },
  { in: first, out }: { in: string; out: string },
): { in: string; out: string } | null {
  const typed = { in: first === before.in ? "" : first, out: out === before.out ? "" : out };
  const texts = [typed.in, typed.out].filter((text) => text !== "");
  return texts.length > 0 && texts.every((text) => clockForm.test(text)) ? typed : null;
}

/**
 * The times that a correction sets, ms since 1970. Times of the correction before (`kept`) stay set, because the newest
 * one counts alone.
 *
 * @param isNextDay whether a last out that is not after the first in is one day later
 */
export function chosenTimes(
  typed: { in: string; out: string },
  place: Parameters<typeof typedTimes>[1],
  { counted, kept, isNextDay }: { counted: Times; kept: Times | null; isNextDay: boolean },
): Chosen {
  const { in: first, out } = typedTimes(typed, place);
  const begins = first ?? msOf(counted.in);
  const mayBeNextDay = out !== null && begins !== null && out <= begins;
  const ends = mayBeNextDay && isNextDay ? dayLater(out, place.zone) : out;
  return { in: first ?? msOf(kept?.in), out: ends ?? msOf(kept?.out), mayBeNextDay };
}

const msOf = (at: string | null | undefined) => (at === null || at === undefined ? null : Date.parse(at));

function dayLater(at: number, zone: string): number {
  return zonedInstant(shifted(zonedDay(at, zone), 1), zonedTime(at, zone), zone);
}

/** The first and the last moment of a part of a day that is leave, ms since 1970. */
type Part = readonly [from: number, to: number];

/**
 * The part of a day that a correction sets as leave; null for none. A counted one stays if times are corrected: the newest
 * correction counts alone.
 */
export function chosenLeave(
  kind: Written["kind"],
  typed: readonly [string, string],
  {
    place,
    counted: { leaveFrom, leaveTo },
  }: {
    place: Parameters<typeof typedTimes>[1];
    counted: { leaveFrom: string | null; leaveTo: string | null };
  },
): Part | null {
  if (kind === "leave") return typed.every((text) => clockForm.test(text)) ? leaveTimes(typed, place) : null;
  return leaveFrom === null || leaveTo === null ? null : [Date.parse(leaveFrom), Date.parse(leaveTo)];
}

/** A part that is typed: in a shift over midnight, or on the day itself. */
function leaveTimes(
  [from, to]: readonly [string, string],
  { day, zone, shift }: Parameters<typeof typedTimes>[1],
): Part {
  const begin = zonedInstant(
    shift !== null && from < shift.start && isOverMidnight(shift) ? shifted(day, 1) : day,
    from,
    zone,
  );
  const end = zonedInstant(zonedDay(begin, zone), to, zone);
  return [begin, end <= begin ? dayLater(end, zone) : end];
}

const isOverMidnight = ({ start, end }: Shift) => end <= start;

/** A correction. A time that is null stays as counted. */
interface Written extends Times {
  library: string;
  id: string;
  day: string;
  kind: "times" | "leave";
  from: string | null;
  to: string | null;
  reason: string;
}

/** Writes a correction, and offers to take it back. Rejects if the server refuses it. */
export async function correct(body: Written, said: string, onChanged: () => void): Promise<void> {
  const { id } = await gatepost().ask("POST /v1/hours/corrections", { body });
  onChanged();
  sayUndoable(said, () => attempt(() => takeBack(id, onChanged), notUndone));
}

/** Takes the corrections of a day back. */
export async function takeBack(id: string, onChanged: () => void): Promise<void> {
  await gatepost().send("DELETE /v1/hours/corrections/{id}", { path: { id } });
  onChanged();
}
