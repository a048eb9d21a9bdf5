import type { DatabaseSync, StatementSync } from "node:sqlite";

/** What happened to reports since the spool was made. */
export const countNames = ["sent", "refused", "dropped-age", "dropped-space", "dropped-aside"] as const;
export type CountName = (typeof countNames)[number];

export interface SpoolStats extends Record<CountName, number> {
  box: string;
  /** Reports that wait, their bytes, and since when the oldest does (ms since 1970). */
  waiting: number;
  bytes: number;
  oldest: number | null;
  /** Refused reports that are among the dead letters now. */
  aside: number;
}

/** What is in the spool, by box. */
export class Counts {
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
    this.#aside = database.prepare("SELECT count(*) AS aside FROM refused WHERE box = ?");
    this.#refusal = database.prepare("SELECT reason FROM refused WHERE box = ? ORDER BY id DESC LIMIT 1");
    this.#dropped = database.prepare("SELECT coalesce(sum(count), 0) AS count FROM counts WHERE name LIKE 'dropped-%'");
    this.#boxes = database.prepare("SELECT box FROM reports UNION SELECT box FROM refused");
  }

  /** How many reports of all boxes were lost since the spool was made. */
  dropped(): number {
    return Number(this.#dropped.get()?.["count"]);
  }

  /** All boxes that have something in the spool: waiting, or among the dead letters. */
  boxes(): string[] {
    return this.#boxes.all().map(({ box }) => String(box));
  }

  /** To be called within a transaction. */
  add(box: string, name: CountName, count: number): void {
    this.#add.run(box, name, count);
  }

  of(box: string): SpoolStats {
    const { waiting, bytes, oldest } = this.#waiting.get(box) ?? {};
    const counted = new Map(this.#counted.all(box).map(({ name, count }) => [String(name), Number(count)]));
    const count = (name: CountName) => counted.get(name) ?? 0;
    return {
      box,
      waiting: Number(waiting),
      bytes: Number(bytes),
      oldest: oldest === null ? null : Number(oldest),
      aside: Number(this.#aside.get(box)?.["aside"]),
      sent: count("sent"),
      refused: count("refused"),
      "dropped-age": count("dropped-age"),
      "dropped-space": count("dropped-space"),
      "dropped-aside": count("dropped-aside"),
    };
  }

  /** The reason of the last refusal of a box, or null. */
  lastRefusal(box: string): string | null {
    const reason = this.#refusal.get(box)?.["reason"];
    return reason === undefined ? null : String(reason);
  }
}
