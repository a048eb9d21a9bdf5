import { createHmac, type KeyObject } from "node:crypto";
import { comparable, dayMs, isUsableTime, knownPerson, type Passing } from "@gatepost/protocol";

/** ms for which an erased passing is not stored again: longer than any box keeps undelivered reports. */
export const suppressionMs = 400 * dayMs;

/** An erasure: all passings of a person at one box (null: at every box), or one event. */
export type Erased = { person: string; box: string | null } | { event: string };

/**
 * The name under which an erasure is noted: a keyed hash, so that no one without the key of the store learns who was
 * erased. Letters, digits, `-` and `_`; 128 bits.
 *
 * @param key a KeyObject is five times as fast, for a caller that names thousands
 */
export function erasedName(erased: Erased, key: Uint8Array | KeyObject): string {
  return nameOf("event" in erased ? erased : { ...erased, person: comparable(erased.person) }, key);
}

function nameOf(erased: Erased, key: Uint8Array | KeyObject): string {
  const parts = "event" in erased ? ["event", erased.event] : ["person", erased.box, erased.person];
  return createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}

type Passed = Pick<Passing, "eventId" | "twinId" | "earlier" | "report">;

/** The names of erasures, and when (ms since 1970) each began. */
export type ErasureTimes = Pick<ReadonlyMap<string, number>, "get" | "size">;

/** A passing before it is stored, and its origin. */
interface Arriving {
  box: string;
  /** On a replay: the event that was made of the report before. */
  event: { id: string } | null;
  /** Whether the report was received before, and is taken again. */
  isReplay?: boolean;
}

/** The erasures that count at one box. They do not change. */
export class Erasures {
  readonly #lists: readonly ErasureTimes[];
  readonly #key: Uint8Array;
  readonly #marginMs: number;

  /**
   * @param lists the erasures of the box, and those for every box
   * @param marginMs ms by which the clock that dated an erasure may be ahead of the clocks of boxes
   */
  constructor(lists: readonly ErasureTimes[], key: Uint8Array, marginMs = 0) {
    this.#lists = lists.filter(({ size }) => size > 0);
    this.#key = key;
    this.#marginMs = marginMs;
  }

  get areNone(): boolean {
    return this.#lists.length === 0;
  }

  /**
   * Whether a passing was erased. An erased event is recognized by its id alone, at any time. A person was erased at
   * the time of the passing or later: that time is the reported one, and no later than the receipt of a report that is
   * replayed. A new report without a usable time arrives after the erasure.
   */
  include(passing: Passed, { box, event, isReplay = false }: Arriving): boolean {
    if (this.areNone) return false;
    const { eventId, report, earlier } = passing;
    const events = [eventId, passing.twinId, earlier?.twinId, event?.id];
    if (events.some((id) => id !== undefined && this.#erasedAt({ event: id }) !== null)) return true;
    const { person } = report;
    const known = knownPerson({ id: person?.id ?? null, type: person?.type ?? "employee" });
    if (known === null) return false;
    const happened = happenedAt(report, isReplay);
    const people = [box, null].map((at) => ({ person: comparable(known), box: at }));
    return people.some((erased) => {
      const erasedAt = this.#erasedAt(erased);
      return erasedAt !== null && erasedAt - this.#marginMs >= happened;
    });
  }

  #erasedAt(erased: Erased): number | null {
    const name = nameOf(erased, this.#key);
    const times = this.#lists.flatMap((list) => list.get(name) ?? []);
    return times.length === 0 ? null : Math.max(...times);
  }
}

function happenedAt({ time, receivedAt }: Passed["report"], isReplay: boolean): number {
  const received = isReplay ? receivedAt : Number.POSITIVE_INFINITY;
  return isUsableTime(time, receivedAt) ? Math.min(time, received) : received;
}

/**
 * Whether a repeat of a stored report would count as erased by the time of its person's erasure. If not, the erasure
 * must also note the id of its event.
 *
 * @param latest ms since 1970: the latest time that certainly is before the erasure
 */
export function isCoveredByTime({ time, receivedAt }: Passed["report"], latest: number): boolean {
  return isUsableTime(time, receivedAt) && time <= latest;
}
