import type { Api } from "@gatepost/client";
import { zonedMinutes } from "../../state/hours/zoned.ts";

type Person = Api["GET /v1/people/{library}/{id}"]["answer"];
export type PersonDay = Person["days"][number];
export type Usual = NonNullable<Person["usual"]>;

/** Minutes from midnight at which the drawn part of each day begins and ends, and the lines between. */
export interface Axis {
  from: number;
  to: number;
  lines: readonly number[];
}

const hour = 60;
const axes: readonly Axis[] = [axis(6, 22, 4), axis(0, 24, 6), axis(0, 36, 12)];

function axis(from: number, to: number, step: number): Axis {
  const lines = Array.from({ length: (to - from) / step + 1 }, (_, n) => (from + n * step) * hour);
  return { from: from * hour, to: to * hour, lines };
}

/** One day of a person as it is drawn, in minutes from its midnight as clocks of the site show them. */
export interface Course {
  day: string;
  /** The first passing and the last one; null if there is none. */
  in: number | null;
  out: number | null;
  passings: readonly number[];
}

export function courseOf({ day, in: first, out, passings }: PersonDay, zone: string): Course {
  const minutesOf = (time: string) => zonedMinutes(time, day, zone);
  return {
    day,
    in: first === null ? null : minutesOf(first),
    out: out === null ? null : minutesOf(out),
    passings: passings.map(minutesOf),
  };
}

/** The narrowest axis on which all passings have a place: the usual day, the whole day, or a night shift's. */
export function axisFor(courses: readonly Course[]): Axis {
  const minutes = courses
    .flatMap(({ in: first, out, passings }) => [first, out, ...passings])
    .filter((one) => one !== null);
  const fits = ({ from, to }: Axis) => minutes.every((one) => one >= from && one <= to);
  const widest = axes.at(-1) ?? axis(0, 36, 12);
  return axes.find(fits) ?? widest;
}

/** The weekday of a day (`2026-11-20`), from 1 (Monday) to 7. */
export const weekdayOf = (day: string) => new Date(`${day}T00:00:00Z`).getUTCDay() || 7;

/** The usual hours, from the earliest first in to the latest last out, in minutes; null if they are not known. */
export function usualSpan({ in: first, out }: Usual): [from: number, to: number] | null {
  const [from, to] = [first?.[0], out?.at(-1)].map((text) => (text === undefined ? null : minutesIn(text)));
  if (from === null || from === undefined || to === null || to === undefined) return null;
  return [from, to < from ? to + 24 * hour : to];
}

function minutesIn(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * hour + minutes;
}

/** `18`, of a line of the axis: the hour that clocks show. */
export const hourText = (minutes: number) => String(Math.floor(minutes / hour) % 24).padStart(2, "0");
