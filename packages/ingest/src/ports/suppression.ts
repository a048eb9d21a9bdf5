import type { Erasures } from "../erasures.ts";

/** The erasures that count at a box. Dispose of it once what was compared with them is stored. */
export interface ErasuresHeld extends Disposable {
  erasures: Erasures;
}

/**
 * Knows what was erased and may be sent again: boxes keep undelivered reports for days. It holds no id of a person,
 * only its `erasedName`.
 */
export interface Suppression {
  /**
   * The erasures of the last `suppressionMs` that count at a box, including those of every box. The list may be a
   * minute old. An erasure waits until nothing compared with an older list is still being stored, and erases that as
   * well: on one machine until the lists are disposed of, on AWS for that minute.
   */
  of(box: string): Promise<ErasuresHeld>;
}
