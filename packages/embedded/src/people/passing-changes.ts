import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import type { StoredPassing } from "@gatepost/core/people";
import type { ChangesSince } from "@gatepost/core/presence";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { changedAfter, lastChange } from "../events/change-feed.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { passingColumns, passingOf } from "../events/passing-row.ts";
import type { EventRows } from "../events/row.ts";
import type { LostPassings } from "./lost-passings.ts";

const endRow = z.object({ revision: z.int().nullable() });
const changedRow = z.object({ id: z.string(), expires_at: z.int() });
const idRow = z.object({ id: z.string() });

/** Changes of one call, at most: some milliseconds. After more, it takes less to read the passings of some days again. */
const maxChanges = 1000;

/** Events that are looked through in one turn: some milliseconds. */
const scanSize = 5000;

interface Deps {
  rows: EventRows;
  lost: LostPassings;
  clock(): number;
}

/** Tells readers that keep passings in memory the changes since they asked last. */
export class PassingChanges {
  readonly #deps: Deps;
  readonly #end: StatementSync;
  readonly #changed: StatementSync;
  readonly #one: StatementSync;
  readonly #ended: StatementSync;
  readonly #way: StatementSync;
  readonly #changedWay: StatementSync;
  /** Up to which revision no passing of a box has a direction itself. */
  readonly #withoutWays = new Map<string, number>();
  /** The newest events that were removed, or end at another time, and how many there were before them. */
  #lost: string[] = [];
  #lostBefore = 0;

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#end = database.prepare(lastChange);
    const columns = `${passingColumns}, expires_at`;
    this.#changed = database.prepare(
      `SELECT ${columns} FROM (${changedAfter} LIMIT ${maxChanges + 1}) CROSS JOIN events USING (made)`,
    );
    this.#one = database.prepare(`SELECT ${columns} FROM events WHERE id = ?`);
    const endedBetween = "expires_at > ?1 AND expires_at <= ?2";
    this.#ended = database.prepare(
      `SELECT id FROM events WHERE ${isIndexed} AND ${endedBetween} UNION ALL
       SELECT id FROM events WHERE ${isNew} AND ${endedBetween} LIMIT ${maxChanges + 1}`,
    );
    const isWay = "box = ? AND (passing IS NULL OR passing ->> 2 IS NOT NULL) LIMIT 1";
    this.#way = database.prepare(`SELECT 1 FROM events WHERE made > ? AND made <= ? AND ${isWay}`);
    this.#changedWay = database.prepare(
      `SELECT 1 FROM (${changedAfter}) AS change CROSS JOIN events USING (made) WHERE ${isWay.replace("?", "?2")}`,
    );
    deps.lost.listen((event) => this.#noteLost(event));
  }

  /** Follows the changes from now on. */
  follow(): ChangesSince {
    let place = this.#place();
    return async () => {
      const [from, to] = [place, this.#place()];
      place = to;
      // After a step of the clock back, passings that had ended are kept again.
      if (to.now < from.now || from.lost < this.#lostBefore || to.lost - from.lost > maxChanges) return null;
      const changed: unknown[] = this.#changed.all(from.revision);
      const ended: unknown[] = from.now === to.now ? [] : this.#ended.all(from.now, to.now);
      if (changed.length > maxChanges || ended.length > maxChanges) return null;
      const lost = this.#lost.slice(from.lost - this.#lostBefore);
      return [
        ...changed.map((row) => this.#changeOf(row)),
        ...lost.map((event) => {
          const row = this.#one.get(event);
          return row === undefined ? { event, passing: null } : this.#changeOf(row);
        }),
        ...ended.map((row) => ({ event: parseStored(idRow, row, "an event that has ended").id, passing: null })),
      ];
    };
  }

  /**
   * Whether a passing of a box has a direction itself. An event of an earlier build may have one in its reports. All events
   * are looked through once, some at a time.
   */
  async hasOwnWays(box: string): Promise<boolean> {
    const known = this.#withoutWays.get(box);
    const { revision } = this.#place();
    if (known !== undefined) {
      if (this.#changedWay.get(known, box) !== undefined) return true;
    } else {
      for (let from = 0; from < revision; from += scanSize, await turn()) {
        if (this.#way.get(from, from + scanSize, box) !== undefined) return true;
      }
    }
    this.#withoutWays.set(box, revision);
    return false;
  }

  #place(): { revision: number; lost: number; now: number } {
    const { revision } = parseStored(endRow, this.#end.get(), "the last change");
    return { revision: revision ?? 0, lost: this.#lostBefore + this.#lost.length, now: this.#deps.clock() };
  }

  #noteLost(event: string): void {
    this.#lost.push(event);
    if (this.#lost.length < 2 * maxChanges) return;
    this.#lost = this.#lost.slice(maxChanges);
    this.#lostBefore += maxChanges;
  }

  #changeOf(row: unknown): { event: string; passing: StoredPassing | null } {
    const { id: event, expires_at: endsAt } = parseStored(changedRow, row, "a changed event");
    return { event, passing: endsAt > this.#deps.clock() ? passingOf(row, this.#deps.rows) : null };
  }
}
