import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { EventKey } from "./request.ts";

/** Most events of one box that are remembered. A gap is fetched from shortly before the last of them. */
const maxSeen = 20_000;
/** Passings of one box between two checks of that limit. */
const pruneEveryPassings = 500;

const eventRow = z.object({ at: z.int(), device: z.string(), person: z.string() });
const markRow = eventRow.pick({ at: true });

/** The recent events of an SE5 that were taken, to recognise them in its memory. */
export class SeenEvents {
  readonly #insert: StatementSync;
  readonly #prune: StatementSync;
  readonly #find: StatementSync;
  readonly #setMark: StatementSync;
  readonly #getMark: StatementSync;
  readonly #added = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO passings VALUES (?, ?, ?, ?)");
    this.#prune = database.prepare(
      `DELETE FROM passings WHERE box = ?1 AND rowid <=
         (SELECT rowid FROM passings WHERE box = ?1 ORDER BY rowid DESC LIMIT 1 OFFSET ${maxSeen})`,
    );
    this.#find = database.prepare("SELECT at, device, person FROM passings WHERE box = ? AND at BETWEEN ? AND ?");
    this.#setMark = database.prepare("INSERT INTO marks VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at");
    this.#getMark = database.prepare("SELECT at FROM marks WHERE box = ?");
  }

  /** Call this within a transaction. */
  add(box: string, { at, device, person, isResumeMark }: EventKey & { isResumeMark: boolean }): void {
    this.#insert.run(box, at, device, person);
    if (isResumeMark) this.setResumeMark(box, at);
    const added = this.#added.get(box) ?? 0;
    if (added % pruneEveryPassings === 0) this.#prune.run(box);
    this.#added.set(box, added + 1);
  }

  /** Call this within a transaction. */
  setResumeMark(box: string, at: number): void {
    this.#setMark.run(box, at);
  }

  resumeMark(box: string): number | null {
    const row = this.#getMark.get(box);
    return row === undefined ? null : parseStored(markRow, row, `the mark of ${box}`).at;
  }

  between(box: string, from: number, to: number): EventKey[] {
    return this.#find.all(box, from, to).map((row) => parseStored(eventRow, row, `a seen event of ${box}`));
  }
}
