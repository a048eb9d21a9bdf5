import type { Log } from "@gatepost/ingest";
import type { BoxNotes, BoxSign } from "@gatepost/query";
import type { Item } from "../dynamo/item.ts";
import type { Pulse } from "./pulse.ts";

interface Changed {
  before: Item | undefined;
  after: Item | undefined;
}

interface Deps {
  notes: BoxNotes;
  pulse: Pulse;
  /** What a change of the table tells of a box. */
  signsIn(changed: Changed): BoxSign[];
  log: Log;
}

/** Notes what the stream of the table tells of boxes, at most once a minute for each box. */
export class SignReader {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Throws where a store is away; then the batch comes again. A sign that comes again makes no pause and no silence; of a
   * box that was written it is counted twice in the part of reports that have a flag, which it hardly moves.
   */
  async note(changes: readonly Changed[]): Promise<void> {
    const { notes, pulse } = this.#deps;
    await notes.addBatch(changes.flatMap((changed) => this.#signsIn(changed)));
    // What came before a pulse is noted, so that it may say so.
    await pulse.hear(changes);
  }

  /** A row that cannot be read would hold up all behind it. */
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
