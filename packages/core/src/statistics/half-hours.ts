import { type FaceEvent, isCheckBox, type PersonType } from "@gatepost/protocol";
import { bucketOf } from "../events/match-buckets.ts";
import { halfHourMs } from "../zones/zone.ts";

/** The place of an event in the counts. */
export interface Counted {
  /** The beginning of its half-hour, ms. */
  start: number;
  type: PersonType;
  /** The name of its device, as `countedDevice` has it. */
  device: string | null;
  /** The range of its match score, from 0 to 19; null if it has none of a known scale. */
  bucket: number | null;
}

/** The place of an event in the counts; null if it is not counted, because it only checks that Gatepost works. */
export function countedOf({ box, device, timestamp, person, score, scoreScale }: FaceEvent): Counted | null {
  if (isCheckBox(box.id)) return null;
  return {
    start: halfHourOf(timestamp),
    type: person.type,
    device: countedDevice(device),
    bucket: bucketOf(score, scoreScale),
  };
}

/** The most characters of the name of a device that is counted by itself: no real one is longer. */
export const maxDeviceName = 128;

/** The name under which passings of a device are counted: its id, else its ep_id, else its address; null if too long. */
export function countedDevice({ id, endpoint, ip }: FaceEvent["device"]): string | null {
  const name = id ?? endpoint ?? ip;
  return name === null || name.length > maxDeviceName ? null : name;
}

/** The beginning of the half-hour of UTC that a time is in. */
export function halfHourOf(time: number): number {
  return Math.floor(time / halfHourMs) * halfHourMs;
}

/** Half-hours that begin at `from` or later and before `to` (ms since 1970), in UTC. */
export interface HalfHourRange {
  from: number;
  to: number;
  /** Only the passings at these boxes; null for every box. */
  boxes: readonly string[] | null;
  /** Only the passings at devices of these names (`countedDevice`); absent for every device. Then no match is counted. */
  devices?: readonly string[] | undefined;
  /** Whether counts are told apart by device. */
  isByDevice?: boolean;
}

/** How many events of one box and one type have their own time in one half-hour. */
export interface HalfHour {
  box: string;
  /** The name of the device; null if it is not known, or devices are not told apart. */
  device: string | null;
  /** ms since 1970. */
  start: number;
  type: PersonType;
  count: number;
}

/** How many events of a type matched so well. */
export interface MatchCount {
  type: PersonType;
  /** The score in percent of its scale, by fives: 0 is 0 to 5, 19 is 95 to 100. */
  bucket: number;
  count: number;
}

/** A part of the counts. Parts may contain sums of the same type and bucket again. */
export interface CountedPart {
  halfHours: HalfHour[];
  match: MatchCount[];
}

/** How many events of one box have a flag. */
export interface FlagCount {
  flag: string;
  box: string;
  count: number;
  /** The id and the time (ms) of the one that passed last; null if the store does not know. */
  latest: string | null;
  at: number | null;
}

/**
 * Counts of events by box, type and half-hour. An event counts once, at its own time and under the type that it shows.
 * If a report that joins it changes one of these, its count moves. Erasure and expiry change no count, and an event
 * that is made anew after them counts again. If a box has over 100 devices, a store may count some of them as unknown.
 * Events of the box `gatepost-check` do not count. Half-hours are kept for
 * the days of the settings (`statisticsDays`), longer than events: they contain no person.
 */
export interface HalfHourCounts {
  /** The counts, some at a time, in any order. Half-hours without events are left out. */
  read(range: HalfHourRange): AsyncIterable<CountedPart>;
  /** The sums of all types, asked boxes and devices, by the beginning of the half-hour. */
  totals(range: HalfHourRange): Promise<ReadonlyMap<number, number>>;
  /** The events that have a flag and still exist, by flag and box, in any order. */
  flags(range: HalfHourRange): Promise<FlagCount[]>;
  /** How many events there are that have any flag. */
  flagged(range: HalfHourRange): Promise<number>;
}

/** Counts by device, completed by the rest of all counts: passings whose device is not known. */
export function withUnknownDevices(named: readonly HalfHour[], all: readonly HalfHour[]): HalfHour[] {
  const keyOf = ({ box, start, type }: HalfHour) => JSON.stringify([box, start, type]);
  const known = new Map<string, number>();
  for (const halfHour of named) known.set(keyOf(halfHour), (known.get(keyOf(halfHour)) ?? 0) + halfHour.count);
  const rest = all.map((one) => ({ ...one, device: null, count: one.count - (known.get(keyOf(one)) ?? 0) }));
  return [...named, ...rest.filter(({ count }) => count > 0)];
}
