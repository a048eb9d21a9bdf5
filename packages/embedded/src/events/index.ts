import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventIndex, Upsert, Written } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import { shortens } from "@gatepost/core/retention";
import { fill, isRepeat, type Report, type ReportKind, storedReport, toStoredJson } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { ActionHistory } from "./action-history.ts";
import type { EventLookups } from "./lookups.ts";
import { NewEvents } from "./new-events.ts";
import { type EventRows, reportRowOf } from "./row.ts";
import { cursorAt, type Sequence } from "./sequence.ts";
import { ShownPictures } from "./shown-pictures.ts";
import type { Signal } from "./signal.ts";

/** A write that made an event, or added a report to it. */
export interface IndexChange {
  eventId: string;
  outcome: "created" | "merged" | "filled";
  /** The kind of the report that was written. */
  kind: ReportKind;
  /** The cursor of this write in the feed of changes. */
  cursor: string;
}

/** The result of a write, and the revision that it gave the event; null if it wrote nothing. */
type Numbered = Written & { revision: number | null };

// Each report is checked by it. Compiled, it takes a fraction of the time.
const reportSchema = z.compile(storedReport());

const nothingWritten = { enqueued: false, event: null, revision: null };

interface Deps {
  rows: EventRows;
  lookups: EventLookups;
  sequence: Sequence;
  changes: Signal<IndexChange>;
  log: Log;
  /** The believed time, ms since 1970: no event has expired before it, also if the `now` of an entry is later. */
  believed?(): number;
}

/**
 * The events of one machine. Every upsert is one transaction, which it shares with other writes that arrive at the same
 * time.
 */
export class SqliteEventIndex implements EventIndex {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #changes: Signal<IndexChange>;
  readonly #sequence: Sequence;
  readonly #newEvents: NewEvents;
  readonly #lookups: EventLookups;
  readonly #history: ActionHistory;
  readonly #believed: () => number;
  readonly #drop: StatementSync;
  readonly #expire: StatementSync;
  readonly #fingerprint: StatementSync;
  readonly #setReport: StatementSync;
  readonly #pictures: ShownPictures;
  readonly #insertAction: StatementSync;
  readonly #await: StatementSync;

  /** @param changes gets each write once it is durable, in the order of the feed */
  constructor(
    database: DatabaseSync,
    writer: Writer,
    { rows, lookups, sequence, changes, log, believed = () => Number.POSITIVE_INFINITY }: Deps,
  ) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#writer = writer;
    this.#rows = rows;
    this.#believed = believed;
    this.#changes = changes;
    this.#sequence = sequence;
    this.#newEvents = new NewEvents(database, writer, (cause) =>
      log.error("could not index new events, trying again", { cause }),
    );
    this.#lookups = lookups;
    this.#history = new ActionHistory(database);
    this.#drop = prepare("DELETE FROM events WHERE made = ?");
    this.#expire = prepare("UPDATE events SET expires_at = ? WHERE made = ?");
    this.#fingerprint = prepare("SELECT fingerprint FROM reports WHERE id = ?");
    this.#setReport = prepare(
      `INSERT INTO reports (id, fingerprint, report) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, report = excluded.report`,
    );
    this.#pictures = new ShownPictures(database);
    this.#insertAction = prepare(
      `INSERT INTO actions (id, event_id, want_action, state, reason, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#await = prepare("INSERT INTO event_outbox (made, at) VALUES (?, ?)");
  }

  async upsert(entry: Upsert): Promise<Written> {
    const { eventId, report } = entry;
    const { revision, ...written } = await this.#writer.run(() => this.#upsert(entry));
    const { outcome } = written;
    if (revision !== null && (outcome === "created" || outcome === "merged" || outcome === "filled")) {
      this.#changes.send({ eventId, outcome, kind: report.kind, cursor: cursorAt(revision) });
    }
    return written;
  }

  /** Reads before it writes: a report that brings nothing new writes no page, and so needs no sync of the disk. */
  #upsert(entry: Upsert): Numbered {
    const held = this.#lookups.find(entry.eventId);
    if (held !== null && held.expiresAt > Math.min(entry.now, this.#believed())) {
      const written = this.#join(entry, held.made);
      const isSooner = written.outcome !== "conflict" && shortens(entry, held.expiresAt);
      if (isSooner) this.#expire.run(entry.expiresAt, held.made);
      return written;
    }
    if (held !== null) this.#drop.run(held.made);
    return this.#make(entry);
  }

  #make(entry: Upsert): Numbered {
    const { eventId: id, box, isSecondFace, report, action, isAwaited, now, expiresAt } = entry;
    const event = { id, box, isSecondFace, reports: [report], actions: action === null ? [] : [action] };
    const made = this.#sequence.next();
    const pictures = this.#pictures.show(report, made);
    this.#lookups.insert(event, { made, expiresAt, pictures });
    this.#keepReport(entry, made);
    if (isAwaited) this.#await.run(made, now);
    const enqueued = this.#enqueue(entry);
    this.#newEvents.added(made);
    return { outcome: "created", enqueued, event, revision: made };
  }

  #join(entry: Upsert, made: number): Numbered {
    const { eventId, report, fingerprint } = entry;
    const held = this.#fingerprint.get(reportRowOf(made, report.kind))?.["fingerprint"];
    if (held !== undefined && !isRepeat(String(held), entry)) return { ...nothingWritten, outcome: "conflict" };
    const brought = held === undefined ? report : this.#filled(entry);
    // Its pictures are stored by now. An erasure of the event must also find those that the event does not show.
    this.#pictures.add(report, made);
    if (brought !== null) this.#keepReport({ eventId, fingerprint, report: brought }, made);
    const enqueued = this.#enqueue(entry);
    const event = brought !== null || enqueued ? this.#rows.read(eventId) : null;
    if (event === null) return { ...nothingWritten, outcome: "duplicate" };
    const revision = this.#sequence.next();
    this.#lookups.update(event, { made, revision });
    const outcome = held === undefined ? "merged" : brought === null ? "duplicate" : "filled";
    return { outcome, enqueued, event: enqueued ? event : null, revision };
  }

  #keepReport(
    { eventId, report, fingerprint }: Pick<Upsert, "eventId" | "report" | "fingerprint">,
    made: number,
  ): void {
    const stored = toStoredJson(reportSchema, report, `event ${eventId}`);
    this.#setReport.run(reportRowOf(made, report.kind), fingerprint, stored);
  }

  /** The stored report with the additions of its repeat; null if there are none. */
  #filled({ eventId, report }: Upsert): Report | null {
    const held = this.#rows.read(eventId)?.reports.find(({ kind }) => kind === report.kind);
    return held === undefined ? null : fill(held, report);
  }

  #enqueue({ eventId, action }: Upsert): boolean {
    if (action === null) return false;
    const { id, wantAction, state, reason, at } = action;
    const made = Date.parse(at);
    if (this.#insertAction.run(id, eventId, wantAction, state, reason, made).changes === 0) return false;
    this.#history.add(id, { state, reason, by: null }, made);
    return true;
  }
}
