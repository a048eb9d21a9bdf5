import { type BoxActivity, joined } from "./activity.ts";
import type { Boxes } from "./boxes.ts";
import type { LocalHours } from "./local-hours.ts";
import type { BoxSign } from "./sign.ts";
import { summed } from "./summed.ts";

interface Deps {
  boxes: Pick<Boxes, "noteSums">;
  hours: LocalHours;
  clock(): number;
}

/** ms between two writes of what is known of a box. */
const writeEveryMs = 60_000;

/** More boxes than one process hears. */
const maxBoxes = 10_000;

/**
 * Gathers signs in memory, and writes what they add up to at most once a minute for each box: no report waits for it. What
 * a process that is killed had gathered is at most a minute of it.
 */
export class BoxNotes {
  readonly #deps: Deps;
  #gathered = new Map<string, BoxActivity>();
  readonly #writtenAt = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** What was gathered of a box and is not written yet; null where nothing is. */
  of(box: string): BoxActivity | null {
    const sum = this.#gathered.get(box);
    // What comes next is added to the sum itself.
    return sum === undefined
      ? null
      : { ...sum, kinds: { ...sum.kinds }, days: { ...sum.days }, devices: { ...sum.devices } };
  }

  /** The boxes of which something is gathered. */
  names(): string[] {
    return [...this.#gathered.keys()];
  }

  add(signs: Iterable<BoxSign>): void {
    summed(signs, this.#deps.hours, this.#gathered);
  }

  /** Writes what was gathered of boxes that were not written for a minute. What cannot be written stays gathered. */
  async flush(): Promise<void> {
    const now = this.#deps.clock();
    // Beyond a clock that was set back, too.
    const isDue = (box: string) => Math.abs(now - (this.#writtenAt.get(box) ?? 0)) >= writeEveryMs;
    await this.#write([...this.#gathered.keys()].filter(isDue), now);
  }

  /** Writes all that was gathered. */
  async flushAll(): Promise<void> {
    await this.#write([...this.#gathered.keys()], this.#deps.clock());
  }

  async #write(boxes: readonly string[], now: number): Promise<void> {
    const sums = new Map<string, BoxActivity>();
    for (const box of boxes) {
      const sum = this.#gathered.get(box);
      if (sum !== undefined) sums.set(box, sum);
      this.#gathered.delete(box);
    }
    try {
      await this.#deps.boxes.noteSums(sums);
    } catch (error) {
      const heardSince = this.#gathered;
      this.#gathered = sums;
      this.#join(heardSince);
      throw error;
    }
    if (this.#writtenAt.size + sums.size > maxBoxes) this.#writtenAt.clear();
    for (const box of sums.keys()) this.#writtenAt.set(box, now);
  }

  #join(heard: ReadonlyMap<string, BoxActivity>): void {
    for (const [box, sum] of heard) {
      const known = this.#gathered.get(box);
      this.#gathered.set(box, known === undefined ? sum : joined(known, sum, this.#deps.hours));
    }
  }
}
