import { dayMs } from "./durations.ts";
import { isoMilliseconds } from "./iso-time.ts";

const clockEpoch = Date.UTC(2015, 0, 1);
const secondsBelow = 1e11;
const millisecondsBelow = 1e14;
const microsecondsBelow = 1e17;

/**
 * A time as boxes send it, in ms since 1970. Seconds, milliseconds and microseconds are told apart by magnitude; number
 * or text (docs/formats.md §5.1, §4.4). Or an ISO 8601 text with its zone. Null where it is none of these, or too large.
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
