import { PatternError } from "./error.ts";
import { isArray, isObject } from "./json.ts";
import { refuseTooLarge } from "./limits.ts";

type Fields = { readonly [key: string]: unknown };

/** A pattern in two parts that must both match; null for a part without a condition. */
export interface Apart {
  /** The fields that EventBridge itself can decide about. */
  bus: Fields | null;
  /** The fields with `between`, which EventBridge does not know. */
  hours: Fields | null;
}

/**
 * Takes the fields with `between` out of a valid pattern. Throws PatternError if one is within `$or`: there both parts
 * could not be decided about apart.
 *
 * @example
 * hoursApart({ source: ["a"], time: [{ between: ["22:00", "06:00"], zone: "UTC" }] });
 * // { bus: { source: ["a"] }, hours: { time: [{ between: ["22:00", "06:00"], zone: "UTC" }] } }
 */
export function hoursApart(pattern: Fields): Apart {
  refuseTooLarge(pattern);
  return apartAt(pattern, "$");
}

function apartAt(pattern: Fields, at: string): Apart {
  const bus: [string, unknown][] = [];
  const hours: [string, unknown][] = [];
  for (const [name, value] of Object.entries(pattern)) {
    const apart = isObject(value) ? apartAt(value, `${at}.${name}`) : fieldApart(name, value, at);
    if (apart.bus !== null) bus.push([name, apart.bus]);
    if (apart.hours !== null) hours.push([name, apart.hours]);
  }
  return { bus: partOf(bus), hours: partOf(hours) };
}

function fieldApart(name: string, value: unknown, at: string): { bus: unknown; hours: unknown } {
  if (!hasHours(value)) return { bus: value, hours: null };
  if (name === "$or") throw new PatternError(`${at}.$or`, "here between is not for $or: use two rules");
  return { bus: null, hours: value };
}

function hasHours(value: unknown): boolean {
  if (isArray(value)) return value.some(hasHours);
  return isObject(value) && ("between" in value || Object.values(value).some(hasHours));
}

function partOf(fields: readonly [string, unknown][]): Fields | null {
  return fields.length === 0 ? null : Object.fromEntries(fields);
}
