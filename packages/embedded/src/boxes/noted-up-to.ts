import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { type BoxSign, type BoxStore, signOfNotice, signOfReport, UnusableBox } from "@gatepost/core/boxes";
import type { Log } from "@gatepost/core/log";
import { boxStatusKinds, isObject, type JsonObject, parseStored, reportSchema, storedJson } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { changedAfter } from "../events/change-feed.ts";
import { isReportOfEvent } from "../events/row.ts";
import type { Sequence } from "../events/sequence.ts";

const upToRow = z.object({ revision: z.int(), received_at: z.int() });
const lostRow = z.object({ lost: storedJson(z.array(z.int())) });
const reportRow = z.object({ box: z.string(), report: storedJson(reportSchema) });
const noticeRow = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  received_at: z.int(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

type UpTo = z.output<typeof upToRow>;

/** Most events that are looked at after a crash: more than are made in two minutes. */
const maxLost = 100_000;

/** Events whose reports are read at a time: other work waits that long, and so much is in memory. */
const batchSize = 100;

/**
 * Notes up to which event and which notice the signs of boxes are written. After a crash, the signs of later ones are
 * found again by it.
 */
export class NotedUpTo {
  readonly #writer: Writer;
  readonly #sequence: Sequence;
  readonly #log: Log;
  /** The number of the last event of earlier processes. */
  readonly #lastMade: number;
  readonly #now: StatementSync;
  readonly #noted: StatementSync;
  readonly #note: StatementSync;
  readonly #lost: StatementSync;
  readonly #reports: StatementSync;
  readonly #notices: StatementSync;
  /**
   * The noted state is the state before the previous flush: a report may be stored while its sign is still being
   * gathered.
   */
  #before: UpTo | null = null;

  constructor(database: DatabaseSync, writer: Writer, { sequence, log }: { sequence: Sequence; log: Log }) {
    this.#writer = writer;
    this.#sequence = sequence;
    this.#log = log;
    this.#lastMade = sequence.last;
    this.#now = database.prepare("SELECT ? AS revision, coalesce(max(received_at), 0) AS received_at FROM notices");
    this.#noted = database.prepare("SELECT revision, received_at FROM boxes_noted");
    this.#note = database.prepare("UPDATE boxes_noted SET revision = ?, received_at = ?");
    this.#lost = database.prepare(
      `SELECT json_group_array(made ORDER BY revision) AS lost FROM
       (SELECT made, revision FROM (${changedAfter}) WHERE made <= ?2 ORDER BY revision DESC LIMIT ${maxLost})`,
    );
    this.#reports = database.prepare(
      `SELECT box, report FROM json_each(?) AS lost
       CROSS JOIN events ON events.made = lost.value CROSS JOIN reports ON ${isReportOfEvent}`,
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
   * The signs that a killed process gathered and did not write, some at a time, in the order of their receipt.
   *
   * @param until ms; later signs are left out: this process may have got them
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

  /** The signs in the reports of the last changed events. Other work of this process runs between two pages. */
  async *#reportsAfter(revision: number): AsyncGenerator<BoxSign[]> {
    // An event may get another report meanwhile, and be the last that was changed: it is not passed over for that.
    const { lost } = parseStored(lostRow, this.#lost.get(revision, this.#lastMade), "events");
    for (let from = 0; from < lost.length; from += batchSize) {
      const some = JSON.stringify(lost.slice(from, from + batchSize));
      yield inOrder(this.#read(this.#reports.all(some), reportSign));
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
