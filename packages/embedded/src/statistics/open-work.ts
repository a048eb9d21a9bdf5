import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type OpenActions, type OpenWork, openStates, type WorkFilter } from "@gatepost/core/statistics";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const stateRow = z.object({ state: z.enum(openStates), count: z.int() });
const countRow = z.object({ count: z.int() });

/** All boxes if the first value is null, else the boxes in the JSON list. */
const ofBoxes = "(?1 IS NULL OR box IN (SELECT value FROM json_each(?1)))";

/** Counts the work that waits for people on one machine. */
export class SqliteOpenWork implements OpenWork {
  readonly #clock: () => number;
  readonly #lifetime: () => number;
  readonly #actions: StatementSync;
  readonly #quarantined: StatementSync;
  readonly #deadLetters: StatementSync;

  /** @param lifetime ms from the receipt of a record in quarantine to its expiry */
  constructor(database: DatabaseSync, { clock, lifetime }: { clock(): number; lifetime: () => number }) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#actions = database.prepare(
      `SELECT state, count(*) AS count FROM actions JOIN events ON events.id = event_id
       WHERE state IN (${openStates.map((state) => `'${state}'`).join(", ")}) AND ${ofBoxes} AND expires_at > ?2
       GROUP BY state`,
    );
    this.#quarantined = database.prepare(
      `SELECT count(*) AS count FROM quarantine WHERE ${ofBoxes} AND received_at > ?2 AND received_at >= ?3`,
    );
    this.#deadLetters = database.prepare(
      `SELECT count(*) AS count FROM deliveries JOIN events ON events.id = event_id
       WHERE deliveries.state = 'dead' AND ${ofBoxes} AND ended_at >= ?2`,
    );
  }

  async actions({ boxes }: Pick<WorkFilter, "boxes">): Promise<OpenActions> {
    const rows = this.#actions.all(listOf(boxes), this.#clock()).map((row) => parseStored(stateRow, row, "actions"));
    const counted = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    return { pending: 0, announced: 0, failed: 0, ...counted };
  }

  async quarantined({ boxes, since }: WorkFilter): Promise<number> {
    const expired = this.#clock() - this.#lifetime();
    return countIn(this.#quarantined.get(listOf(boxes), expired, since ?? expired));
  }

  async deadLetters({ boxes, since }: WorkFilter): Promise<number> {
    return countIn(this.#deadLetters.get(listOf(boxes), since ?? 0));
  }
}

function listOf(boxes: readonly string[] | null): string | null {
  return boxes === null ? null : JSON.stringify(boxes);
}

function countIn(row: unknown): number {
  return parseStored(countRow, row, "a count").count;
}
