import { hourMs } from "@gatepost/protocol";
import type { Zone } from "../zones/zone.ts";

export const units = ["half-hour", "hour", "day"] as const;

/** The units by which counts are added up. */
export type Unit = (typeof units)[number];

/** Says in which half-hour, hour or day of a zone a half-hour of UTC is. */
export type Grouping = (halfHour: number) => { start: number; text: string };

/**
 * Groups half-hours by a unit of a zone. A half-hour belongs to the unit in which it begins. So a day is 23 or 25 hours
 * long when clocks are changed, and an hour that is shown twice is two hours. If clocks are 15 or 45 minutes off, as in
 * Asia/Kathmandu, half-hours begin at 0:15 and 0:45, and an hour begins up to 15 minutes late.
 */
export function groupingBy(unit: Unit, zone: Zone): Grouping {
  if (unit === "day") return once((halfHour) => zone.startOfDay(zone.dayOf(halfHour)), zone);
  if (unit === "half-hour") return once((halfHour) => halfHour, zone);
  return once((halfHour) => {
    const offset = zone.offsetAt(halfHour);
    return Math.floor((halfHour + offset) / hourMs) * hourMs - offset;
  }, zone);
}

/** Remembers results, because each half-hour is asked for once per box and type. */
function once(startOf: (halfHour: number) => number, zone: Zone): Grouping {
  const known = new Map<number, { start: number; text: string }>();
  return (halfHour) => {
    const found = known.get(halfHour);
    if (found !== undefined) return found;
    const start = startOf(halfHour);
    const group = { start, text: zone.text(start) };
    known.set(halfHour, group);
    return group;
  };
}
