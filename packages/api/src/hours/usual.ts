import { dayNumber, type HoursDay, weekdayOf } from "@gatepost/core/hours";
import type { Zone } from "@gatepost/core/zones";

/** Days with a first in and a last out: at least, and at most the latest ones. */
const [fewestDays, mostDays] = [5, 28];

/** The usual hours of a person: the middle 80 % of the first in and of the last out. Null: there are too few days. */
export function usualOf(
  days: readonly HoursDay[],
  zone: Zone,
): { in: string[]; out: string[]; weekdays: number[] } | null {
  const isWhole = ({ in: first, out, flags }: HoursDay) =>
    first !== null && out !== null && !flags.includes("ended-by-rule");
  const whole = days.filter(isWhole).slice(-mostDays);
  if (whole.length < fewestDays) return null;
  const weekdays = new Set(whole.map(({ day }) => weekdayOf(dayNumber(day))));
  return {
    in: middle(whole.map((day) => minutesOf(day.in ?? 0, day.day, zone))),
    out: middle(whole.map((day) => minutesOf(day.out ?? 0, day.day, zone))),
    weekdays: [...weekdays].sort(),
  };
}

/** Minutes from the midnight of a day, as clocks show both: over 1,440 on the day after. */
function minutesOf(at: number, day: string, zone: Zone): number {
  return Math.floor((zone.localOf(at) - Date.parse(day)) / 60_000);
}

function middle(minutes: readonly number[]): string[] {
  const sorted = minutes.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  return [sorted[Math.floor(last * 0.1)], sorted[Math.ceil(last * 0.9)]].map((one = 0) => clockOf(one));
}

function clockOf(minutes: number): string {
  const ofDay = ((minutes % 1440) + 1440) % 1440;
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return `${twoDigits(Math.floor(ofDay / 60))}:${twoDigits(ofDay % 60)}`;
}
