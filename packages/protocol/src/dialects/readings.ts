import { type DeviceType, deviceType, splitEndpoint } from "../device.ts";
import type { Path } from "../paths.ts";
import { type PersonType, personType } from "../person.ts";

interface Sent {
  sent: string | undefined;
  at: Path;
}

/** Reads the types of device and person. Values that no fact can hold stay in `extra`; `keep` has their paths. */
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

/**
 * A score as it was sent, with the highest value of its scale; null where the dialect does not say. docs/formats.md §1.
 */
export function scored(score: number | undefined, scale: number | null): [number, number | null] | undefined {
  return score === undefined ? undefined : [score, scale];
}

/**
 * The serial of a box whose report does not name it: the part of `ep_id` before the address. It may be a MAC or a UUID.
 * docs/formats.md §6.
 */
export function serialOf(endpoint: string | undefined): string | undefined {
  return splitEndpoint(endpoint ?? "").serial || undefined;
}

/** One of several names under which a value may be sent. */
interface Name<T> {
  value: T;
  at: Path;
}

/**
 * The value under the first of several names that has one. The paths of the others that have one are added to `keep`.
 * docs/formats.md §5.5.
 */
export function firstSaid<T>(names: readonly Name<T>[], keep: Path[]): T | undefined {
  const [first, ...others] = names.filter(({ value }) => value !== undefined && value !== null && value !== "");
  keep.push(...others.map(({ at }) => at));
  return first?.value;
}
