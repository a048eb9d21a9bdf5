import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { dayMs, parseStored } from "@gatepost/protocol";
import { Database, enterWalMode, migrate, requireSound } from "@gatepost/sqlite";
import * as z from "zod";
import { neverSeen, type Seen } from "../people/seen.ts";
import { wayOut } from "../spool/schema.ts";
import { keptForMs } from "./kept-files.ts";
import { isNewer, isWhole, seenBefore } from "./order-rules.ts";
import { schema, taskOf } from "./order-schema.ts";
import { type OrderSql, orderSql } from "./order-sql.ts";
import { giveUpAfterMs, type Order, type ReportedOutcome, type Task, type TaskState } from "./task.ts";

/**
 * ms for which an ended task is remembered, so that an undo finds it: longer than events are kept by default. After
 * that, an undo asks the box.
 */
const rememberedMs = 100 * dayMs;
/** The same for tasks that were left to a person: nothing was done. */
const leftMs = 30 * dayMs;

/** ms to wait for a program that reads the file, as `gatepost bridge status` does. */
const lockTimeoutMs = 5000;

function opened(file: string): DatabaseSync {
  const database = new Database(file, { timeout: lockTimeoutMs });
  try {
    enterWalMode(database);
    // Erased data is also overwritten in the file.
    database.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    requireSound(database);
    migrate(database, schema, { file: "the spool of orders", program: "bridge", wayOut });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * The tasks for boxes: on disk before anything is done, and until the cloud knows the result. Only one process uses the
 * file, by the lock of its folder. Each change is durable when its call returns.
 */
export class OrderSpool {
  readonly #database: DatabaseSync;
  readonly #clock: () => number;
  readonly #sql: OrderSql;

  /** Throws an error for `isDamaged` if any part of the file is damaged: reading it later would stop all orders. */
  constructor(file: string, clock: () => number) {
    closeSync(openSync(file, "a", 0o600));
    this.#database = opened(file);
    this.#clock = clock;
    this.#sql = orderSql(this.#database);
  }

  /**
   * Takes an order, unless the same or a newer one is there. If the cloud asks again for one that has ended, it is
   * reported again: the cloud has lost the report.
   *
   * @param watchedSince since when this bridge has received every order for the box, ms; null if that is not known
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
   * The next due task of a box, and when it is due; null if none waits. An order given after the removal of the same
   * person waits until the removal has ended: otherwise the removal would undo it.
   *
   * @param paused refs that are passed over
   */
  next(box: string, paused: readonly string[] = []): { task: Task; dueAt: number } | null {
    const row = this.#sql.next.get(box, JSON.stringify(paused));
    if (row === undefined) return null;
    return { task: taskOf(row), dueAt: parseStored(z.object({ due_at: z.int() }), row, `task ${row["ref"]}`).due_at };
  }

  /**
   * Notes the result of a try, unless another order was received meanwhile.
   *
   * @param dueAt when it is tried again, ms since 1970
   */
  note({ ref, box, number, kind, orderedAt }: Task, state: TaskState, reason: string | null, dueAt = 0): void {
    this.#sql.set.run(state, reason, dueAt, ref, box, number, kind, orderedAt);
  }

  /** Notes that the box is about to be changed for the first time, or (null) that it is in its old state. */
  setChanged({ ref, box }: Task, at: number | null): void {
    this.#sql.setChanged.run(at, ref, box);
  }

  /**
   * Notes the state of the person on the box, which is about to be changed. Other waiting orders for that person that
   * were begun before must look again, because they will find a state that they did not write.
   */
  begin({ ref, box, number, orderedAt, subject: { person } }: Task, seen: Seen): void {
    this.#sql.disturb.run(JSON.stringify(neverSeen), box, person, ref);
    this.#sql.begin.run(JSON.stringify(seen), ref, box, number, orderedAt);
  }

  /** Notes the state in which the order has left the person; null if it changed nothing. */
  end({ ref, box, number, orderedAt }: Task, left: Seen | null): void {
    this.#sql.end.run(left && JSON.stringify(left), ref, box, number, orderedAt);
  }

  /** All tasks, in the order in which they were taken. */
  all(): Task[] {
    return this.#sql.all.all().map(taskOf);
  }

  /** Tasks about which the cloud may have to hear, in the order in which they were taken. */
  news(): Task[] {
    return this.#sql.news.all().map(taskOf);
  }

  /** How many tasks wait. */
  waiting(): number {
    return parseStored(z.object({ n: z.int() }), this.#sql.waiting.get(), "the spool of orders").n;
  }

  /** Notes the outcome that the cloud knows. The person is forgotten once there is nothing more to do. */
  setReported({ ref, box, number, kind, orderedAt }: Task, outcome: ReportedOutcome | null): void {
    this.#sql.report.run(outcome === null ? null : JSON.stringify(outcome), ref, box, number, kind, orderedAt);
    if (this.#sql.close.run(ref, box).changes > 0) this.#emptyLog();
  }

  /**
   * Ends older orders that wait for the same person at the box: the last order has been done, and an older one must not
   * overwrite it later. A task without an order is left to a person.
   */
  overtake({ ref, box, subject: { person }, orderedAt }: Task): void {
    this.#sql.overtake.run(box, person, orderedAt, ref);
  }

  /** Notes why an order given after a removal waits while the removal waits. */
  holdBack({ ref, box }: Task, reason: string): void {
    this.#sql.holdBack.run(`The person must be removed from the box first. ${reason}`, ref, box);
  }

  /** Ends waiting orders for a removed person that were given before the removal. */
  failFor({ box, subject: { person }, orderedAt }: Task): void {
    this.#sql.failFor.run(box, person, orderedAt);
  }

  /** Forgets an action or a removal. */
  drop(ref: string): void {
    if (this.#sql.drop.run(ref).changes > 0) this.#emptyLog();
  }

  /** The actions with waiting tasks. An erasure of them must also remove these. */
  waitingActions(): string[] {
    const row = z.object({ ref: z.string() });
    return this.#sql.waitingActions.all().map((one) => parseStored(row, one, "the spool of orders").ref);
  }

  /**
   * Ends tasks that waited for 7 days at boxes that are no longer configured, forgets the people of tasks that are
   * over, and removes old tasks. Returns how many tasks it removed.
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

  /** Forgotten data must not stay in the write-ahead log. */
  #emptyLog(): void {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}
