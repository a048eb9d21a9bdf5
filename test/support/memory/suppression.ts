import {
  type Erased,
  type ErasureLog,
  Erasures,
  type ErasuresHeld,
  erasedName,
  type Suppression,
  suppressionMs,
} from "@gatepost/core/erasure";

const key = Buffer.alloc(32, 5);

/** The erased persons and events that boxes may report again, in memory. */
export class MemorySuppression implements Suppression, ErasureLog {
  readonly #clock: () => number;
  readonly #held = new Set<Promise<void>>();
  readonly #erased = new Map<string, { box: string | null; at: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async of(box: string): Promise<ErasuresHeld> {
    const erasures = new Erasures([this.#timesOf(box), this.#timesOf(null)], key);
    const held = this.hold();
    return { erasures, [Symbol.dispose]: () => held[Symbol.dispose]() };
  }

  /** `settled` waits until it is disposed of. */
  hold(): Disposable {
    const stored = Promise.withResolvers<void>();
    this.#held.add(stored.promise);
    return {
      [Symbol.dispose]: () => {
        this.#held.delete(stored.promise);
        stored.resolve();
      },
    };
  }

  async settled(): Promise<void> {
    await Promise.all(this.#held);
  }

  async note(erased: Erased, box: string | null, at: number): Promise<void> {
    const name = erasedName(erased, key);
    this.#erased.set(name, { box, at: Math.max(at, this.#erased.get(name)?.at ?? at) });
  }

  async suppressedSince(person: string, boxes: readonly (string | null)[]): Promise<number | null> {
    const times = boxes.flatMap((box) => this.#timesOf(box).get(erasedName({ person, box }, key)) ?? []);
    return times.length === 0 ? null : Math.max(...times);
  }

  async subjectOf(person: string): Promise<string> {
    return erasedName({ person, box: null }, key);
  }

  agesOut(now: number) {
    return [{ what: "memory", goneBy: now }];
  }

  #timesOf(box: string | null): Map<string, number> {
    const live = [...this.#erased].filter(([, one]) => one.box === box && one.at > this.#clock() - suppressionMs);
    return new Map(live.map(([name, { at }]) => [name, at]));
  }
}
