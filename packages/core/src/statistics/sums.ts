import { type PersonType, personTypes } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import { matchBuckets } from "../events/match-buckets.ts";
import type { Grouping, Unit } from "./grouping.ts";
import type { CountedPart, HalfHour } from "./half-hours.ts";

/** The half-hour with the most events. */
interface Busiest {
  start: string;
  minutes: 30;
  count: number;
}

export interface Statistics {
  by: Unit;
  zone: string;
  /** The counts, in the order of time, box and type. Without events there is no bucket. */
  buckets: {
    start: string;
    box: string;
    /** Only by device: its name, null if it is not known. */
    device?: string | null;
    type: PersonType;
    count: number;
    /** Only if compared: the count of the past beside it. */
    before?: number;
  }[];
  /** How well faces matched: events whose score is from `from` to `to` percent of its scale. */
  match: { type: PersonType; from: number; to: number; count: number }[];
  /** The half-hour with the most events of all asked boxes; the first, if there are several. */
  busiest: (Busiest & { before?: Busiest | null }) | null;
  usualWeek: number[][];
}

/** Buckets of an answer at most: more could not be read by a person, and an answer has 6 MB at most on AWS. */
const maxBuckets = 25_000;

type Bucket = Statistics["buckets"][number] & { at: number };

interface How {
  /** An instant as the zone shows it. */
  textOf(time: number): string;
  isByDevice: boolean;
  isCompared: boolean;
}

/** Adds up counts, and counts of the past beside them. */
export class Sums {
  readonly #by: Unit;
  readonly #groupOf: Grouping;
  readonly #how: How;
  readonly #buckets = new Map<string, Bucket>();
  readonly #halfHours = new Map<number, number>();
  readonly #halfHoursBefore = new Map<number, number>();
  readonly #match = new Map<PersonType, number[]>();

  constructor(by: Unit, groupOf: Grouping, how: How) {
    this.#by = by;
    this.#groupOf = groupOf;
    this.#how = how;
  }

  add({ halfHours, match }: CountedPart): void {
    for (const halfHour of halfHours) {
      this.#halfHours.set(halfHour.start, (this.#halfHours.get(halfHour.start) ?? 0) + halfHour.count);
      this.#bucketOf(halfHour.start, halfHour).count += halfHour.count;
    }
    for (const { type, bucket, count } of match) {
      const ofType = this.#match.get(type) ?? Array.from({ length: matchBuckets }, () => 0);
      ofType[bucket] = (ofType[bucket] ?? 0) + count;
      this.#match.set(type, ofType);
    }
    this.#requireFew();
  }

  /** @param beside the time of the range that a time of the past is beside; null for none */
  addBefore(halfHours: readonly HalfHour[], beside: (start: number) => number | null): void {
    for (const halfHour of halfHours) {
      const later = beside(halfHour.start);
      if (later === null) continue;
      this.#halfHoursBefore.set(halfHour.start, (this.#halfHoursBefore.get(halfHour.start) ?? 0) + halfHour.count);
      const bucket = this.#bucketOf(later, halfHour);
      bucket.before = (bucket.before ?? 0) + halfHour.count;
    }
    this.#requireFew();
  }

  result(): Pick<Statistics, "buckets" | "match" | "busiest"> {
    const inOrder = [...this.#buckets.values()].sort(
      (a, b) =>
        a.at - b.at ||
        compare(a.box, b.box) ||
        compare(a.device ?? "", b.device ?? "") ||
        rankOf(a.type) - rankOf(b.type),
    );
    const buckets = inOrder.map(({ at: _, ...bucket }) => bucket);
    return { buckets, match: personTypes.flatMap((type) => this.#matchOf(type)), busiest: this.#busiest() };
  }

  #bucketOf(halfHour: number, { box, device, type }: HalfHour): Bucket {
    const { start, text } = this.#groupOf(halfHour);
    const ofDevice = this.#how.isByDevice ? { device } : {};
    const key = JSON.stringify([start, type, box, ofDevice.device]);
    const held = this.#buckets.get(key);
    if (held !== undefined) return held;
    const before = this.#how.isCompared ? { before: 0 } : {};
    const made = { at: start, start: text, box, ...ofDevice, type, count: 0, ...before };
    this.#buckets.set(key, made);
    return made;
  }

  #requireFew(): void {
    if (this.#buckets.size > maxBuckets) throw new GatepostError("bad-request", tooMany(this.#by));
  }

  #matchOf(type: PersonType): Statistics["match"] {
    const width = 100 / matchBuckets;
    return (this.#match.get(type) ?? []).flatMap((count, bucket) =>
      count === 0 ? [] : [{ type, from: bucket * width, to: (bucket + 1) * width, count }],
    );
  }

  #busiest(): Statistics["busiest"] {
    const busiest = this.#busiestOf(this.#halfHours);
    if (busiest === null || !this.#how.isCompared) return busiest;
    return { ...busiest, before: this.#busiestOf(this.#halfHoursBefore) };
  }

  #busiestOf(halfHours: ReadonlyMap<number, number>): Busiest | null {
    const [first, ...others] = [...halfHours].sort(([a], [b]) => a - b);
    if (first === undefined) return null;
    const [start, count] = others.reduce((most, one) => (one[1] > most[1] ? one : most), first);
    return { start: this.#how.textOf(start), minutes: 30, count };
  }
}

function tooMany(by: Unit): string {
  const coarser = by === "day" ? "" : ", ask by day";
  return `there are over ${maxBuckets.toLocaleString("en")} numbers: name a box${coarser}, or ask for fewer days`;
}

function rankOf(type: PersonType): number {
  return personTypes.indexOf(type);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
