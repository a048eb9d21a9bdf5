import {
  type Counted,
  type CountedPart,
  countedOf,
  type FlagCount,
  type HalfHour,
  type HalfHourCounts,
  type HalfHourRange,
  type MatchCount,
} from "@gatepost/core/statistics";
import type { FaceEvent } from "@gatepost/protocol";

interface Deps {
  clock(): number;
  /** The events that there are. */
  events(): FaceEvent[];
  keptMs: number;
}

/** Counts of events in memory. */
export class MemoryHalfHours implements HalfHourCounts {
  readonly #deps: Deps;
  /** How many events count so, by what they count as. */
  readonly #counts = new Map<string, { box: string; counted: Counted; count: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Counts an event that was made or has changed. */
  move(before: FaceEvent | null, after: FaceEvent): void {
    if (before !== null) this.#add(before, -1);
    this.#add(after, 1);
  }

  async *read(range: HalfHourRange): AsyncGenerator<CountedPart> {
    for (const { box, counted, count } of this.#within(range)) {
      const { start, type, bucket } = counted;
      const device = range.isByDevice === true ? counted.device : null;
      const halfHours: HalfHour[] = [{ box, device, start, type, count }];
      const match: MatchCount[] = bucket === null || range.devices !== undefined ? [] : [{ type, bucket, count }];
      yield { halfHours, match };
    }
  }

  async totals(range: HalfHourRange): Promise<Map<number, number>> {
    const totals = new Map<number, number>();
    for (const { counted, count } of this.#within(range))
      totals.set(counted.start, (totals.get(counted.start) ?? 0) + count);
    return totals;
  }

  async flags(range: HalfHourRange): Promise<FlagCount[]> {
    const counts = new Map<string, FlagCount>();
    for (const { id, box, flags, timestamp } of this.#flaggedIn(range)) {
      for (const flag of flags) {
        const key = JSON.stringify([flag, box.id]);
        const { count, at } = counts.get(key) ?? { count: 0, at: Number.NEGATIVE_INFINITY };
        const isLater = at === null || timestamp >= at;
        const latest = isLater ? { latest: id, at: timestamp } : {};
        counts.set(key, { flag, box: box.id, latest: null, at: null, ...counts.get(key), count: count + 1, ...latest });
      }
    }
    return [...counts.values()];
  }

  async flagged(range: HalfHourRange): Promise<number> {
    return this.#flaggedIn(range).length;
  }

  #add(event: FaceEvent, by: number): void {
    const counted = countedOf(event);
    if (counted === null) return;
    const key = JSON.stringify([event.box.id, counted]);
    const count = (this.#counts.get(key)?.count ?? 0) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, { box: event.box.id, counted, count });
  }

  #within({ from, to, boxes, devices }: HalfHourRange) {
    const oldest = Math.max(from, this.#deps.clock() - this.#deps.keptMs);
    return [...this.#counts.values()].filter(
      ({ box, counted: { start, device } }) =>
        start >= oldest &&
        start < to &&
        (boxes === null || boxes.includes(box)) &&
        (devices === undefined || (device !== null && devices.includes(device))),
    );
  }

  #flaggedIn({ from, to, boxes }: HalfHourRange): FaceEvent[] {
    const counted = this.#deps.events().filter((event) => countedOf(event) !== null);
    const asked = counted.filter(({ box }) => boxes === null || boxes.includes(box.id));
    return asked.filter(({ timestamp, flags }) => flags.length > 0 && timestamp >= from && timestamp < to);
  }
}
