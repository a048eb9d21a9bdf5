import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/core/log";
import { dayMs } from "@gatepost/protocol";
import { absent, between, equals, type Item, not, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/groups.ts";
import { RenewedRows } from "../dynamo/renewed-rows.ts";
import { DayCounts } from "./day-counts.ts";
import { type Move, movesOf } from "./moves.ts";
import { type CountsRow, countsIn, countsItem, countsKey } from "./row.ts";
import { batchIn, isAfter, padded, type StreamRecord } from "./stream-batch.ts";

/*
 * A batch of the stream may be delivered again, in halves, late, or to two processes at once. A row of counts has, by
 * shard, the last sequence number that is in it, and both are written together. The row `counted SHARD` says up to
 * which number a shard is in all rows. It is read after the rows: a process that finds no mark of a shard in a row then
 * also sees the write that removed it.
 */

export interface TallyPorts {
  dynamo: Pick<Dynamo, "getAll" | "put" | "update">;
  log: Log;
  clock(): number;
  /** ms that counts are kept. */
  keptMs: number;
}

/**
 * A try fails if a batch of another shard writes the same row, as happens with the row of all boxes. The windows of all
 * shards may end at once, so each of 32 batches may have to wait for all others: with 10 tries, one of them gave up.
 */
const tries = 32;
const pauseMs = 30;

/** ms for which the counted position of a shard is kept: longer than the stream keeps its records. */
const markedMs = 8 * dayMs;

const countedRow = z.object({ upTo: z.string().check(z.regex(/^\d{40}$/)) });

/** No position of a shard is after this one. */
const lastPosition = "9".repeat(40);

/** Counts the events of the table from its stream. */
export class Tally {
  readonly #deps: TallyPorts;
  readonly #rows: RenewedRows;

  constructor(deps: TallyPorts) {
    this.#deps = deps;
    this.#rows = new RenewedRows(deps.log);
  }

  /**
   * Counts a batch. Throws if a store fails; then the batch is delivered again, and the part of it that was counted is
   * not counted twice. Returns the state that a mapping with a window needs.
   */
  async count(event: unknown): Promise<{ state: Record<string, never> }> {
    const { shard, records } = batchIn(event);
    const last = records.at(-1);
    if (last === undefined) return { state: {} };
    const moves = records.flatMap((record) => this.#movesOf(record));
    await this.#countRows(
      shard,
      Map.groupBy(moves, ({ box, day }) => countsKey(box, day)),
    );
    await this.#noteCounted(shard, last.sequence);
    return { state: {} };
  }

  /** An event that cannot be read is not counted: otherwise it would hold up all later ones. */
  #movesOf(record: StreamRecord): Move[] {
    const oldest = this.#deps.clock() - this.#deps.keptMs;
    try {
      return movesOf(record).filter(({ day }) => (day + 1) * dayMs > oldest);
    } catch (cause) {
      this.#deps.log.error("an event was not counted", { cause });
      return [];
    }
  }

  async #countRows(shard: string, moves: ReadonlyMap<string, readonly Move[]>): Promise<void> {
    let left = moves;
    for (let tried = 0; left.size > 0; tried++) {
      if (tried === tries) throw new Error("rows of counts were changed by others between all tries to write them");
      if (tried > 0) await pause(Math.random() * pauseMs * tried);
      left = await this.#tryRows(shard, left);
    }
  }

  /** Returns the moves of rows that have changed since they were read: they must be tried again. */
  async #tryRows(shard: string, moves: ReadonlyMap<string, readonly Move[]>): Promise<Map<string, readonly Move[]>> {
    const held = await this.#deps.dynamo.getAll([...moves.keys()]);
    const rows = new Map([...held].map(([pk, row]) => [pk, this.#readable(row)]));
    const marked = [...rows.values()].flatMap((row) => [...(row?.marks.keys() ?? [])]);
    const ends = await this.#endsOf([shard, ...marked]);
    const refused = new Map<string, readonly Move[]>();
    await forEachLimit([...moves], async ([pk, ofRow]) => {
      const row = rows.has(pk) ? rows.get(pk) : emptyRow(ofRow);
      if (row && !(await this.#write(row, ofRow, { shard, ends }))) refused.set(pk, ofRow);
    });
    return refused;
  }

  /** Null if the row cannot be read: nothing is added to it, so that it does not hold up the counts of all others. */
  #readable(row: Item): CountsRow | null {
    try {
      return countsIn(row);
    } catch (cause) {
      this.#deps.log.error("counts of a box and day cannot be read, and stay as they are", { cause });
      return null;
    }
  }

  /** Returns false if the row has changed since it was read. */
  async #write(
    row: CountsRow,
    moves: readonly Move[],
    { shard, ends }: { shard: string; ends: ReadonlyMap<string, string> },
  ): Promise<boolean> {
    const { dynamo, keptMs } = this.#deps;
    const mark = row.marks.get(shard);
    const left = moves.filter(({ sequence }) => isAfter(sequence, mark) && isAfter(sequence, ends.get(shard)));
    const last = left.at(-1);
    if (last === undefined) return true;
    for (const move of left) move.apply(row.counts);
    const others = [...row.marks].filter(([other, upTo]) => other !== shard && isAfter(upTo, ends.get(other)));
    const written = { ...row, marks: new Map([...others, [shard, last.sequence]]), rev: row.rev + 1 };
    const isAsRead = row.rev === 0 ? absent() : equals("rev", row.rev);
    const { applied } = await dynamo.put(countsItem(written, keptMs), isAsRead);
    return applied;
  }

  /**
   * The position up to which each shard is counted in all rows. A broken one counts as missing: then rows keep their
   * marks of that shard, and repeated records within this batch may count twice. Otherwise nothing would be counted any
   * more, and an operator who repaired it could not know the position either.
   */
  async #endsOf(shards: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#deps.dynamo.getAll(shards.map(countedKey));
    return new Map(
      shards.flatMap((shard): [string, string][] => {
        const counted = this.#rows.read(countedRow, rows.get(countedKey(shard)), countedKey(shard));
        return counted === null ? [] : [[shard, counted.upTo]];
      }),
    );
  }

  async #noteCounted(shard: string, sequence: string): Promise<void> {
    const upTo = padded(sequence);
    await this.#deps.dynamo.update({
      pk: countedKey(shard),
      set: { upTo, ttl: ttlAt(this.#deps.clock() + markedMs) } satisfies z.output<typeof countedRow> & { ttl: number },
      when: not(between("upTo", upTo, lastPosition)),
    });
  }
}

function emptyRow([{ box, day } = { box: "", day: 0 }]: readonly Pick<Move, "box" | "day">[]): CountsRow {
  return { box, day, counts: DayCounts.empty(), marks: new Map(), rev: 0 };
}

function countedKey(shard: string): string {
  return `counted ${shard}`;
}
