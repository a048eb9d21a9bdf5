import {
  type KnownPerson,
  lastPassingBefore,
  type PassingRange,
  type PassingReader,
  type PersonAt,
  passingsIn,
  searchText,
  storedPassingOf,
} from "@gatepost/core/people";
import type { MemoryEvents } from "./events.ts";

/** Passings in memory: people are found among all events. */
export class MemoryPassings implements PassingReader {
  readonly #events: MemoryEvents;

  constructor(events: MemoryEvents) {
    this.#events = events;
  }

  read(range: PassingRange) {
    return passingsIn(this.#events, range);
  }

  lastBefore(people: readonly PersonAt[], time: number) {
    return Promise.all(people.map((person) => lastPassingBefore(person, time, this)));
  }

  async known(boxes: readonly string[]): Promise<KnownPerson[]> {
    const people = new Map<string, KnownPerson & { at: number }>();
    for (const event of this.#events.shown()) {
      const { box, at, person, score } = storedPassingOf(event) ?? { box: "", at: 0, person: null, score: null };
      if (person === null || !boxes.includes(box)) continue;
      const key = JSON.stringify([box, person.key]);
      if ((people.get(key)?.at ?? Number.NEGATIVE_INFINITY) >= at) continue;
      const day = Math.floor(at / 86_400_000);
      people.set(key, { ...person, box, day, score, at, first: null, search: searchText(person) });
    }
    return [...people.values()];
  }

  async forget(): Promise<void> {}
}
