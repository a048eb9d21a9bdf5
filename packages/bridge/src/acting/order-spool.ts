import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { dayMs, parseStored } from "@gatepost/protocol";
import { migrate, requireSound } from "@gatepost/sqlite";
import * as z from "zod";
import { neverSeen, type Seen } from "../people/seen.ts";
import { keptForMs } from "./kept-files.ts";
import { isNewer, isWhole, seenBefore } from "./order-rules.ts";
import { migrations, taskOf } from "./order-schema.ts";
import { type OrderSql, orderSql } from "./order-sql.ts";
import { giveUpAfterMs, type Order, type Outcome, type Task, type TaskState } from "./task.ts";

/**
 * ms for which a task is remembered that has ended, so that an undo finds it: longer than events are kept where nothing else
 * is set. Of what is forgotten, the box is asked.
 */
const rememberedMs = 100 * dayMs;
/** The same of what was left to a person: nothing was done of it. */
const leftMs = 30 * dayMs;

function opened(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // What is erased is overwritten in the file, too.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    requireSound(database);
    migrate(database, migrations, { file: "the spool of orders", program: "bridge" });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * What is to be done at boxes, on disk before anything is done, and until the cloud knows how it ended. One process has the
 * file, which the lock of the folder sees to; each change is durable when its call returns.
 */
export class OrderSpool {
  readonly #database: DatabaseSync;
  readonly #clock: () => number;
  readonly #sql: OrderSql;

  /** Throws what `isDamaged` knows where the file is damaged anywhere: what is read later would stop all orders. */
  constructor(file: string, clock: () => number) {
    closeSync(openSync(file, "a", 0o600));
    this.#database = opened(file);
    this.#clock = clock;
    this.#sql = orderSql(this.#database);
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
    this.#sql.put.run(ref, box, number, kind, JSON.stringify(subject), since, this.#clock(), ...facts, ...seen);
    return true;
  }

  find(ref: string, box: string): Task | null {
    const row = this.#sql.get.get(ref, box);
    return row === undefined ? null : taskOf(row);
  }

  /**
   * The task of a box that is due first, and when; null where nothing waits. What was ordered after the removal of a person
   * waits until that has ended: done first, it would be removed again.
   *
   * @param paused refs that are passed over
   */
  next(box: string, paused: readonly string[] = []): { task: Task; dueAt: number } | null {
    const row = this.#sql.next.get(box, JSON.stringify(paused));
    if (row === undefined) return null;
    return { task: taskOf(row), dueAt: parseStored(z.object({ due_at: z.int() }), row, `task ${row["ref"]}`).due_at };
  }

  /** Notes how a try ended, unless another order came meanwhile. @param dueAt when it is tried again, ms */
  note({ ref, box, number, kind, orderedAt }: Task, state: TaskState, reason: string | null, dueAt = 0): void {
    this.#sql.set.run(state, reason, dueAt, ref, box, number, kind, orderedAt);
  }

  /** Notes that the box is about to be changed for the first time, or (null) that it is as it was. */
  setChanged({ ref, box }: Task, at: number | null): void {
    this.#sql.setChanged.run(at, ref, box);
  }

  /**
   * Notes how the box has the person now that it is about to be changed. What was begun before for the same person, and waits
   * still, must look anew: what it finds then is not what it has written.
   */
  begin({ ref, box, number, orderedAt, subject: { person } }: Task, seen: Seen): void {
    this.#sql.disturb.run(JSON.stringify(neverSeen), box, person, ref);
    this.#sql.begin.run(JSON.stringify(seen), ref, box, number, orderedAt);
  }

  /** Notes how the order has left the person; null: as it found them. */
  end({ ref, box, number, orderedAt }: Task, left: Seen | null): void {
    this.#sql.end.run(left && JSON.stringify(left), ref, box, number, orderedAt);
  }

  /** All tasks, the one that was taken first at the front. */
  all(): Task[] {
    return this.#sql.all.all().map(taskOf);
  }

  /** Tasks of which the cloud may have to hear something, the one that was taken first at the front. */
  news(): Task[] {
    return this.#sql.news.all().map(taskOf);
  }

  /** How many wait. */
  waiting(): number {
    return parseStored(z.object({ n: z.int() }), this.#sql.waiting.get(), "the spool of orders").n;
  }

  /** Notes what the cloud has. Whom it was about is forgotten once nothing more is to be done. */
  setReported({ ref, box, number, kind, orderedAt }: Task, outcome: Outcome | null): void {
    this.#sql.report.run(outcome === null ? null : JSON.stringify(outcome), ref, box, number, kind, orderedAt);
    if (this.#sql.close.run(ref, box).changes > 0) this.#emptyLog();
  }

  /**
   * Ends older orders that wait for the same person at the box: what was ordered last has been done, and must not be written
   * over by what was away or busy before. What nobody ordered is left for a person.
   */
  overtake({ ref, box, subject: { person }, orderedAt }: Task): void {
    this.#sql.overtake.run(box, person, orderedAt, ref);
  }

  /** Notes why what was ordered after a removal waits as long as that does. */
  holdBack({ ref, box }: Task, reason: string): void {
    this.#sql.holdBack.run(`The person is to be removed from the box first. ${reason}`, ref, box);
  }

  /** Ends what waits still for a person who was removed, and was ordered before that. */
  failFor({ box, subject: { person }, orderedAt }: Task): void {
    this.#sql.failFor.run(box, person, orderedAt);
  }

  /** Forgets an action or a removal. */
  drop(ref: string): void {
    if (this.#sql.drop.run(ref).changes > 0) this.#emptyLog();
  }

  /** The actions of which something waits: what they hold goes with an erasure. */
  waitingActions(): string[] {
    const row = z.object({ ref: z.string() });
    return this.#sql.waitingActions.all().map((one) => parseStored(row, one, "the spool of orders").ref);
  }

  /**
   * Ends what waited for 7 days at boxes that nobody works for, forgets whom it was about what is over, and what is old.
   * Returns how many tasks are forgotten whole.
   */
  prune(boxes: readonly string[]): number {
    const now = this.#clock();
    const ended = this.#sql.giveUp.run(now - giveUpAfterMs, JSON.stringify(boxes)).changes;
    const forgotten = this.#sql.forget.run(now - giveUpAfterMs - keptForMs).changes;
    const pruned = this.#sql.prune.run(now - rememberedMs, now - leftMs).changes;
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
