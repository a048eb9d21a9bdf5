import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { bucketOf, searchTexts } from "@gatepost/core/events";
import { type FaceEvent, merge, personKey, type StoredEvent } from "@gatepost/protocol";
import type { NewTexts } from "./new-texts.ts";
import { passingText } from "./passing-row.ts";

/** The columns by which events are found. Their values come from the merged event. */
const columns = [
  "time",
  "device_id",
  "endpoint",
  "ip",
  "person",
  "person_type",
  "want_action",
  "other_action",
  "search",
  "person_text",
  "place_text",
  "match_bucket",
  "passing",
  "result",
] as const;

/**
 * Writes the columns and texts by which events are found. The columns and texts of a new event are written together
 * with its row, because a later change would move it in every index.
 */
export class EventLookups {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #dropFlags: StatementSync;
  readonly #setFlag: StatementSync;
  readonly #texts: NewTexts;

  constructor(database: DatabaseSync, texts: NewTexts) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#find = prepare("SELECT made, expires_at FROM events WHERE id = ?");
    this.#insert = prepare(
      `INSERT INTO events (made, revision, is_indexed, id, box, is_twin, expires_at, pictures, ${columns.join(", ")})
       VALUES (?1, ?1, 0, ${Array.from({ length: columns.length + 5 }, (_, at) => `?${at + 2}`).join(", ")})`,
    );
    this.#update = prepare(
      `UPDATE events SET revision = ?, ${columns.map((name) => `${name} = ?`).join(", ")} WHERE made = ?`,
    );
    this.#dropFlags = prepare("DELETE FROM event_flags WHERE event_id = ?");
    this.#setFlag = prepare("INSERT INTO event_flags (event_id, flag, time) VALUES (?, ?, ?)");
    this.#texts = texts;
  }

  /** The number of an event and when it expires (ms since 1970); null if there is none. */
  find(id: string): { made: number; expiresAt: number } | null {
    const row = this.#find.get(id);
    return row === undefined ? null : { made: Number(row["made"]), expiresAt: Number(row["expires_at"]) };
  }

  /** @param of its number, which is also the number of its first change; and the column of its pictures */
  insert(
    stored: StoredEvent,
    { made, expiresAt, pictures }: { made: number; expiresAt: number; pictures: string | null },
  ): void {
    const { id, box, isSecondFace } = stored;
    const event = merge(stored);
    this.#insert.run(made, id, box, Number(isSecondFace), expiresAt, pictures, ...this.#valuesOf(event));
    this.#setFlags(event);
  }

  update(stored: StoredEvent, { made, revision }: { made: number; revision: number }): void {
    const event = merge(stored);
    this.#update.run(revision, ...this.#valuesOf(event), made);
    this.#dropFlags.run(event.id);
    this.#setFlags(event);
  }

  #setFlags({ id, flags, timestamp }: FaceEvent): void {
    for (const flag of flags) this.#setFlag.run(id, flag, timestamp);
  }

  #valuesOf(event: FaceEvent): SQLInputValue[] {
    const { timestamp, device, person, wantAction, actions, score, scoreScale, result } = event;
    const { person: who, place } = searchTexts(event);
    const values: Record<(typeof columns)[number], SQLInputValue> = {
      time: timestamp,
      device_id: device.id,
      endpoint: device.endpoint,
      ip: device.ip,
      person: personKey(person),
      person_type: person.type,
      want_action: wantAction,
      other_action: actions.find((action) => action.wantAction !== wantAction)?.wantAction ?? null,
      search: `${who}\n${place}`,
      person_text: this.#textOf(who),
      place_text: this.#textOf(place),
      match_bucket: bucketOf(score, scoreScale),
      passing: passingText(event),
      result,
    };
    return columns.map((name) => values[name]);
  }

  #textOf(text: string): SQLInputValue {
    return text === "" ? null : this.#texts.idOf(text);
  }
}
