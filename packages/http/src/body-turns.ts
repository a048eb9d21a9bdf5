import { Turns } from "./turns.ts";

/** Bytes of bodies that are handled in one go. What is handled of 480 KB in a turn takes a millisecond. */
const bytesAtOnce = 2 * 1024 * 1024;
/** Up to here a body is small: a report without pictures, a notice. */
const smallBytes = 64 * 1024;

/**
 * Lets bodies that have come at the same time be handled a few in one turn of the event loop, small ones and large ones
 * each in the order in which they were whole. Else the last of many is parsed before the first one is on its way to the
 * disk, and whatever else has come waits for all of them; and a small one waits for a hundred of many megabytes.
 */
export class BodyTurns {
  readonly #small = new Turns(bytesAtOnce);
  readonly #large = new Turns(bytesAtOnce);

  /** Null where a body of so many bytes may be handled now; else it waits for its turn. */
  next(bytes: number): Promise<void> | null {
    return (bytes <= smallBytes ? this.#small : this.#large).next(bytes);
  }
}
