import { type DeviceType, deviceType, splitEndpoint } from "../device.ts";
import type { Path } from "../paths.ts";
import { type PersonType, personType } from "../person.ts";

interface Sent {
  sent: string | undefined;
  at: Path;
}

/**
 * The types of device and person, and the paths of those that no fact can hold: they stay in `extra` as they were sent.
 */
export function readTypes({ device, person }: { device: Sent; person: Sent }): {
  device: DeviceType | null | undefined;
  person: PersonType | undefined;
  keep: Path[];
} {
  const types = {
    device: device.sent === undefined ? undefined : deviceType(device.sent),
    person: person.sent === undefined ? undefined : personType(person.sent),
  };
  const keep: Path[] = [];
  if (types.device === null) keep.push(device.at);
  if (types.person === "unknown") keep.push(person.at);
  return { ...types, keep };
}

/** A score as it was sent, with the value it has at best; null where the dialect does not tell. docs/formats.md §1. */
export function scored(score: number | undefined, scale: number | null): [number, number | null] | undefined {
  return score === undefined ? undefined : [score, scale];
}

/**
 * The weak serial of a box whose report names no other: what stands before the address in `ep_id`. docs/formats.md §6.
 */
export function serialOf(endpoint: string | undefined): string | undefined {
  return splitEndpoint(endpoint ?? "").serial || undefined;
}

/** Where one thing may be sent under several names. */
interface Name<T> {
  value: T;
  at: Path;
}

/**
 * The first of several names of one thing that says something; the paths of the others that do join `keep`.
 * docs/formats.md §5.5.
 */
export function firstSaid<T>(names: readonly Name<T>[], keep: Path[]): T | undefined {
  const [first, ...others] = names.filter(({ value }) => value !== undefined && value !== null && value !== "");
  keep.push(...others.map(({ at }) => at));
  return first?.value;
}
