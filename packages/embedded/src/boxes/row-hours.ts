import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LocalHours } from "@gatepost/core/boxes";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

const notedRow = z.object({ zone: z.string().nullable() });

/**
 * The time zone by which the hours of pauses are numbered in the table: the zone in which the first pause was noted. So
 * the hour of each pause stays known, also if the zone of the machine or container changes later.
 */
export class RowHours {
  readonly #writer: Writer;
  readonly #zone: string;
  readonly #hours: LocalHours;
  readonly #noted: StatementSync;
  readonly #note: StatementSync;
  #ofRows: LocalHours | null = null;

  /** @param zone the present zone of the machine */
  constructor(database: DatabaseSync, writer: Writer, zone: string) {
    this.#writer = writer;
    this.#zone = zone;
    this.#hours = new LocalHours(zone);
    this.#noted = database.prepare("SELECT zone FROM boxes_noted");
    this.#note = database.prepare("UPDATE boxes_noted SET zone = ? WHERE zone IS NULL");
  }

  /** Notes the zone of the machine if none is noted yet. Call this before a pause is noted. */
  async begin(): Promise<void> {
    await this.#writer.run(() => this.#note.run(this.#zone));
  }

  /** The number in the table for an hour (`LocalHours` of the machine's zone). */
  of(hour: number): number {
    this.#ofRows ??= this.#hoursOfRows();
    return this.#ofRows === this.#hours ? hour : this.#ofRows.hourOf(this.#hours.middleOf(hour));
  }

  #hoursOfRows(): LocalHours {
    const { zone } = parseStored(notedRow, this.#noted.get(), "boxes_noted");
    return zone === null || zone === this.#zone ? this.#hours : new LocalHours(zone);
  }
}
