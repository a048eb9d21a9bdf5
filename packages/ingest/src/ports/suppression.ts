import type { Erasures } from "../erasures.ts";

/** Which erasures count at a box. Whoever got it says when what was compared with it is stored. */
export interface ErasuresHeld extends Disposable {
  erasures: Erasures;
}

/**
 * What was erased and may come again: boxes send what they have not delivered yet for days. It holds no id of a person,
 * only what `erasedName` makes of it.
 */
export interface Suppression {
  /**
   * The erasures of the last `suppressionMs` that count at a box, those of every box included, as they were at most a
   * minute ago. An erasure looks again for what was stored by older ones: on one machine once they are disposed of, on
   * AWS after that minute.
   */
  of(box: string): Promise<ErasuresHeld>;
}
