import {
  type CountedPart,
  type FlagCount,
  type HalfHour,
  type HalfHourRange,
  withUnknownDevices,
} from "@gatepost/core/statistics";
import { halfHourMs } from "@gatepost/core/zones";
import { dayMs, type PersonType } from "@gatepost/protocol";

/*
 * The counts of one box on one day (UTC), as its row contains them. The text of a row is kept short, because a row is
 * paid for by the KB: `16e:2,5@18` are two employees of the half-hour from 8:00 without a known match score, and five
 * with one of 90 to 95 percent. The text of a device has no scores: `16e7`. It is empty for the only device, which has all
 * counts of the row.
 */

/** Half-hours of a day. */
export const halfHoursOfDay = dayMs / halfHourMs;

/** Counts each event once that has any flag. */
export const anyFlag = "*";

const letters = {
  employee: "e",
  visitor: "v",
  blacklist: "b",
  stranger: "s",
  vip: "p",
  unknown: "u",
} as const satisfies Record<PersonType, string>;

const types = new Map<string, PersonType>(
  Object.entries(letters).map(([type, letter]) => [letter, type as PersonType]),
);

const entry = String.raw`\d{1,2}[evbspu]:-?\d+(?:@\d{1,2})?(?:,-?\d+(?:@\d{1,2})?)*`;

/** The form of the text of a day. */
export const dayText = new RegExp(`^(?:${entry}(?:;${entry})*)?$`);

/** The form of the text of a device. */
export const deviceText = /^(?:\d{1,2}[evbspu]-?\d+(?:;\d{1,2}[evbspu]-?\d+)*)?$/;

/** Devices of a box and day that are counted by themselves: a row of DynamoDB has 400 KB at most. */
const maxDevices = 100;

/** The events with one flag: how many in each half-hour, and the last one by time of passing, if it is known. */
interface Flagged {
  halfHours: Record<string, number>;
  latest: { id: string; at: number } | null;
}

export type FlaggedOfDay = Record<string, Flagged>;

/** The counts of a day. */
export class DayCounts {
  /**
   * The keys are half-hour and letter of the type, as `16e`; the values are counts by match bucket, -1 if there is
   * none.
   */
  readonly #counts: Map<string, Map<number, number>>;
  /** By the name of the device; the keys are as of all counts. */
  readonly #devices: Map<string, Map<string, number>>;
  readonly #flags: Map<string, Flagged>;

  private constructor(
    counts: Map<string, Map<number, number>>,
    devices: Map<string, Map<string, number>>,
    flags: Map<string, Flagged>,
  ) {
    this.#counts = counts;
    this.#devices = devices;
    this.#flags = flags;
  }

  static empty(): DayCounts {
    return new DayCounts(new Map(), new Map(), new Map());
  }

  /**
   * @param text one that `text` made, and that `dayText` matches
   * @param devices texts that `deviceText` matches
   */
  static parse(text: string, { devices, flags }: { devices: Record<string, string>; flags: FlaggedOfDay }): DayCounts {
    const counts = new Map(text === "" ? [] : text.split(";").map(entryOf));
    const named = Object.entries(devices).map(([name, ofDevice]): [string, Map<string, number>] => [
      name,
      ofDevice === "" ? sumsOf(counts) : new Map(ofDevice.split(";").map(countOf)),
    ]);
    return new DayCounts(counts, new Map(named), new Map(Object.entries(structuredClone(flags))));
  }

  add({ halfHour, type, bucket }: { halfHour: number; type: PersonType; bucket: number | null }, by: number): void {
    const key = `${halfHour}${letters[type]}`;
    const counts = this.#counts.get(key) ?? new Map<number, number>();
    addTo(counts, bucket ?? -1, by);
    if (counts.size === 0) this.#counts.delete(key);
    else this.#counts.set(key, counts);
  }

