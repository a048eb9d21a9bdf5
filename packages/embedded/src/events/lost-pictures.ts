import type { DatabaseSync, StatementSync } from "node:sqlite";
import { monthOf, parseStored, pictureKinds, type Report, reportSchema, toStoredJson } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { EventLookups } from "./lookups.ts";
import { type EventRows, reportRowOf } from "./row.ts";
import type { Sequence } from "./sequence.ts";

/** Most events that one transaction changes, so that no report waits for long. */
const batchSize = 50;

const changedRow = z.object({ id: z.int(), month: z.string(), sha256: z.string() });
const eventRow = z.object({ made: z.int(), id: z.string() });

/**
 * Flags the events whose pictures are lost, as `picture-lost:{kind}`, and removes the flag when a picture was found or
 * stored again. The report keeps the SHA-256 of the picture.
 */
export class LostPictures {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #lookups: EventLookups;
  readonly #sequence: Sequence;
  readonly #nextChanged: StatementSync;
  readonly #eventsWith: StatementSync;
  readonly #drop: StatementSync;
  readonly #isLost: StatementSync;
  readonly #setReport: StatementSync;

  constructor(
    database: DatabaseSync,
    writer: Writer,
    { rows, lookups, sequence }: { rows: EventRows; lookups: EventLookups; sequence: Sequence },
  ) {
    this.#writer = writer;
    this.#rows = rows;
    this.#lookups = lookups;
    this.#sequence = sequence;
    this.#nextChanged = database.prepare("SELECT id, month, sha256 FROM pictures_changed ORDER BY id LIMIT 1");
    // Each half ends after a page: any number of events may show a registered picture.
    this.#eventsWith = database.prepare(
      `SELECT event AS made, id FROM further_events CROSS JOIN events ON made = event
       WHERE month = ?1 AND sha256 = ?2 AND event > ?3
       UNION ALL SELECT made, id FROM pictures CROSS JOIN events ON made = first_event
       WHERE month = ?1 AND sha256 = ?2 AND made > ?3 ORDER BY 1 LIMIT ?4`,
    );
    this.#drop = database.prepare("DELETE FROM pictures_changed WHERE id = ?");
    this.#isLost = database.prepare("SELECT 1 FROM pictures WHERE month = ? AND sha256 = ? AND lost IS NOT NULL");
    this.#setReport = database.prepare("UPDATE reports SET report = ? WHERE id = ?");
  }

  /** Updates the flags of all events whose pictures were lost or found. */
  async flag(): Promise<void> {
    let after: number | null = 0;
    while (after !== null && this.#nextChanged.get() !== undefined) {
      const from: number = after;
      after = await this.#writer.run(() => this.#flagBatch(from));
    }
  }

  /**
   * @param after the event after which the events of the first changed picture begin
   * @returns the same for the next batch, null if nothing is left
   */
  #flagBatch(after: number): number | null {
    let [left, last] = [batchSize, after];
    for (let row = this.#nextChanged.get(); row !== undefined; row = this.#nextChanged.get()) {
      const { id, month, sha256 } = parseStored(changedRow, row, "a changed picture");
      const found = this.#eventsWith.all(month, sha256, last, left);
      const events = found.map((event) => parseStored(eventRow, event, `picture ${month}/${sha256}`));
      for (const event of events) this.#flagEvent(event);
      left -= events.length;
      if (left === 0) return events.at(-1)?.made ?? last;
      this.#drop.run(id);
      last = 0;
    }
    return null;
  }

  #flagEvent({ made, id }: z.output<typeof eventRow>): void {
    const event = this.#rows.read(id);
    if (event === null) return;
    const reports = event.reports.map((report) => this.#flagged(report));
    if (reports.every((report, index) => report === event.reports[index])) return;
    for (const report of reports) {
      this.#setReport.run(toStoredJson(reportSchema, report, `event ${id}`), reportRowOf(made, report.kind));
    }
    this.#lookups.update({ ...event, reports }, { made, revision: this.#sequence.next() });
  }

  /** The report with the correct flags; the report itself if nothing changes. */
  #flagged(report: Report): Report {
    const { flags = [], pictures = {}, ...rest } = report;
    const lost = pictureKinds.filter((kind) => {
      const picture = pictures[kind];
      const month = picture?.month ?? monthOf(report.receivedAt);
      return picture !== undefined && this.#isLost.get(month, picture.sha256) !== undefined;
    });
    const right = lost.map((kind) => `picture-lost:${kind}`);
    const known = flags.filter((flag) => flag.startsWith("picture-lost:"));
    if (known.length === right.length && right.every((flag) => known.includes(flag))) return report;
    const others = flags.filter((flag) => !known.includes(flag));
    const changed = [...others, ...right];
    return {
      ...rest,
      ...(report.pictures === undefined ? {} : { pictures }),
      ...(changed.length === 0 ? {} : { flags: changed }),
    };
  }
}
