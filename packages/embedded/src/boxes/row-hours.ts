import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import { LocalHours } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

const notedRow = z.object({ zone: z.string().nullable() });

/**
 * By which numbers the hours of pauses are in the table: those of the zone in which the first of them was noted. So a
 * machine whose zone is changed later, or a container that is told of one, still knows when each pause was.
 */
export class RowHours {
  readonly #writer: Writer;
  readonly #zone: string;
  readonly #hours: LocalHours;
  readonly #noted: StatementSync;
  readonly #note: StatementSync;
  #ofRows: LocalHours | null = null;

  /** @param zone the one of the machine now */
  constructor(database: DatabaseSync, writer: Writer, zone: string) {
    this.#writer = writer;
    this.#zone = zone;
    this.#hours = new LocalHours(zone);
    this.#noted = database.prepare("SELECT zone FROM boxes_noted");
    this.#note = database.prepare("UPDATE boxes_noted SET zone = ? WHERE zone IS NULL");
  }

  /** Notes the zone of the machine, if none is noted. Call it before a pause is noted. */
  async begin(): Promise<void> {
    await this.#writer.run(() => this.#note.run(this.#zone));
  }

  /** The number that an hour (`LocalHours` of the machine's zone) has in the table. */
  of(hour: number): number {
    this.#ofRows ??= this.#hoursOfRows();
    return this.#ofRows === this.#hours ? hour : this.#ofRows.hourOf(this.#hours.middleOf(hour));
  }

  #hoursOfRows(): LocalHours {
    const { zone } = parseStored(notedRow, this.#noted.get(), "boxes_noted");
    return zone === null || zone === this.#zone ? this.#hours : new LocalHours(zone);
  }
}
