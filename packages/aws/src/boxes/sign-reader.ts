import type { BoxNotes, BoxSign } from "@gatepost/core/boxes";
import type { Log } from "@gatepost/core/log";
import type { Item } from "@gatepost/store";
import type { Pulse } from "./pulse.ts";

interface Changed {
  before: Item | undefined;
  after: Item | undefined;
}

interface Deps {
  notes: BoxNotes;
  pulse: Pulse;
  /** The signs of boxes in a change of the table. */
  signsIn(changed: Changed): BoxSign[];
  log: Log;
}

/** Notes signs of boxes from the stream of the table, at most once a minute for each box. */
export class SignReader {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Throws where a store fails; then the batch comes again. Repeated signs cause no pause and no silence. Only the
   * share of flagged reports counts them twice, which hardly changes it.
   */
  async note(changes: readonly Changed[]): Promise<void> {
    const { notes, pulse } = this.#deps;
    await notes.addBatch(changes.flatMap((changed) => this.#signsIn(changed)));
    // Everything before a pulse is noted by now, so the pulse may be written back.
    await pulse.hear(changes);
  }

  /** A row that cannot be read must not hold up all later ones. */
  #signsIn(changed: Changed): BoxSign[] {
    const { signsIn, log } = this.#deps;
    try {
      return signsIn(changed);
    } catch (cause) {
      log.error("a sign of a box was not noted", { cause });
      return [];
    }
  }
}
