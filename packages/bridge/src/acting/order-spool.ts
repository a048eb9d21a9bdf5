import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import { migrate } from "@gatepost/sqlite";
import * as z from "zod";
import type { Seen } from "../people/seen.ts";
import { keptForMs } from "./kept-files.ts";
import { migrations, taskOf } from "./order-schema.ts";
import { giveUpAfterMs, type Order, type Outcome, type Task, type TaskState } from "./task.ts";

/** So that what became of an order is never noted of another. */
const sameOrder = "ref = ? AND box = ? AND number = ? AND kind = ? AND ordered_at = ?";

/** Of a task and a removal at the same box; what nobody ordered has only the time at which it came. */
const isAfterRemoval = `tasks.kind <> 'remove' AND tasks.subject ->> '$.person' = removal.subject ->> '$.person'
  AND max(tasks.ordered_at, tasks.since) >= removal.ordered_at`;

/** How nobody is on a box: what an order that was cut off has left, once another was begun for the same person. */
const unlike: Seen = { record: "", imageId: null, photo: null };

const dayMs = 24 * 60 * 60_000;
/**
 * ms for which a task is remembered that has ended, so that an undo finds it: longer than events are kept where nothing else
 * is set. Of what is forgotten, the box is asked.
 */
const rememberedMs = 100 * dayMs;
/** The same of what was left to a person: nothing was done of it. */
const leftMs = 30 * dayMs;

/**
 * What is to be done at boxes, on disk before anything is done, and until the cloud knows how it ended. One process has the
 * file, which the lock of the folder sees to; each change is durable when its call returns.
 */
export class OrderSpool {
  readonly #database: DatabaseSync;
  readonly #clock: () => number;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #next: StatementSync;
  readonly #set: StatementSync;
  readonly #setChanged: StatementSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #disturb: StatementSync;
  readonly #all: StatementSync;
  readonly #news: StatementSync;
  readonly #waiting: StatementSync;
  readonly #report: StatementSync;
  readonly #close: StatementSync;
  readonly #drop: StatementSync;
  readonly #overtake: StatementSync;
  readonly #holdBack: StatementSync;
  readonly #failFor: StatementSync;
  readonly #prune: StatementSync;
  readonly #giveUp: StatementSync;
  readonly #forget: StatementSync;
  readonly #waitingActions: StatementSync;

