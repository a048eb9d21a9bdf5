import { dayMs, minuteMs } from "./durations.ts";

/** A time without a zone was sent, and the zone of its box is not read yet. Read it, and interpret the body again. */
export class ZoneNeeded extends Error {}

/** Characters of the longest text that is looked at. */
const maxLength = 32;

const yearFirst = /^(\d{4})-?(\d\d)-?(\d\d)[T ]?([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d)(?:[.,]\d{1,9})?$/;
const dayFirst = /^(\d\d)-(\d\d)-(\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/;
const timeFirst = /^(\d\d:\d\d:\d\d) (\d\d-\d\d-\d{4})$/;

/** The text before an offset, as `+08:00`; nothing is behind it for UTC. */
const beforeOffset = "GMT";

/** Zones whose formats are remembered: a deployment has a few. */
const maxZones = 64;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Reads and writes times on the clocks of a zone, as terminals do that send none. */
export class LocalTimes {
  readonly #zone: string | null | undefined;

  /** @param zone as `Asia/Shanghai`; null: none is known; undefined: it is not read yet */
  constructor(zone: string | null | undefined) {
    this.#zone = zone;
  }

  /**
   * The instant (ms since 1970) of a text such as `2026-11-24 08:01:18`, `20261124080118`, `24-11-2026 08:01:18` or `08:01:18 24-11-2026`. If
   * clocks are put back, the first of the two. Undefined if it is no time, or no zone is known. Throws ZoneNeeded.
   */
  timeOf(text: string): number | undefined {
    const shown = wallClock(text);
    return shown === null ? undefined : this.timeAt(shown);
  }

  /** The instant at which a clock shows this, given as ms since 1970 of a clock that shows UTC. As of `timeOf`. */
  timeAt(shown: number): number | undefined {
    const [early, late] = [shown - this.#offset(shown - dayMs), shown - this.#offset(shown + dayMs)];
    const fits = [early, late].find((time) => time + this.#offset(time) === shown);
    const time = fits ?? early;
    return Number.isNaN(time) ? undefined : time;
  }

  /** `yyyy-MM-dd HH:mm:ss` on the clocks of the zone; null if no zone is known. Throws ZoneNeeded. */
  textOf(time: number): string | null {
    const shown = time + this.#offset(time);
    return Number.isNaN(shown) ? null : clockText(shown);
  }

  /** Minutes by which the clocks of the zone are ahead of UTC; null if no zone is known. Throws ZoneNeeded. */
  minutesAt(time: number): number | null {
    const offset = this.#offset(time);
    return Number.isNaN(offset) ? null : Math.round(offset / minuteMs);
  }

  /** ms by which its clocks are ahead of UTC; NaN if no zone is known. */
  #offset(time: number): number {
    if (this.#zone === undefined) throw new ZoneNeeded("the zone of the box is needed");
    return this.#zone === null ? Number.NaN : offsetAt(this.#zone, time);
  }
}

/** What a clock shows, as ms since 1970 of a clock that shows UTC; null if the text is no time. */
export function wallClock(text: string): number | null {
  const trimmed = text.length > maxLength ? "" : text.trim();
  const [, year, month, day, ...time] = yearFirst.exec(trimmed) ?? swapped(trimmed);
  const date = `${year}-${month}-${day}`;
  const shown = Date.parse(`${date}T${time.join(":")}Z`);
  // The platform takes 31 February for a day in March.
  return Number.isNaN(shown) || new Date(shown).toISOString().slice(0, date.length) !== date ? null : shown;
}

/** The time that a clock shows, given as ms since 1970 of a clock that shows UTC, as `yyyy-MM-dd HH:mm:ss`. */
export function clockText(shown: number): string {
  return new Date(shown).toISOString().slice(0, "2026-11-24T08:01:18".length).replace("T", " ");
}

function swapped(text: string): readonly string[] {
  const [all = "", day = "", month = "", year = "", ...time] = dayFirst.exec(text.replace(timeFirst, "$2 $1")) ?? [];
  return [all, year, month, day, ...time];
}

/** NaN if the platform does not know the zone. */
function offsetAt(zone: string, time: number): number {
  const format = formats.get(zone) ?? formatOf(zone);
  if (format === null || !Number.isFinite(time)) return Number.NaN;
  const shown = format.format(time);
  const offset = shown.slice(shown.indexOf(beforeOffset) + beforeOffset.length);
  const [hours, minutes = "0", seconds = "0"] = offset.slice(1).split(":");
  const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return offset.startsWith("-") ? -ahead : ahead;
}

function formatOf(zone: string): Intl.DateTimeFormat | null {
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    if (formats.size >= maxZones) formats.clear();
    formats.set(zone, format);
    return format;
  } catch {
    return null;
  }
}
