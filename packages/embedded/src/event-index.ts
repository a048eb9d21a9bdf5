import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventIndex, Upsert, Written } from "@gatepost/ingest";
import { merge, monthOf } from "@gatepost/protocol";
import type { EventRows } from "./event-rows.ts";
import type { Writer } from "./writer.ts";

/** The events of the machine. Every upsert is one transaction, shared with those that arrive at the same time. */
export class SqliteEventIndex implements EventIndex {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #dropExpired: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #signature: StatementSync;
  readonly #setReport: StatementSync;
  readonly #setPicture: StatementSync;
  readonly #armAction: StatementSync;
  readonly #setLookup: StatementSync;
  readonly #dropFlags: StatementSync;
  readonly #setFlag: StatementSync;
  readonly #nextRevision: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, rows: EventRows) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#writer = writer;
    this.#rows = rows;
    this.#dropExpired = prepare("DELETE FROM events WHERE id = ? AND expires_at <= ?");
    this.#nextRevision = prepare("UPDATE last_revision SET revision = revision + 1 RETURNING revision");
    this.#insertEvent = prepare(
      `INSERT INTO events (id, box, is_twin, expires_at, revision, time, person_type, search)
       VALUES (?, ?, ?, ?, ?, 0, '', '') ON CONFLICT DO NOTHING`,
    );
    this.#signature = prepare("SELECT signature FROM reports WHERE event_id = ? AND kind = ?");
    this.#setReport = prepare(
      `INSERT INTO reports (event_id, kind, signature, report) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET signature = excluded.signature, report = excluded.report`,
    );
    this.#setPicture = prepare(
      "INSERT INTO event_pictures (event_id, month, sha256) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#armAction = prepare(
      `INSERT INTO actions (id, event_id, want_action, state, reason, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#setLookup = prepare(
      `UPDATE events SET revision = ?, time = ?, device_id = ?, endpoint = ?, ip = ?, person = ?, person_type = ?,
       want_action = ?, search = ? WHERE id = ?`,
    );
    this.#dropFlags = prepare("DELETE FROM event_flags WHERE event_id = ?");
    this.#setFlag = prepare("INSERT INTO event_flags (event_id, flag) VALUES (?, ?)");
  }

  upsert(entry: Upsert): Promise<Written> {
    return this.#writer.run(() => this.#upsert(entry));
  }

  #upsert(entry: Upsert): Written {
    const { eventId, box, isTwin, report, signature, now, expiresAt } = entry;
    this.#dropExpired.run(eventId, now);
    const revision = Number(this.#nextRevision.get()?.["revision"]);
    const isNew = this.#insertEvent.run(eventId, box, Number(isTwin), expiresAt, revision).changes === 1;
    const held = this.#signature.get(eventId, report.kind)?.["signature"];
    if (held !== undefined && held !== signature && held !== entry.replaces)
      return { outcome: "another-face", armed: false, event: null };
    const isKnown = held === signature && held !== entry.replaces;
    if (!isKnown) this.#keepReport(entry);
    const armed = this.#arm(entry);
    if (!isKnown || armed) this.#refresh(eventId, revision);
    const event = isNew || armed ? this.#rows.read(eventId) : null;
    return { outcome: isNew ? "created" : isKnown ? "duplicate" : "merged", armed, event };
  }

  #keepReport({ eventId, report, signature }: Upsert): void {
    this.#setReport.run(eventId, report.kind, signature, JSON.stringify(report));
    const month = monthOf(report.receivedAt);
    for (const picture of Object.values(report.pictures ?? {})) this.#setPicture.run(eventId, month, picture.sha256);
  }

  #arm({ eventId, action }: Upsert): boolean {
    if (action === null) return false;
    const { id, wantAction, state, reason, at } = action;
    return this.#armAction.run(id, eventId, wantAction, state, reason, Date.parse(at)).changes === 1;
  }

  /** Writes anew what the event is looked up by, as its reports now merge. */
  #refresh(id: string, revision: number): void {
    const stored = this.#rows.read(id);
    if (stored === null) return;
    const { timestamp, device, person, wantAction, box, flags } = merge(stored);
    const known = person.type === "stranger" ? null : person.id;
    const search = [person.name, known, device.name, device.id, device.endpoint, device.ip, box.id, box.serial];
    this.#setLookup.run(
      revision,
      timestamp,
      device.id,
      device.endpoint,
      device.ip,
      known,
      person.type,
      wantAction,
      search
        .filter((text) => text !== null)
        .join("\n")
        .toLowerCase(),
      id,
    );
    this.#dropFlags.run(id);
    for (const flag of flags) this.#setFlag.run(id, flag);
  }
}
