import { Turns } from "./turns.ts";

/** Bytes of bodies that are handled in one turn of the event loop. To handle 480 KB takes a millisecond. */
const batchBytes = 2 * 1024 * 1024;
/** The same of large bodies: hostile ones may take 40 ms each. */
const largeBatchBytes = 1024 * 1024;
/** Up to here a body is small: a report without pictures, a notice. */
const smallBytes = 64 * 1024;

/**
 * Handles bodies that arrive at the same time a few in each turn of the event loop, small and large ones in queues of
 * their own. Without it, all of them would be parsed before the first is written to disk, everything else would wait
 * for that, and a small body would wait behind a hundred large ones.
 */
export class BodyTurns {
  readonly #small = new Turns(batchBytes);
  readonly #large = new Turns(largeBatchBytes);

  /** Null where a body of so many bytes may be handled now; else resolves when it is its turn. */
  next(bytes: number): Promise<void> | null {
    return (bytes <= smallBytes ? this.#small : this.#large).next(bytes);
  }
}
