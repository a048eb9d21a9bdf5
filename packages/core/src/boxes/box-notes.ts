import type { RecordListener } from "../arrivals/listeners.ts";
import { joined, summed } from "./activity.ts";
import type { Boxes } from "./boxes.ts";
import type { BoxActivity } from "./record.ts";
import type { LocalHours } from "./rhythms.ts";
import { type BoxSign, signOfNotice, signOfReport } from "./signs.ts";

interface Deps {
  boxes: Pick<Boxes, "noteSums">;
  hours: LocalHours;
  clock(): number;
}

/** ms between two writes of a box's activity. */
const writeEveryMs = 60_000;

/** Boxes that are remembered: more than one process hears. */
const maxBoxes = 10_000;

/**
 * Gathers signs in memory, and writes their sums at most once a minute for each box; no report waits for that. A killed
 * process loses at most a minute of signs.
 */
export class BoxNotes {
  readonly #deps: Deps;
  readonly #gathered = new Map<string, BoxActivity>();
  readonly #writtenAt = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The activity of a box that is not written yet; null if there is none. */
  of(box: string): BoxActivity | null {
    const sum = this.#gathered.get(box);
    // A copy, because later reports are added to the sum in place.
    return sum === undefined
      ? null
      : { ...sum, kinds: { ...sum.kinds }, days: { ...sum.days }, devices: { ...sum.devices } };
  }

  /** The boxes with unwritten signs. */
  names(): string[] {
    return [...this.#gathered.keys()];
  }

  add(signs: Iterable<BoxSign>): void {
    summed(signs, this.#deps.hours, this.#gathered);
  }

  /**
   * Adds the signs of a batch and flushes. If this throws, the batch is delivered again, so its unwritten signs are
   * dropped: they would be added twice.
   */
  async addBatch(signs: readonly BoxSign[]): Promise<void> {
    const before = new Map(signs.map(({ box }) => [box, this.of(box)]));
    this.add(signs);
    try {
      await this.flush();
    } catch (error) {
      for (const [box, sum] of before) {
        if (sum === null) this.#gathered.delete(box);
        else if (this.#gathered.has(box)) this.#gathered.set(box, sum);
      }
      throw error;
    }
  }

  /**
   * Writes the activity of boxes that were not written for a minute. If it cannot be written yet, it stays in memory.
   */
  async flush(): Promise<void> {
    const now = this.#deps.clock();
    // The absolute difference, so that a clock that was set back does not stop the writes.
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
    const failed = await this.#notNoted(sums);
    if (this.#writtenAt.size + sums.size > maxBoxes) this.#writtenAt.clear();
    for (const [box, sum] of sums) {
      if (!failed.has(box)) this.#writtenAt.set(box, now);
      else {
        const heardSince = this.#gathered.get(box);
        this.#gathered.set(box, heardSince === undefined ? sum : joined(sum, heardSince, this.#deps.hours));
      }
    }
    for (const cause of failed.values()) throw cause;
  }

  /** The boxes whose sums are not noted, with the failures. */
  async #notNoted(sums: ReadonlyMap<string, BoxActivity>): Promise<ReadonlyMap<string, unknown>> {
    try {
      return await this.#deps.boxes.noteSums(sums);
    } catch (cause) {
      return new Map(Array.from(sums.keys(), (box) => [box, cause]));
    }
  }
}

/** Passes a sign to `note` for each report, notice and quarantine record. */
export function noteSigns(note: (sign: BoxSign) => void): RecordListener {
  return {
    event({ box, report, replaces }, { outcome }) {
      // On a conflict the report is written again under another id, and noted then.
      if (outcome !== "conflict" && replaces === null) note(signOfReport(box, report));
    },
    boxStatus: (record) => note(signOfNotice(record)),
    quarantined({ box, receivedAt, event }) {
      // A report that was understood in part is noted as a report.
      if (event === null) note({ box, receivedAt, kind: "unread" });
    },
  };
}
