import { PatternError } from "./error.ts";
import { isArray } from "./json.ts";
import type { Test } from "./test.ts";

/** `{"between": ["22:00", "06:00"], "zone": "Asia/Shanghai", "weekdays": [1, 2]}`: an operator of Gatepost alone. */
type Member = { readonly [key: string]: unknown };

interface Moment {
  /** Minutes since midnight. */
  minutes: number;
  /** 1 is Monday. */
  weekday: number;
}

const dayMinutes = 24 * 60;
const everyDay: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7]);
const members: ReadonlySet<string> = new Set(["between", "zone", "weekdays"]);

/** Clocks of zones that are kept. The platform takes a while to make one. */
const maxClocks = 64;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Each part has a fixed width, so a long text is refused at once. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * The hours of a day on the clocks of a zone, the first minute included and the last one not. Hours over midnight
 * belong to the weekday on which they begin. Accepts ISO instants alone.
 */
export function between(member: Member, at: string): Test {
  const unknown = Object.keys(member).find((name) => !members.has(name));
  if (unknown !== undefined) throw new PatternError(at, `between has zone and weekdays beside it, not ${unknown}`);
  const [from, to] = hoursOf(member["between"], `${at}.between`);
  const clock = clockOf(member["zone"], `${at}.zone`);
  const weekdays = weekdaysOf(member["weekdays"], `${at}.weekdays`);
  return (value) => {
    if (typeof value !== "string" || !instant.test(value)) return false;
    const time = Date.parse(value);
    if (Number.isNaN(time)) return false;
    const { minutes, weekday } = momentOf(time, clock);
    if (from < to) return minutes >= from && minutes < to && weekdays.has(weekday);
    if (minutes >= from) return weekdays.has(weekday);
    return minutes < to && weekdays.has(weekday === 1 ? 7 : weekday - 1);
  };
}

function hoursOf(value: unknown, at: string): [from: number, to: number] {
  const [first, last, ...others] = isArray(value) ? value : [];
  const [from, to] = [minutesOf(first), minutesOf(last)];
  if (from === null || to === null || others.length > 0 || from === dayMinutes) {
    throw new PatternError(at, 'write two times, like ["22:00", "06:00"]');
  }
  if (from === to) throw new PatternError(at, 'the two times must differ: a whole day is ["00:00", "24:00"]');
  return [from, to];
}

function minutesOf(value: unknown): number | null {
  if (typeof value !== "string" || !/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(value)) return null;
  return Number(value.slice(0, 2)) * 60 + Number(value.slice(3));
}

function weekdaysOf(value: unknown, at: string): ReadonlySet<number> {
  if (value === undefined) return everyDay;
  const days = isArray(value) ? value : [];
  const read = days.flatMap((day) => (typeof day === "number" && everyDay.has(day) ? [day] : []));
  if (read.length === 0 || read.length !== days.length || new Set(read).size !== read.length) {
    throw new PatternError(at, "write days from 1 (Monday) to 7, each once, like [1, 2, 3, 4, 5]");
  }
  return new Set(read);
}

function clockOf(zone: unknown, at: string): Intl.DateTimeFormat {
  if (typeof zone !== "string" || zone.length > 64) throw new PatternError(at, "write a time zone, like Asia/Shanghai");
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  try {
    const clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      calendar: "iso8601",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    });
    if (clocks.size === maxClocks) clocks.clear();
    clocks.set(zone, clock);
    return clock;
  } catch (error) {
    if (error instanceof RangeError)
      throw new PatternError(at, `${zone} is no time zone: write one like Asia/Shanghai`);
    throw error;
  }
}

const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function momentOf(time: number, clock: Intl.DateTimeFormat): Moment {
  const parts = new Map(clock.formatToParts(time).map(({ type, value }) => [type, value]));
  return {
    minutes: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
    weekday: weekdayNames.indexOf(parts.get("weekday") ?? "") + 1,
  };
}
