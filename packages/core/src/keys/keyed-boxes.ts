import type { Items } from "@gatepost/store";
import { keyList, liveBoxOf } from "./record.ts";

interface Deps {
  items: Pick<Items, "list">;
  clock(): number;
  /** ms for which a process uses the boxes that it has read: after that time a new key works everywhere. */
  knownForMs: number;
}

/**
 * The boxes that have a live key. Each page of a list of boxes needs all of them, and a console reads all pages again
 * and again.
 */
export class KeyedBoxes {
  readonly #deps: Deps;
  #known: { at: number; boxes: Promise<ReadonlySet<string>> } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** All of them. A key that was made or revoked some seconds ago may not be known yet. */
  all(): Promise<ReadonlySet<string>> {
    const { clock, knownForMs } = this.#deps;
    const known = this.#known;
    if (known !== null && Math.abs(clock() - known.at) < knownForMs) return known.boxes;
    return this.#readAgain();
  }

  /**
   * Whether a box has one. Another process may have made the key just now, so the keys are read again before the answer
   * is no.
   */
  async has(box: string): Promise<boolean> {
    const before = this.#known;
    const boxes = this.all();
    // Compared before the wait, in which another call may read the keys again.
    const areReadNow = this.#known !== before;
    return (await boxes).has(box) || (!areReadNow && (await this.#readAgain()).has(box));
  }

  #readAgain(): Promise<ReadonlySet<string>> {
    const known = { at: this.#deps.clock(), boxes: this.#read() };
    this.#known = known;
    known.boxes.catch(() => {
      if (this.#known === known) this.#known = null;
    });
    return known.boxes;
  }

  async #read(): Promise<ReadonlySet<string>> {
    const boxes = new Set<string>();
    for await (const { item } of this.#deps.items.list({ lists: [keyList], order: "ascending" })) {
      const box = liveBoxOf(item);
      if (box !== undefined) boxes.add(box);
    }
    return boxes;
  }
}
