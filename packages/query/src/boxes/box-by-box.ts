import { UnusableBox } from "@gatepost/core/boxes";
import type { Log } from "@gatepost/ingest";

/** Boxes that are worked on at the same time. */
const batchSize = 50;

/** Works on many boxes separately: a failure at one box does not stop the others. */
export class BoxByBox {
  readonly #log: Log;
  /** Boxes whose failure is logged already. They fail again each minute, and one log line is enough. */
  readonly #logged = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns the boxes at which the work failed, with why. A box that is unusable is logged. */
  async each(boxes: readonly string[], work: (box: string) => Promise<unknown>): Promise<Map<string, unknown>> {
    const failed = new Map<string, unknown>();
    for (let next = 0; next < boxes.length; next += batchSize) {
      const some = boxes.slice(next, next + batchSize);
      const ends = await Promise.allSettled(some.map((box) => work(box)));
      for (const [index, box] of some.entries()) {
        const end = ends[index];
        if (end?.status === "rejected") failed.set(box, end.reason);
        if (end?.status === "rejected" && end.reason instanceof UnusableBox) this.#tell(box, end.reason);
        else this.#logged.delete(box);
      }
    }
    return failed;
  }

  #tell(box: string, cause: UnusableBox): void {
    if (this.#logged.has(box)) return;
    this.#logged.add(box);
    this.#log.error("a box is not followed: its row cannot be read or written; remove the row, and it begins anew", {
      box,
      cause,
    });
  }
}

/** Throws the first failure that another try may overcome. */
export function throwPassing(failed: ReadonlyMap<string, unknown>): void {
  for (const cause of failed.values()) if (!(cause instanceof UnusableBox)) throw cause;
}
