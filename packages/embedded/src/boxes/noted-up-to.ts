import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Log } from "@gatepost/ingest";
import { boxStatusKinds, isObject, type JsonObject, parseStored, reportSchema, storedJson } from "@gatepost/protocol";
import { type BoxSign, type BoxStore, signOfNotice, signOfReport, UnusableBox } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { changedAfter } from "../events/change-feed.ts";
import { isReportOfEvent } from "../events/report-rows.ts";
import type { Sequence } from "../events/sequence.ts";

const upToRow = z.object({ revision: z.int(), received_at: z.int() });
const revisionRow = z.object({ revision: z.int() });
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

/** Changes that are read at a time: reports wait that long, and so much is in memory. */
const pageSize = 500;

/**
 * Notes up to which event and which notice the signs of boxes are written. After a crash, the signs of later ones are
 * found again by it.
 */
export class NotedUpTo {
  readonly #writer: Writer;
  readonly #sequence: Sequence;
  readonly #log: Log;
  /** The last change of earlier processes. */
  readonly #last: number;
  readonly #now: StatementSync;
  readonly #noted: StatementSync;
  readonly #note: StatementSync;
  readonly #tooMany: StatementSync;
  readonly #pageEnd: StatementSync;
  readonly #reports: StatementSync;
  readonly #notices: StatementSync;
  /**
   * What is noted is the state before the previous flush: a report may be stored while its sign is still being
   * gathered.
   */
  #before: UpTo | null = null;

  constructor(database: DatabaseSync, writer: Writer, { sequence, log }: { sequence: Sequence; log: Log }) {
    this.#writer = writer;
    this.#sequence = sequence;
    this.#log = log;
    this.#last = sequence.last;
    this.#now = database.prepare("SELECT ? AS revision, coalesce(max(received_at), 0) AS received_at FROM notices");
    this.#noted = database.prepare("SELECT revision, received_at FROM boxes_noted");
    this.#note = database.prepare("UPDATE boxes_noted SET revision = ?, received_at = ?");
    this.#tooMany = database.prepare(`${changedAfter} ORDER BY 2 DESC LIMIT 1 OFFSET ${maxLost}`);
    const page = `(${changedAfter} ORDER BY 2 LIMIT ${pageSize}) AS change`;
    this.#pageEnd = database.prepare(`SELECT revision FROM ${page} ORDER BY revision DESC LIMIT 1`);
    this.#reports = database.prepare(
      `SELECT box, report FROM ${page} CROSS JOIN events USING (made) CROSS JOIN reports ON ${isReportOfEvent}
       WHERE change.revision <= ?2`,
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

  /**
   * The signs that a killed process gathered and did not write, some at a time, in the order in which they came.
   *
   * @param until ms; those that are dated later are left out
   */
  async *lostSigns(store: BoxStore, until: number): AsyncGenerator<BoxSign[]> {
    const { revision, received_at } = parseStored(upToRow, this.#noted.get(), "boxes_noted");
    const notices = inOrder(this.#read(this.#notices.all(received_at), noticeSign));
    const lastOf = new Map<string, number>();
    const lostOf = async (signs: BoxSign[]): Promise<BoxSign[]> => {
      for (const { box } of signs) if (!lastOf.has(box)) lastOf.set(box, await lastSignOf(box, store));
      return signs.filter(({ box, receivedAt }) => receivedAt > (lastOf.get(box) ?? 0) && receivedAt <= until);
    };
    for await (const reports of this.#reportsAfter(revision)) {
      const upTo = reports.at(-1)?.receivedAt ?? 0;
      const count = notices.findIndex(({ receivedAt }) => receivedAt > upTo);
      yield await lostOf(inOrder([...reports, ...notices.splice(0, count === -1 ? notices.length : count)]));
    }
    yield await lostOf(notices);
  }

  /** What the last reports of earlier processes tell. This process goes on between two pages. */
  async *#reportsAfter(revision: number): AsyncGenerator<BoxSign[]> {
    let after = revisionOf(this.#tooMany.get(revision)) ?? revision;
    for (;;) {
      const end = revisionOf(this.#pageEnd.get(after));
      if (end === null) return;
      yield inOrder(this.#read(this.#reports.all(after, this.#last), reportSign));
      if (end >= this.#last) return;
      after = end;
      await setImmediate();
    }
  }

  /** A row that cannot be read must not keep all boxes from being watched. */
  #read<Row>(rows: Row[], signOf: (row: Row) => BoxSign): BoxSign[] {
    return rows.flatMap((row) => {
      try {
        return [signOf(row)];
      } catch (cause) {
        this.#log.error("a sign of a box was not noted", { cause });
        return [];
      }
    });
  }
}

function inOrder(signs: readonly BoxSign[]): BoxSign[] {
  return signs.toSorted((a, b) => a.receivedAt - b.receivedAt);
}

function revisionOf(row: unknown): number | null {
  return row === undefined ? null : parseStored(revisionRow, row, "events").revision;
}

function reportSign(row: unknown): BoxSign {
  const { box, report } = parseStored(reportRow, row, "a report");
  return signOfReport(box, report);
}

function noticeSign(row: unknown): BoxSign {
  const { box, kind, received_at: receivedAt, report } = parseStored(noticeRow, row, "a notice");
  return signOfNotice({ box, kind, receivedAt, report });
}

async function lastSignOf(box: string, store: BoxStore): Promise<number> {
  try {
    return (await store.get(box))?.record.activity?.life?.last ?? 0;
  } catch (error) {
    if (error instanceof UnusableBox) return 0;
    throw error;
  }
}
