import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "@gatepost/ingest";
import { boxStatusKinds, isObject, type JsonObject, parseStored, reportSchema, storedJson } from "@gatepost/protocol";
import { type BoxSign, type BoxStore, signOfNotice, signOfReport, UnusableBox } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { changedAfter } from "../events/change-feed.ts";
import { isReportOfEvent } from "../events/report-rows.ts";
import type { Sequence } from "../events/sequence.ts";

const upToRow = z.object({ revision: z.int(), received_at: z.int() });
const reportRow = z.object({ box: z.string(), report: storedJson(reportSchema) });
const noticeRow = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  received_at: z.int(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

type UpTo = z.output<typeof upToRow>;

/** Most reports that are read after a crash: more than arrive in two minutes. */
const maxLost = 100_000;

/**
 * Notes up to which event and which notice the signs of boxes are written. After a crash, the signs of later ones are
 * found again by it.
 */
export class NotedUpTo {
  readonly #writer: Writer;
  readonly #sequence: Sequence;
  readonly #now: StatementSync;
  readonly #noted: StatementSync;
  readonly #note: StatementSync;
  readonly #reports: StatementSync;
  readonly #notices: StatementSync;
  /**
   * What is noted is the state before the previous flush: a report may be stored while its sign is still being
   * gathered.
   */
  #before: UpTo | null = null;

  constructor(database: DatabaseSync, writer: Writer, sequence: Sequence) {
    this.#writer = writer;
    this.#sequence = sequence;
    this.#now = database.prepare("SELECT ? AS revision, coalesce(max(received_at), 0) AS received_at FROM notices");
    this.#noted = database.prepare("SELECT revision, received_at FROM boxes_noted");
    this.#note = database.prepare("UPDATE boxes_noted SET revision = ?, received_at = ?");
    this.#reports = database.prepare(
      `SELECT box, report FROM (${changedAfter} ORDER BY 2 DESC LIMIT ${maxLost}) AS change
       CROSS JOIN events USING (made) CROSS JOIN reports ON ${isReportOfEvent}`,
    );
    this.#notices = database.prepare("SELECT box, kind, received_at, report FROM notices WHERE received_at > ?");
  }

  now(): UpTo {
    return parseStored(upToRow, this.#now.get(this.#sequence.last), "notices");
  }

  /** @param upTo the value of `now` before the signs were written */
  async note(upTo: UpTo): Promise<void> {
    const { revision, received_at } = this.#before ?? parseStored(upToRow, this.#noted.get(), "boxes_noted");
    await this.#writer.run(() => this.#note.run(revision, received_at));
    this.#before = upTo;
  }

  /** The signs that a killed process gathered and did not write, in the order in which they came. */
  async lostSigns(store: BoxStore, log: Log): Promise<BoxSign[]> {
    const { revision, received_at } = parseStored(upToRow, this.#noted.get(), "boxes_noted");
    // A row that cannot be read must not keep all boxes from being watched.
    const read = <Row>(rows: Row[], signOf: (row: Row) => BoxSign): BoxSign[] =>
      rows.flatMap((row) => {
        try {
          return [signOf(row)];
        } catch (cause) {
          log.error("a sign of a box was not noted", { cause });
          return [];
        }
      });
    const reports = read(this.#reports.all(revision), (row) => {
      const { box, report } = parseStored(reportRow, row, "a report");
      return signOfReport(box, report);
    });
    const notices = read(this.#notices.all(received_at), (row) => {
      const { box, kind, received_at: receivedAt, report } = parseStored(noticeRow, row, "a notice");
      return signOfNotice({ box, kind, receivedAt, report });
    });
    const found = [...reports, ...notices].toSorted((a, b) => a.receivedAt - b.receivedAt);
    const lastOf = new Map<string, number>();
    for (const box of new Set(found.map((one) => one.box))) lastOf.set(box, await lastSignOf(box, store));
    return found.filter(({ box, receivedAt }) => receivedAt > (lastOf.get(box) ?? 0));
  }
}

async function lastSignOf(box: string, store: BoxStore): Promise<number> {
  try {
    return (await store.get(box))?.record.activity?.life?.last ?? 0;
  } catch (error) {
    if (error instanceof UnusableBox) return 0;
    throw error;
  }
}
