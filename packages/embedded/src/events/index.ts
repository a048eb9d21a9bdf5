import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventIndex, Upsert, Written } from "@gatepost/ingest";
import { monthOf, type ReportKind } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import type { Signal } from "../signal.ts";
import { EventLookups } from "./lookups.ts";
import type { EventRows } from "./row.ts";
import { cursorAt, Sequence } from "./sequence.ts";

/** A write that made an event or had a report join it. */
export interface IndexChange {
  eventId: string;
  outcome: "created" | "merged";
  /** The kind of the report that was written. */
  kind: ReportKind;
  /** Where the write stands in the feed of changes. */
  cursor: string;
}

/** What became of a write, and its number among the changes of events; null where it wrote nothing. */
type Numbered = Written & { revision: number | null };

const nothingWritten = { enqueued: false, event: null, revision: null };

/** The events of the machine. Every upsert is one transaction, shared with those that arrive at the same time. */
export class SqliteEventIndex implements EventIndex {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #changes: Signal<IndexChange>;
  readonly #sequence: Sequence;
  readonly #lookups: EventLookups;
  readonly #drop: StatementSync;
  readonly #fingerprint: StatementSync;
  readonly #setReport: StatementSync;
  readonly #setPicture: StatementSync;
  readonly #insertAction: StatementSync;

  /** @param changes hears of each write once it is durable, in the order of the feed */
  constructor(
    database: DatabaseSync,
    writer: Writer,
    { rows, changes }: { rows: EventRows; changes: Signal<IndexChange> },
  ) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#writer = writer;
    this.#rows = rows;
    this.#changes = changes;
    this.#sequence = new Sequence(database);
    this.#lookups = new EventLookups(database);
    this.#drop = prepare("DELETE FROM events WHERE id = ?");
    this.#fingerprint = prepare("SELECT signature FROM reports WHERE event_id = ? AND kind = ?");
    this.#setReport = prepare(
      `INSERT INTO reports (event_id, kind, signature, report) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET signature = excluded.signature, report = excluded.report`,
    );
    this.#setPicture = prepare(
      "INSERT INTO event_pictures (event_id, month, sha256) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#insertAction = prepare(
      `INSERT INTO actions (id, event_id, want_action, state, reason, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
  }

  async upsert(entry: Upsert): Promise<Written> {
    const { eventId, report } = entry;
    const { revision, ...written } = await this.#writer.run(() => this.#upsert(entry));
    const { outcome } = written;
    if (revision !== null && (outcome === "created" || outcome === "merged")) {
      this.#changes.send({ eventId, outcome, kind: report.kind, cursor: cursorAt(revision) });
    }
    return written;
  }

  /** Reads before it writes: a report that brings nothing new writes no page, and so costs no sync of the disk. */
  #upsert(entry: Upsert): Numbered {
    const expiresAt = this.#lookups.expiryOf(entry.eventId);
    if (expiresAt !== null && expiresAt > entry.now) return this.#join(entry);
    if (expiresAt !== null) this.#drop.run(entry.eventId);
    return this.#make(entry);
  }

  #make(entry: Upsert): Numbered {
    const { eventId: id, box, isSecondFace, report, action, expiresAt } = entry;
    const event = { id, box, isSecondFace, reports: [report], actions: action === null ? [] : [action] };
    const revision = this.#sequence.next();
    this.#lookups.insert(event, { expiresAt, revision });
    this.#keepReport(entry);
    return { outcome: "created", enqueued: this.#enqueue(entry), event, revision };
  }

  #join(entry: Upsert): Numbered {
    const { eventId, report, fingerprint, replaces } = entry;
    const held = this.#fingerprint.get(eventId, report.kind)?.["signature"];
    if (held !== undefined && held !== fingerprint && held !== replaces)
      return { ...nothingWritten, outcome: "conflict" };
    const isKnown = held === fingerprint && held !== replaces;
    if (!isKnown) this.#keepReport(entry);
    const enqueued = this.#enqueue(entry);
    const event = !isKnown || enqueued ? this.#rows.read(eventId) : null;
    if (event === null) return { ...nothingWritten, outcome: "duplicate" };
    const revision = this.#sequence.next();
    this.#lookups.update(event, revision);
    return { outcome: isKnown ? "duplicate" : "merged", enqueued, event: enqueued ? event : null, revision };
  }

  #keepReport({ eventId, report, fingerprint }: Upsert): void {
    this.#setReport.run(eventId, report.kind, fingerprint, JSON.stringify(report));
    const month = monthOf(report.receivedAt);
    for (const picture of Object.values(report.pictures ?? {})) this.#setPicture.run(eventId, month, picture.sha256);
  }

  #enqueue({ eventId, action }: Upsert): boolean {
    if (action === null) return false;
    const { id, wantAction, state, reason, at } = action;
    return this.#insertAction.run(id, eventId, wantAction, state, reason, Date.parse(at)).changes === 1;
  }
}
