import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const triesRow = z.object({ tries: z.int() });

/** Counts how often the first report of each box has failed since another one was tried, also across restarts. */
export class Failures {
  readonly #note: StatementSync;

  constructor(database: DatabaseSync) {
    // The count has a table of its own: changing the row of a report would write its body again.
    this.#note = database.prepare(
      `INSERT INTO failures VALUES (?, ?, 1) ON CONFLICT DO UPDATE
         SET tries = iif(report = excluded.report, tries + 1, 1), report = excluded.report
       RETURNING tries`,
    );
  }

  /** Call this within a transaction. Returns how often it has failed so far. */
  note(box: string, report: number): number {
    return parseStored(triesRow, this.#note.get(box, report), `the failures of ${box}`).tries;
  }
}
