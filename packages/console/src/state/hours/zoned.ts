import { minuteMs } from "../../format/durations.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** The parts of a time as clocks of a zone show it. A zone that this browser does not know is taken as UTC. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = made24(zone);
  formats.set(zone, made);
  return made;
}

function made24(timeZone: string): Intl.DateTimeFormat {
  const date = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const digits = { ...date, hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  try {
    return new Intl.DateTimeFormat("en", { ...digits, hourCycle: "h23", timeZone });
  } catch {
    return new Intl.DateTimeFormat("en", { ...digits, hourCycle: "h23", timeZone: "UTC" });
  }
}

/** `08:41`, as clocks of a zone show it. */
export function zonedTime(time: number | string, zone: string): string {
  const { hour, minute } = partsOf(time, zone);
  return `${hour}:${minute}`;
}

/** `08:41:12` */
export const zonedClock = (time: number | string, zone: string): string =>
  `${zonedTime(time, zone)}:${partsOf(time, zone).second}`;

/** The date of a time, as `2026-11-20`, by the clocks of a zone. */
export function zonedDay(time: number | string, zone: string): string {
  const { year, month, day } = partsOf(time, zone);
  return `${year}-${month}-${day}`;
}

/** The time at which clocks of a zone show a day and `08:25`, ms since 1970. If they skip it, an hour beside it. */
export function zonedInstant(day: string, time: string, zone: string): number {
  const local = Date.parse(`${day}T${time}:00Z`);
  const offsetAt = (at: number) => Date.parse(`${zonedDay(at, zone)}T${zonedClock(at, zone)}Z`) - at;
  return local - offsetAt(local - offsetAt(local));
}

/** Whole minutes from the midnight of a day (`2026-11-20`) to a time, as clocks of a zone show both: over 1,440 a day later. */
export function zonedMinutes(time: number | string, day: string, zone: string): number {
  const { year, month, day: date, hour, minute } = partsOf(time, zone);
  const shown = Date.parse(`${year}-${month}-${date}T${hour}:${minute}:00Z`);
  return Math.round((shown - Date.parse(`${day}T00:00:00Z`)) / minuteMs);
}

type Part = "year" | "month" | "day" | "hour" | "minute" | "second";

function partsOf(time: number | string, zone: string): Record<Part, string> {
  const parts = { year: "", month: "", day: "", hour: "", minute: "", second: "" };
  for (const { type, value } of formatOf(zone).formatToParts(new Date(time))) {
    if (type in parts) parts[type as keyof typeof parts] = value;
  }
  return parts;
}

/** `9:45`, of minutes. */
export const hoursAndMinutes = (minutes: number) =>
  `${Math.floor(minutes / 60)}:${String(Math.floor(minutes % 60)).padStart(2, "0")}`;

/** A time on a day as an ISO date says it, for formats of this browser's zone. */
export const noonOf = (day: string) => new Date(`${day}T12:00`).getTime();
