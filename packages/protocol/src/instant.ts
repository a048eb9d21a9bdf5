import { dayMs } from "./durations.ts";

const maxDays = 64;

/** The first part of ISO texts by day: events of one page are mostly of one day. */
const days = new Map<number, string>();

const digits = (count: number, length: number) =>
  Array.from({ length: count }, (_, number) => `${number}`.padStart(length, "0"));
const [two, three] = [digits(60, 2), digits(1000, 3)];

/**
 * A time in ms as ISO text. It equals `Date.toISOString`, and throws if that throws, in a third of the time: this was
 * the largest part of the cost of a page of events.
 */
export function instant(time: number): string {
  const ms = Math.trunc(time);
  const day = Math.floor(ms / dayMs);
  const second = Math.floor((ms - day * dayMs) / 1000);
  const minute = Math.floor(second / 60);
  const hour = Math.floor(minute / 60);
  return `${dayOf(day)}${two[hour]}:${two[minute - hour * 60]}:${two[second - minute * 60]}.${three[ms - day * dayMs - second * 1000]}Z`;
}

/** The same of a time that may not be known. */
export function instantOrNull(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : instant(time);
}

const [firstIsoTime, lastIsoTime] = [Date.parse("0000-01-01T00:00Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/** Whether a time in ms has a year of four digits, so that every reader of ISO texts can read it. */
export function isIsoTime(time: number): boolean {
  return time >= firstIsoTime && time <= lastIsoTime;
}

function dayOf(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * dayMs).toISOString().slice(0, -13);
  if (days.size === maxDays) days.clear();
  days.set(day, text);
  return text;
}

/** Characters of the longest text that is looked at. */
const maxLength = 48;

/** A day, a time of day and a zone, with or without their separators. A form may have made a blank of the zone's plus, and the zone's hour may have one digit. */
const form =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ]([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d|60)([.,]\d{1,9})?)? ?(?:Z|([-+ ])([01]?\d|2[0-3])(?::?([0-5]\d))?:?)$/i;

/**
 * Milliseconds since 1970 of an ISO 8601 text with its zone, as `2026-03-01T20:00:00+08:00`. Null for any other text,
 * also for one without a zone, because the box's zone is unknown.
 */
function isoMilliseconds(sent: string): number | null {
  const parts = sent.length > maxLength ? null : form.exec(sent.trim());
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second = "0", fraction = "0", sign, zoneHour = "0", zoneMinute = "0"] =
    parts;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (new Date(midnight).toISOString().slice(0, "2026-03-01".length) !== `${year}-${month}-${day}`) return null;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second) + Number(fraction.replace(",", "."));
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -60 : 60);
  return midnight + Math.round((seconds - zone) * 1000);
}

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

const clockEpoch = Date.UTC(2015, 0, 1);
const millisecondsBelow = 1e14;
const microsecondsBelow = 1e17;

/**
 * A time as boxes send it, in ms since 1970. Seconds, milliseconds and microseconds are distinguished by magnitude;
 * number or text (docs/formats.md §5.1, §4.4). Or an ISO 8601 text with its zone. Null if it is none of these, or too
 * large.
 */
export function milliseconds(sent: unknown): number | null {
  // In some languages a comma separates the fraction.
  if (typeof sent === "string")
    return isoMilliseconds(sent) ?? (sent.trim() === "" ? null : fromNumber(Number(sent.replace(",", "."))));
  return typeof sent === "number" ? fromNumber(sent) : null;
}

function fromNumber(value: number): number | null {
  if (!(Math.abs(value) < microsecondsBelow)) return null;
  if (Math.abs(value) < secondsBelow) return whole(value * 1000);
  return whole(Math.abs(value) < millisecondsBelow ? value : value / 1000);
}

/** The nearest whole number; never -0, which JSON does not keep. */
function whole(value: number): number {
  return Math.round(value) + 0;
}

/** A box whose clock was never set sends times near 1970, which say nothing. */
export function isClockSet(time: number): boolean {
  return time >= clockEpoch;
}

/** The month of pictures received at `time`, as `2026-11` (UTC). */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

const aheadAtMost = dayMs;

/**
 * Whether a sent time can be shown: the box's clock was set, and not to more than a day ahead of ours. A receipt by a
 * clock that was never set says nothing.
 */
export function isUsableTime(time: number | undefined, receivedAt: number): time is number {
  return time !== undefined && isClockSet(time) && (time <= receivedAt + aheadAtMost || !isClockSet(receivedAt));
}
