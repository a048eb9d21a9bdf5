import { isoMilliseconds } from "./iso-time.ts";

/** A smaller number is seconds since 1970. As seconds it is the year 5138, as milliseconds March 1973. */
const secondsBelow = 1e11;

/** The last millisecond that a date can have. */
const furthest = 8.64e15;

/**
 * A time as people and programs write it, in ms since 1970: ISO 8601 with its zone, or a whole number of seconds or
 * milliseconds since 1970, told apart by magnitude. Null for any other text.
 *
 * @example timeIn("2026-11-05T08:00:00+08:00") === timeIn("1793836800") && timeIn("1793836800") === 1793836800000
 */
export function timeIn(text: string): number | null {
  if (!/^-?\d{1,16}$/.test(text)) return isoMilliseconds(text);
  const number = Number(text);
  const time = Math.abs(number) < secondsBelow ? number * 1000 : number;
  return Math.abs(time) <= furthest ? time + 0 : null;
}

/** The texts that `timeIn` takes, for messages. */
export const timeForms = "as 2026-11-05T08:00:00+08:00, or seconds or milliseconds since 1970";
