import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** What happened to reports since the spool was made. */
export const countNames = ["sent", "refused", "dropped-age", "dropped-space", "dropped-aside"] as const;
export type CountName = (typeof countNames)[number];

const waitingRow = z.object({ waiting: z.int(), bytes: z.int(), oldest: z.int().nullable() });
const countedRow = z.object({ name: z.string(), count: z.int() });
const sumRow = z.object({ count: z.int() });
const boxRow = z.object({ box: z.string() });
const reasonRow = z.object({ reason: z.string() });

export interface SpoolStats extends Record<CountName, number> {
  box: string;
  /** Waiting reports, their bytes, and since when the oldest waits (ms since 1970). */
  waiting: number;
  bytes: number;
  oldest: number | null;
  /** Refused reports that are dead letters now. */
  aside: number;
}

/** The counts of the spool, by box. */
export class SpoolCounts {
  readonly #add: StatementSync;
  readonly #waiting: StatementSync;
  readonly #counted: StatementSync;
  readonly #aside: StatementSync;
  readonly #refusal: StatementSync;
  readonly #boxes: StatementSync;
  readonly #dropped: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
    );
    this.#waiting = database.prepare(
      "SELECT count(*) AS waiting, coalesce(sum(bytes), 0) AS bytes, min(at) AS oldest FROM reports WHERE box = ?",
    );
    this.#counted = database.prepare("SELECT name, count FROM counts WHERE box = ?");
    this.#aside = database.prepare("SELECT count(*) AS count FROM refused WHERE box = ?");
    this.#refusal = database.prepare("SELECT reason FROM refused WHERE box = ? ORDER BY id DESC LIMIT 1");
    this.#dropped = database.prepare("SELECT coalesce(sum(count), 0) AS count FROM counts WHERE name LIKE 'dropped-%'");
    this.#boxes = database.prepare("SELECT box FROM reports UNION SELECT box FROM refused");
  }

  /** How many reports of all boxes were lost since the spool was made. */
  dropped(): number {
    return parseStored(sumRow, this.#dropped.get(), "the sum of dropped reports").count;
  }

  /** All boxes that have something in the spool: waiting, or among the dead letters. */
  boxes(): string[] {
    return this.#boxes.all().map((row) => parseStored(boxRow, row, "a box of the spool").box);
  }

  /** Call this within a transaction. */
  add(box: string, name: CountName, count: number): void {
    this.#add.run(box, name, count);
  }

  of(box: string): SpoolStats {
    const waiting = parseStored(waitingRow, this.#waiting.get(box), `the waiting reports of ${box}`);
    const rows = this.#counted.all(box).map((row) => parseStored(countedRow, row, `a count of ${box}`));
    const counted = new Map(rows.map((row) => [row.name, row.count]));
    const count = (name: CountName) => counted.get(name) ?? 0;
    return {
      box,
      ...waiting,
      aside: parseStored(sumRow, this.#aside.get(box), `the dead letters of ${box}`).count,
      sent: count("sent"),
      refused: count("refused"),
      "dropped-age": count("dropped-age"),
      "dropped-space": count("dropped-space"),
      "dropped-aside": count("dropped-aside"),
    };
  }

  /** The reason of the last refusal of a box, or null. */
  lastRefusal(box: string): string | null {
    const row = this.#refusal.get(box);
    return row === undefined ? null : parseStored(reasonRow, row, `the last refusal of ${box}`).reason;
  }
}