  /** Counts an event at its device, too. Without a name, and beyond the most devices of a row, nothing is changed. */
  addDevice(name: string | null, { halfHour, type }: { halfHour: number; type: PersonType }, by: number): void {
    const held = name === null ? undefined : this.#devices.get(name);
    if (name === null || (held === undefined && (by < 0 || this.#devices.size >= maxDevices))) return;
    const counts = held ?? new Map<string, number>();
    addTo(counts, `${halfHour}${letters[type]}`, by);
    if (counts.size === 0) this.#devices.delete(name);
    else this.#devices.set(name, counts);
  }

  addFlag(flag: string, { halfHour, id, at }: { halfHour: number; id: string; at: number }, by: number): void {
    const held = this.#flags.get(flag) ?? { halfHours: {}, latest: null };
    const counts = new Map(Object.entries(held.halfHours));
    addTo(counts, `${halfHour}`, by);
    if (counts.size === 0) this.#flags.delete(flag);
    else this.#flags.set(flag, { halfHours: Object.fromEntries(counts), latest: latestOf(held, { id, at }, by) });
  }

  /** The counts of half-hours that begin in a range of ms. */
  part(box: string, day: number, range: PartOfDay): CountedPart {
    const part: CountedPart = { halfHours: [], match: [] };
    for (const [key, counts] of this.#counts) {
      const place = placeIn(key, day, range);
      if (place === null) continue;
      const count = sumOf(counts.values());
      if (count > 0) part.halfHours.push({ box, device: null, ...place, count });
      for (const [bucket, ofBucket] of counts) {
        if (bucket >= 0 && ofBucket > 0) part.match.push({ type: place.type, bucket, count: ofBucket });
      }
    }
    if (range.devices !== undefined) return { halfHours: this.#named(box, day, range), match: [] };
    const named = range.isByDevice === true ? this.#named(box, day, range) : [];
    return { halfHours: withUnknownDevices(named, part.halfHours), match: part.match };
  }

  #named(box: string, day: number, range: PartOfDay): HalfHour[] {
    const asked = [...this.#devices].filter(([name]) => range.devices?.includes(name) ?? true);
    return asked.flatMap(([device, counts]) =>
      [...counts].flatMap(([key, count]) => {
        const place = placeIn(key, day, range);
        return place === null || count <= 0 ? [] : [{ box, device, ...place, count }];
      }),
    );
  }

  /** How many events have a flag in a range of ms, by the flag. */
  flagsIn(box: string, day: number, range: { from: number; to: number }): FlagCount[] {
    return [...this.#flags].flatMap(([flag, { halfHours, latest }]) => {
      const within = Object.entries(halfHours).filter(([halfHour]) => {
        const start = day * dayMs + Number(halfHour) * halfHourMs;
        return start >= range.from && start < range.to;
      });
      const count = sumOf(within.map(([, ofHalfHour]) => ofHalfHour));
      const isWithin = latest !== null && latest.at >= range.from && latest.at < range.to;
      const last = isWithin ? { latest: latest.id, at: latest.at } : { latest: null, at: null };
      return count > 0 ? [{ flag, box, count, ...last }] : [];
    });
  }

  text(): string {
    return [...this.#counts]
      .map(([key, counts]) => {
        const buckets = [...counts].map(([bucket, count]) => (bucket < 0 ? `${count}` : `${count}@${bucket}`));
        return `${key}:${buckets.join(",")}`;
      })
      .join(";");
  }

  devices(): Record<string, string> {
    const all = sumsOf(this.#counts);
    const textOf = (counts: ReadonlyMap<string, number>) =>
      isSame(counts, all) ? "" : [...counts].map(([key, count]) => `${key}${count}`).join(";");
    return Object.fromEntries([...this.#devices].map(([name, counts]) => [name, textOf(counts)]));
  }

  flags(): FlaggedOfDay {
    return Object.fromEntries(this.#flags);
  }
}

/** What of a day is asked for. */
type PartOfDay = Pick<HalfHourRange, "from" | "to" | "devices" | "isByDevice">;

/** The place of a key as `16e`; null if it is not in the range of ms. */
function placeIn(key: string, day: number, { from, to }: PartOfDay): Pick<HalfHour, "start" | "type"> | null {
  const [, halfHour = "", letter = ""] = /^(\d+)(\w)$/.exec(key) ?? [];
  const start = day * dayMs + Number(halfHour) * halfHourMs;
  const type = types.get(letter);
  return type === undefined || start < from || start >= to ? null : { start, type };
}

/** The counts of all match scores together. */
function sumsOf(counts: ReadonlyMap<string, ReadonlyMap<number, number>>): Map<string, number> {
  return new Map([...counts].map(([key, ofKey]) => [key, sumOf(ofKey.values())]));
}

function isSame(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return one.size === other.size && [...one].every(([key, count]) => other.get(key) === count);
}

function countOf(text: string): [key: string, count: number] {
  const [, key = "", count = ""] = /^(\d+[a-z])(-?\d+)$/.exec(text) ?? [];
  return [key, Number(count)];
}

function entryOf(entry: string): [key: string, counts: Map<number, number>] {
  const [key = "", buckets = ""] = entry.split(":");
  const counts = buckets.split(",").map((one): [number, number] => {
    const [count, bucket = -1] = one.split("@");
    return [Number(bucket), Number(count)];
  });
  return [key, new Map(counts)];
}

function addTo<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}

function latestOf({ latest }: Flagged, { id, at }: { id: string; at: number }, by: number): Flagged["latest"] {
  if (by > 0) return latest === null || at >= latest.at ? { id, at } : latest;
  return latest?.id === id ? null : latest;
}

function sumOf(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
