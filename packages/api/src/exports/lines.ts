import { setImmediate as nextTurn } from "node:timers/promises";
import { Zone } from "@gatepost/core/zones";
import type { FaceEvent, StoredEvent } from "@gatepost/protocol";
import { exportedEvents } from "../access/actors.ts";
import { hoursColumns, hoursRows, monthAfter } from "../hours/table.ts";
import type { EventsRequest, ExportRequest } from "../jobs/job.ts";
import { peopleColumns, peopleOfTable, peopleRows } from "../people/table.ts";
import type { JobDeps } from "../ports.ts";
import { type Cell, csvColumns, csvLine, eventCells, zonedCells } from "./csv.ts";
import { rowsATurn, sheetRow } from "./xlsx.ts";

/** The place from which an export continues. */
export interface ExportPosition {
  cursor: string | null;
  /** Rows before it. */
  rows: number;
}

/** Some lines of an export, as its format has them. */
interface Lines {
  text: string;
  /** Bytes of the pictures of these events. */
  pictureBytes: number;
}

/** The lines of an export from a place on. */
export interface Source {
  /** Rows so far, of this slice. */
  count: number;
  cursor: string | null;
  isEnd: boolean;
  /** Reads until it has about `limit` rows, or the end. */
  take(limit: number): AsyncGenerator<Lines>;
}

/** The titles of the columns of a table. */
export function titlesOf(asked: ExportRequest): readonly string[] {
  if (asked.what === "hours") return hoursColumns;
  return asked.what === "people" ? peopleColumns : (asked.columns ?? csvColumns);
}

export function sourceOf(asked: ExportRequest, place: ExportPosition, deps: Deps): Source {
  if (asked.what === "hours") {
    const first = asked.filter.from.slice(0, 7);
    return new TableSource(asked.format, place, async (cursor) => {
      const month = cursor ?? first;
      const next = monthAfter(month);
      const rows = await hoursRows(asked.filter, month, deps);
      return { rows, next: next > asked.filter.to.slice(0, 7) ? null : next };
    });
  }
  if (asked.what === "people") {
    const { filter, format } = asked;
    let people: ReturnType<typeof peopleOfTable> | null = null;
    return new TableSource(format, place, async (after) => {
      people ??= peopleOfTable(filter, deps);
      return peopleRows(await people, filter, { after, limit: peoplePageSize, deps });
    });
  }
  return new EventSource(asked, place, deps);
}

const peoplePageSize = 200;

function lineOf(cells: readonly Cell[], format: "csv" | "xlsx", row: number): string {
  // The first row has the titles.
  return format === "csv" ? csvLine(cells) : sheetRow(cells, row + 2);
}

type ReadRows = (cursor: string | null) => Promise<{ rows: Cell[][]; next: string | null }>;
type Deps = JobDeps & {
  /** The bytes of the pictures of an event. */
  bytesOf(event: FaceEvent): number;
};

/** The rows of a table of hours or of people. */
class TableSource implements Source {
  count = 0;
  cursor: string | null;
  isEnd = false;
  readonly #format: "csv" | "xlsx";
  readonly #before: number;
  readonly #read: ReadRows;

  constructor(format: "csv" | "xlsx", { cursor, rows }: ExportPosition, read: ReadRows) {
    this.cursor = cursor;
    this.#format = format;
    this.#before = rows;
    this.#read = read;
  }

  async *take(limit: number): AsyncGenerator<Lines> {
    // A part without rows counts as one, so that a slice has an end.
    for (let read = 0; !this.isEnd && read < limit; ) {
      const { rows, next } = await this.#read(this.cursor);
      for (let from = 0; from < rows.length; from += rowsATurn) {
        await nextTurn();
        const some = rows.slice(from, from + rowsATurn);
        const first = this.#before + this.count;
        const text = some.map((cells, at) => lineOf(cells, this.#format, first + at)).join("");
        this.count += some.length;
        yield { text, pictureBytes: 0 };
      }
      read += Math.max(1, rows.length);
      this.cursor = next;
      this.isEnd = next === null;
    }
  }
}

/** Events in memory at the same time. */
const pageSize = 500;

/** The lines of events, the newest first. */
class EventSource implements Source {
  readonly #pages: Pages;
  readonly #asked: EventsRequest;
  readonly #before: number;
  readonly #deps: Deps;

  constructor(asked: EventsRequest, { cursor, rows }: ExportPosition, deps: Deps) {
    this.#pages = new Pages(asked, cursor, deps);
    this.#asked = asked;
    this.#before = rows;
    this.#deps = deps;
  }

  get count(): number {
    return this.#pages.count;
  }

  get cursor(): string | null {
    return this.#pages.cursor;
  }

  get isEnd(): boolean {
    return this.#pages.isEnd;
  }

  async *take(limit: number): AsyncGenerator<Lines> {
    const { format, columns = csvColumns } = this.#asked;
    const zoneAt = format === "xlsx" ? await zonesOfSites(this.#deps) : () => Zone.utc;
    const line = (event: FaceEvent, row: number) => {
      if (format === "ndjson") return `${JSON.stringify(event)}\n`;
      if (format === "xlsx") return lineOf(zonedCells(event, columns, zoneAt(event.box.site)), format, row);
      return csvLine(eventCells(event, columns));
    };
    let row = this.#before;
    for await (const page of this.#pages.take(pageSize, limit)) {
      const events = await exportedEvents(page, this.#deps);
      const text = events.map((event) => line(event, row++)).join("");
      const bytes = events.map((event) => this.#deps.bytesOf(event));
      yield { text, pictureBytes: format === "zip" ? bytes.reduce((sum, one) => sum + one, 0) : 0 };
    }
  }
}

/** The zone of a site; UTC of one that is not known. */
async function zonesOfSites({ sites }: Pick<JobDeps, "sites">): Promise<(site: string | null) => Zone> {
  const zones = new Map((await sites.list()).map(({ id, zone }) => [id, Zone.find(zone) ?? Zone.utc]));
  return (site) => zones.get(site ?? "") ?? Zone.utc;
}

/** The pages of the events that were asked for, newest first. */
export class Pages {
  /** Events so far. */
  count = 0;
  cursor: string | null;
  isEnd = false;
  readonly #asked: EventsRequest;
  readonly #deps: JobDeps;

  constructor(asked: EventsRequest, cursor: string | null, deps: JobDeps) {
    this.cursor = cursor;
    this.#asked = asked;
    this.#deps = deps;
  }

  async *take(size: number, limit: number): AsyncGenerator<readonly StoredEvent[]> {
    while (!this.isEnd && this.count < limit) {
      // On one machine, reading a page blocks the event loop, so deliveries get a turn between two pages.
      await nextTurn();
      const page = await this.#deps.events.list(this.#asked.filter, { limit: size, cursor: this.cursor });
      this.count += page.items.length;
      this.cursor = page.next;
      this.isEnd = page.next === null;
      yield page.items;
    }
  }
}