  constructor(file: string, clock: () => number) {
    closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file);
    // What is erased is overwritten in the file, too.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    migrate(database, migrations, { file: "the spool of orders", program: "bridge" });
    this.#database = database;
    this.#clock = clock;
    this.#get = database.prepare("SELECT * FROM tasks WHERE ref = ? AND box = ?");
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO tasks (ref, box, number, kind, subject, since, state, due_at, taken_at, changed_at, ordered_at, is_whole, began, left_as)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7, ?8, ?9, ?10, ?11, ?12)`,
    );
    this.#next = database.prepare(
      `SELECT *, due_at FROM tasks WHERE box = ? AND state = 'waiting'
         AND ref NOT IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
         SELECT 1 FROM tasks AS removal WHERE removal.box = tasks.box AND removal.state = 'waiting'
           AND removal.kind = 'remove' AND ${isAfterRemoval}
       ) ORDER BY due_at, taken_at, ordered_at LIMIT 1`,
    );
    this.#set = database.prepare(
      `UPDATE tasks SET state = ?, reason = ?, tries = tries + 1, due_at = ? WHERE ${sameOrder}`,
    );
    this.#setChanged = database.prepare(
      "UPDATE tasks SET changed_at = ?, began = NULL, left_as = NULL WHERE ref = ? AND box = ?",
    );
    // An undo that came meanwhile is to know, too, how far the order was.
    this.#begin = database.prepare(
      `UPDATE tasks SET began = ?1 WHERE ref = ?2 AND box = ?3 AND (number = ?4 AND ordered_at = ?5 OR kind = 'undo')`,
    );
    this.#end = database.prepare(
      `UPDATE tasks SET began = NULL, left_as = coalesce(?1, left_as)
       WHERE ref = ?2 AND box = ?3 AND (number = ?4 AND ordered_at = ?5 OR kind = 'undo')`,
    );
    this.#disturb = database.prepare(
      `UPDATE tasks SET began = NULL, left_as = coalesce(left_as, ?)
       WHERE box = ? AND state = 'waiting' AND subject ->> '$.person' = ? AND ref <> ?`,
    );
    this.#all = database.prepare("SELECT * FROM tasks ORDER BY taken_at, ref, box");
    this.#news = database.prepare(
      `SELECT * FROM tasks WHERE state = 'waiting' OR (state IN ('done', 'failed') AND
         (reported IS NULL OR reported ->> '$.state' <> state OR reported ->> '$.reason' IS NOT reason))
       ORDER BY taken_at, ref, box`,
    );
    this.#waiting = database.prepare("SELECT count(*) AS n FROM tasks WHERE state = 'waiting'");
    this.#report = database.prepare(`UPDATE tasks SET reported = ? WHERE ${sameOrder}`);
    this.#close = database.prepare(
      "UPDATE tasks SET subject = '{}' WHERE ref = ? AND box = ? AND state <> 'waiting' AND reported IS NOT NULL AND subject <> '{}'",
    );
    this.#drop = database.prepare("DELETE FROM tasks WHERE ref = ?");
    this.#overtake = database.prepare(
      `UPDATE tasks SET state = iif(number = 0, 'left', 'failed'),
         reason = 'What was ordered later for the same person was done first; approve this again if it is wanted still.'
       WHERE box = ?1 AND state = 'waiting' AND kind IN ('register', 'update-photo')
         AND subject ->> '$.person' = ?2 AND ordered_at < ?3 AND ref <> ?4`,
    );
    this.#holdBack = database.prepare(
      `UPDATE tasks SET reason = ?1 FROM tasks AS removal WHERE removal.ref = ?2 AND removal.box = ?3
         AND tasks.box = removal.box AND tasks.state = 'waiting' AND ${isAfterRemoval}`,
    );
    this.#failFor = database.prepare(
      `UPDATE tasks SET state = 'failed', reason = 'The person was erased.'
       WHERE box = ?1 AND state = 'waiting' AND kind <> 'remove' AND subject ->> '$.person' = ?2
         AND max(ordered_at, since) < ?3`,
    );
    this.#giveUp = database.prepare(
      `UPDATE tasks SET state = 'failed', subject = '{}',
         reason = 'The bridge does not act on this box any more. It was given up after 7 days.'
       WHERE state = 'waiting' AND taken_at < ? AND box NOT IN (SELECT value FROM json_each(?))`,
    );
    this.#forget = database.prepare(
      `UPDATE tasks SET subject = '{}', began = NULL, left_as = NULL
       WHERE (state = 'left' OR state <> 'waiting' AND taken_at < ?)
         AND (subject <> '{}' OR began IS NOT NULL OR left_as IS NOT NULL)`,
    );
    this.#waitingActions = database.prepare(
      "SELECT DISTINCT ref FROM tasks WHERE state = 'waiting' AND kind <> 'remove' ORDER BY ref",
    );
    this.#prune = database.prepare(
      "DELETE FROM tasks WHERE state IN ('done', 'failed') AND taken_at < ?1 OR state = 'left' AND taken_at < ?2",
    );
  }

  /**
   * Takes an order, unless it or a newer one is there. One that has ended and that the cloud asks for again is reported
   * again: the cloud has lost what was said.
   *
   * @param watchedSince since when nothing can have been ordered of the box that did not come here, ms; null where that is
   * not known
   */
  take(order: Order, watchedSince: number | null = null): boolean {
    const { ref, box, number, kind, subject, since, orderedAt } = order;
    const held = this.find(ref, box);
    if (held !== null && !isNewer(order, held)) {
      if (held.number === number && held.state !== "waiting") this.setReported(held, null);
      return false;
    }
    const changedAt = held?.changedAt ?? null;
    const facts = [changedAt, orderedAt, Number(isWhole(order, held, watchedSince))] as const;
    const seen = seenBefore(order, held).map((one) => one && JSON.stringify(one));
    this.#put.run(ref, box, number, kind, JSON.stringify(subject), since, this.#clock(), ...facts, ...seen);
    return true;
  }

  find(ref: string, box: string): Task | null {
    const row = this.#get.get(ref, box);
    return row === undefined ? null : taskOf(row);
  }

  /**
   * The task of a box that is due first, and when; null where nothing waits. What was ordered after the removal of a person
   * waits until that has ended: done first, it would be removed again.
   *
   * @param paused refs that are passed over
   */
  next(box: string, paused: readonly string[] = []): { task: Task; dueAt: number } | null {
    const row = this.#next.get(box, JSON.stringify(paused));
    if (row === undefined) return null;
    return { task: taskOf(row), dueAt: parseStored(z.object({ due_at: z.int() }), row, `task ${row["ref"]}`).due_at };
  }

  /** Notes how a try ended, unless another order came meanwhile. @param dueAt when it is tried again, ms */
  note({ ref, box, number, kind, orderedAt }: Task, state: TaskState, reason: string | null, dueAt = 0): void {
    this.#set.run(state, reason, dueAt, ref, box, number, kind, orderedAt);
  }

  /** Notes that the box is about to be changed for the first time, or (null) that it is as it was. */
  setChanged({ ref, box }: Task, at: number | null): void {
    this.#setChanged.run(at, ref, box);
  }

  /**
   * Notes how the box has the person now that it is about to be changed. What was begun before for the same person, and waits
   * still, must look anew: what it finds then is not what it has written.
   */
  begin({ ref, box, number, orderedAt, subject: { person } }: Task, seen: Seen): void {
    this.#disturb.run(JSON.stringify(unlike), box, person, ref);
    this.#begin.run(JSON.stringify(seen), ref, box, number, orderedAt);
  }

  /** Notes how the order has left the person; null: as it found them. */
  end({ ref, box, number, orderedAt }: Task, left: Seen | null): void {
    this.#end.run(left && JSON.stringify(left), ref, box, number, orderedAt);
  }

  /** All tasks, the one that was taken first at the front. */
  all(): Task[] {
    return this.#all.all().map(taskOf);
  }

  /** Tasks of which the cloud may have to hear something, the one that was taken first at the front. */
  news(): Task[] {
    return this.#news.all().map(taskOf);
  }

  /** How many wait. */
  waiting(): number {
    return parseStored(z.object({ n: z.int() }), this.#waiting.get(), "the spool of orders").n;
  }

  /** Notes what the cloud has. Whom it was about is forgotten once nothing more is to be done. */
  setReported({ ref, box, number, kind, orderedAt }: Task, outcome: Outcome | null): void {
    this.#report.run(outcome === null ? null : JSON.stringify(outcome), ref, box, number, kind, orderedAt);
    if (this.#close.run(ref, box).changes > 0) this.#emptyLog();
  }

  /**
   * Ends older orders that wait for the same person at the box: what was ordered last has been done, and must not be written
   * over by what was away or busy before. What nobody ordered is left for a person.
   */
  overtake({ ref, box, subject: { person }, orderedAt }: Task): void {
    this.#overtake.run(box, person, orderedAt, ref);
  }

  /** Notes why what was ordered after a removal waits as long as that does. */
  holdBack({ ref, box }: Task, reason: string): void {
    this.#holdBack.run(`The person is to be removed from the box first. ${reason}`, ref, box);
  }

  /** Ends what waits still for a person who was removed, and was ordered before that. */
  failFor({ box, subject: { person }, orderedAt }: Task): void {
    this.#failFor.run(box, person, orderedAt);
  }

  /** Forgets an action or a removal. */
  drop(ref: string): void {
    if (this.#drop.run(ref).changes > 0) this.#emptyLog();
  }

  /** The actions of which something waits: what they hold goes with an erasure. */
  waitingActions(): string[] {
    const row = z.object({ ref: z.string() });
    return this.#waitingActions.all().map((one) => parseStored(row, one, "the spool of orders").ref);
  }

  /**
   * Ends what waited for 7 days at boxes that nobody works for, forgets whom it was about what is over, and what is old.
   * Returns how many tasks are forgotten whole.
   */
  prune(boxes: readonly string[]): number {
    const now = this.#clock();
    const ended = this.#giveUp.run(now - giveUpAfterMs, JSON.stringify(boxes)).changes;
    const forgotten = this.#forget.run(now - giveUpAfterMs - keptForMs).changes;
    const pruned = this.#prune.run(now - rememberedMs, now - leftMs).changes;
    if (Number(ended) + Number(forgotten) > 0) this.#emptyLog();
    return Number(pruned);
  }

  close(): void {
    this.#database.close();
  }

  /** What was forgotten must not stay in the log beside the file. */
  #emptyLog(): void {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}

/** Of the same number, another order of a cloud that was put back to a backup is the later one. */
function isNewer({ number, kind, orderedAt }: Order, held: Task): boolean {
  if (number !== held.number) return number > held.number || orderedAt > held.orderedAt;
  return kind !== held.kind || orderedAt > held.orderedAt;
}

/** What is known of a box when an order replaces another: an undo goes on from where that was. */
function seenBefore({ kind }: Order, held: Task | null): [began: Seen | null, leftAs: Seen | null] {
  if (held === null) return [null, null];
  if (kind === "undo") return [held.began, held.leftAs];
  return [null, held.began === null ? held.leftAs : null];
}

/**
 * An order that is the first, or follows the one that is known; numbers rise by one, and by two after what nobody ordered.
 * And an undo of what was ordered only since this bridge looked last: no bridge has had that.
 */
function isWhole({ number, kind, since, orderedAt }: Order, held: Task | null, watchedSince: number | null): boolean {
  if (kind !== "undo" && (number === 0 || since === orderedAt)) return true;
  if (kind === "undo" && held === null && watchedSince !== null && since >= watchedSince) return true;
  if (held === null || !held.isWhole) return false;
  return number === held.number + 1 || (held.number === 0 && number === 2);
}
