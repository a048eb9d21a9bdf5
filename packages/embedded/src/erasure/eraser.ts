import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "@gatepost/ingest";
import { boxStatusKinds, isObject, type JsonObject, parseStored, storedJson, tellsOf } from "@gatepost/protocol";
import type { EventEraser } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { emptyLog } from "../db/database.ts";
import type { Reserve } from "../db/reserve.ts";
import { isErasable, wholePack } from "../pictures/rows.ts";
import type { PicturePacks } from "../pictures/store.ts";

const idRow = z.object({ id: z.string() });
const pictureRow = z.object({ month: z.string(), sha256: z.string() });
const erasureRow = z.object({ month: z.string(), position: z.int(), bytes: z.int() });
const statusKey = z.object({ box: z.string(), kind: z.string() });
const statusRow = z.object({
  kind: z.enum(boxStatusKinds),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

interface Deps {
  packs: PicturePacks;
  reserve: Reserve;
  log: Log;
}

/**
 * Erases events: their rows, what quarantine has of them, and the bytes of pictures that no other event shows; with a
 * person, also what boxes said of them. The positions to overwrite are stored in the same transaction, so a crash
 * cannot leave a picture behind.
 */
export class Eraser implements EventEraser {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #packs: PicturePacks;
  readonly #reserve: Reserve;
  readonly #log: Log;
  readonly #eventsOfPerson: StatementSync;
  readonly #noteErasures: StatementSync;
  readonly #statuses: StatementSync;
  readonly #dropStatus: StatementSync;
  readonly #dropEvent: StatementSync;
  readonly #dropQuarantine: StatementSync;
  readonly #dropPictures: StatementSync;
  readonly #picturesOf: StatementSync;
  readonly #lostOfEvent: StatementSync;
  readonly #lostOfPerson: StatementSync;
  readonly #erasures: StatementSync;
  readonly #dropErasure: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { packs, reserve, log }: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#packs = packs;
    this.#reserve = reserve;
    this.#log = log;
    this.#eventsOfPerson = database.prepare("SELECT id FROM events WHERE person = ?1 AND (?2 IS NULL OR box = ?2)");
    this.#picturesOf = database.prepare("SELECT month, sha256 FROM event_pictures WHERE event_id = ?");
    const lost = `SELECT DISTINCT month, sha256 FROM pictures JOIN event_pictures USING (month, sha256)
      JOIN events ON events.id = event_id WHERE lost IS NOT NULL`;
    this.#lostOfEvent = database.prepare(`${lost} AND event_id = ?`);
    this.#lostOfPerson = database.prepare(`${lost} AND person = ?1 AND (?2 IS NULL OR box = ?2)`);
    this.#statuses = database.prepare("SELECT box, kind, report FROM notices WHERE ?1 IS NULL OR box = ?1");
    this.#dropStatus = database.prepare("DELETE FROM notices WHERE box = ? AND kind = ?");
    this.#dropEvent = database.prepare("DELETE FROM events WHERE id = ?");
    this.#dropQuarantine = database.prepare(
      `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE event_id = ?1
         UNION SELECT quarantine_id FROM quarantine_events WHERE event_id = ?1)`,
    );
    const unshown = `month = ?1 AND sha256 = ?2
      AND NOT EXISTS (SELECT 1 FROM event_pictures WHERE month = ?1 AND sha256 = ?2)`;
    this.#noteErasures = database.prepare(
      `INSERT INTO erasures (month, position, bytes) SELECT month, position, bytes FROM pictures WHERE ${unshown} AND ${isErasable}`,
    );
    this.#dropPictures = database.prepare(`DELETE FROM pictures WHERE ${unshown}`);
    this.#erasures = database.prepare("SELECT month, position, bytes FROM erasures");
    this.#dropErasure = database.prepare("DELETE FROM erasures WHERE month = ? AND position = ?");
  }

  async eraseEvent(id: string): Promise<boolean> {
    await this.#lookFor(this.#lostOfEvent.all(id));
    const wasThere = await this.#write(() => this.#drop(id));
    await this.finish();
    return wasThere;
  }

  async erasePerson(person: string, box: string | null): Promise<number> {
    await this.#lookFor(this.#lostOfPerson.all(person, box));
    const count = await this.#write(() => {
      const ids = this.#eventsOfPerson.all(person, box).map((row) => parseStored(idRow, row, "an event").id);
      for (const id of ids) this.#drop(id);
      this.#dropStatuses(person, box);
      return ids.length;
    });
    await this.finish();
    return count;
  }

  /** Overwrites all stored positions, also those of a process that ended before it could. */
  async finish(): Promise<void> {
    for (const row of this.#erasures.all()) {
      const { month, position, bytes } = parseStored(erasureRow, row, `erasure in ${row["month"]}`);
      await this.#reserve.run(() => this.#overwrite(month, position, bytes));
      await this.#write(() => this.#dropErasure.run(month, position));
    }
    await this.#reserve.run(() => emptyLog(this.#database, this.#writer));
  }

  async #overwrite(month: string, position: number, bytes: number): Promise<void> {
    if (bytes === wholePack) return this.#packs.remove(month);
    await (await this.#packs.pack(month)).erase(position, bytes);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#reserve.run(() => this.#writer.run(work));
  }

  /** Reads lost pictures: where somebody has put their pack back, they are found, and so erased with the others. */
  async #lookFor(lost: readonly Record<string, unknown>[]): Promise<void> {
    for (const row of lost) {
      const { month, sha256 } = parseStored(pictureRow, row, "a lost picture");
      await this.#packs.find(month, sha256);
    }
  }

  #dropStatuses(person: string, box: string | null): void {
    const found: [box: string, kind: string][] = [];
    for (const row of this.#statuses.iterate(box)) {
      const { box: of, kind } = parseStored(statusKey, row, "a notice");
      if (this.#mayTellOf(row, person)) found.push([of, kind]);
    }
    for (const key of found) this.#dropStatus.run(...key);
  }

  /** One that is broken may tell of anybody: nobody can read it, and the box sends the next. */
  #mayTellOf(row: Record<string, unknown>, person: string): boolean {
    try {
      return tellsOf(parseStored(statusRow, row, `notice ${row["kind"]} of ${row["box"]}`).report, person);
    } catch (cause) {
      this.#log.warn("a box status that is broken was erased", { cause });
      return true;
    }
  }

  #drop(id: string): boolean {
    const pictures = this.#picturesOf.all(id).map((row) => parseStored(pictureRow, row, `event ${id}`));
    const wasThere = this.#dropEvent.run(id).changes === 1;
    this.#dropQuarantine.run(id);
    for (const { month, sha256 } of pictures) {
      this.#noteErasures.run(month, sha256);
      this.#dropPictures.run(month, sha256);
    }
    return wasThere;
  }
}
