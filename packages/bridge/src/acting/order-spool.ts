import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parseStored, registeredTypes, storedJson } from "@gatepost/protocol";
import { migrate } from "@gatepost/sqlite";
import * as z from "zod";
import { type Order, type Outcome, type Task, type TaskState, taskKinds, taskStates } from "./task.ts";

/** One step for each version of the schema. A released step is never changed. Times are ms since 1970. */
const migrations: readonly string[] = [
  `
  -- What is to be done at boxes: of each action and box the last order.
  CREATE TABLE tasks (
    ref TEXT NOT NULL,
    box TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Whom it is about, as JSON; '{}' once nothing more is to be done.
    subject TEXT NOT NULL,
    since INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    -- Since when the box may have been changed by an order that is not undone.
    changed_at INTEGER,
    reported TEXT,
    PRIMARY KEY (ref, box)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tasks_due ON tasks (box, due_at) WHERE state = 'waiting';

  CREATE TABLE facts (made_at INTEGER NOT NULL) STRICT;
  `,
];

const subject = z.object({
  person: z.string().default(""),
  name: z.string().nullable().default(null),
  type: z.enum(registeredTypes).nullable().default(null),
  group: z.string().nullable().default(null),
});
const outcome = z.object({ state: z.enum(["done", "failed"]), reason: z.string().nullable() });

const taskRow = z
  .object({
    ref: z.string(),
    box: z.string(),
    number: z.int(),
    kind: z.enum(taskKinds),
    subject: z.pipe(storedJson(z.unknown()), subject),
    since: z.int(),
    state: z.enum(taskStates),
    reason: z.string().nullable(),
    tries: z.int(),
    taken_at: z.int(),
    changed_at: z.int().nullable(),
    reported: z.nullable(storedJson(outcome)),
  })
  .transform(({ taken_at: takenAt, changed_at: changedAt, ...task }): Task => ({ ...task, takenAt, changedAt }));

const dayMs = 24 * 60 * 60_000;
/** ms for which a task is remembered that has ended, so that an undo finds it. */
const rememberedMs = 30 * dayMs;

/**
 * What is to be done at boxes, on disk before anything is done, and until the cloud knows how it ended. One process has the
 * file, which the lock of the folder sees to; each change is durable when its call returns.
 */
export class OrderSpool {
  /** When this spool was made, ms: what was ordered before it may be unknown here. */
  readonly madeAt: number;
  readonly #database: DatabaseSync;
  readonly #clock: () => number;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #next: StatementSync;
  readonly #set: StatementSync;
  readonly #setChanged: StatementSync;
  readonly #all: StatementSync;
  readonly #report: StatementSync;
  readonly #close: StatementSync;
  readonly #drop: StatementSync;
  readonly #failFor: StatementSync;
  readonly #prune: StatementSync;

  constructor(file: string, clock: () => number) {
    closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file);
    // What is erased is overwritten in the file, too.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    migrate(database, migrations, { file: "the spool of orders", program: "bridge" });
    this.#database = database;
    this.#clock = clock;
    this.madeAt = madeAt(database, clock());
    this.#get = database.prepare("SELECT * FROM tasks WHERE ref = ? AND box = ?");
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO tasks (ref, box, number, kind, subject, since, state, due_at, taken_at, changed_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7, ?8)`,
    );
    this.#next = database.prepare(
      "SELECT *, due_at FROM tasks WHERE box = ? AND state = 'waiting' ORDER BY due_at, taken_at LIMIT 1",
    );
    this.#set = database.prepare(
      "UPDATE tasks SET state = ?, reason = ?, tries = tries + 1, due_at = ? WHERE ref = ? AND box = ? AND number = ? AND kind = ?",
    );
    this.#setChanged = database.prepare("UPDATE tasks SET changed_at = ? WHERE ref = ? AND box = ?");
    this.#all = database.prepare("SELECT * FROM tasks ORDER BY taken_at, ref, box");
    this.#report = database.prepare(
      "UPDATE tasks SET reported = ? WHERE ref = ? AND box = ? AND number = ? AND kind = ?",
    );
    this.#close = database.prepare(
      "UPDATE tasks SET subject = '{}' WHERE ref = ? AND box = ? AND state <> 'waiting' AND reported IS NOT NULL AND subject <> '{}'",
    );
    this.#drop = database.prepare("DELETE FROM tasks WHERE ref = ?");
    this.#failFor = database.prepare(
      `UPDATE tasks SET state = 'failed', reason = 'The person was erased.'
       WHERE box = ? AND state = 'waiting' AND subject ->> '$.person' = ?`,
    );
    this.#prune = database.prepare("DELETE FROM tasks WHERE state <> 'waiting' AND taken_at < ?");
  }

  /**
   * Takes an order, unless it or a newer one is there. One that has ended and that the cloud asks for again is reported
   * again: the cloud has lost what was said.
   */
  take({ ref, box, number, kind, subject, since }: Order): boolean {
    const held = this.find(ref, box);
    if (held !== null && held.number >= number && (held.number > number || held.kind === kind)) {
      if (held.number === number && held.state !== "waiting") this.setReported(held, null);
      return false;
    }
    this.#put.run(ref, box, number, kind, JSON.stringify(subject), since, this.#clock(), held?.changedAt ?? null);
    return true;
  }

  find(ref: string, box: string): Task | null {
    const row = this.#get.get(ref, box);
    return row === undefined ? null : taskOf(row);
  }

  /** The task of a box that is due first, and when; null where nothing waits. */
  next(box: string): { task: Task; dueAt: number } | null {
    const row = this.#next.get(box);
    if (row === undefined) return null;
    return { task: taskOf(row), dueAt: parseStored(z.object({ due_at: z.int() }), row, `task ${row["ref"]}`).due_at };
  }

  /** Notes how a try ended, unless another order came meanwhile. @param dueAt when it is tried again, ms */
  note({ ref, box, number, kind }: Task, state: TaskState, reason: string | null, dueAt = 0): void {
    this.#set.run(state, reason, dueAt, ref, box, number, kind);
  }

  /** Notes that the box is about to be changed, or (null) that it is as it was. */
  setChanged({ ref, box }: Task, at: number | null): void {
    this.#setChanged.run(at, ref, box);
  }

  /** All tasks, the one that was taken first at the front. */
  all(): Task[] {
    return this.#all.all().map(taskOf);
  }

  /** Notes what the cloud has. Whom it was about is forgotten once nothing more is to be done. */
  setReported({ ref, box, number, kind }: Task, outcome: Outcome | null): void {
    this.#report.run(outcome === null ? null : JSON.stringify(outcome), ref, box, number, kind);
    if (this.#close.run(ref, box).changes > 0) this.#emptyLog();
  }

  /** Ends what waits for a person who was erased. */
  failFor(person: string, box: string): void {
    this.#failFor.run(box, person);
  }

  /** Forgets an action or a removal. */
  drop(ref: string): void {
    if (this.#drop.run(ref).changes > 0) this.#emptyLog();
  }

  prune(): void {
    this.#prune.run(this.#clock() - rememberedMs);
  }

  close(): void {
    this.#database.close();
  }

  /** What was forgotten must not stay in the log beside the file. */
  #emptyLog(): void {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}

function madeAt(database: DatabaseSync, now: number): number {
  database.prepare("INSERT INTO facts SELECT ? WHERE NOT EXISTS (SELECT 1 FROM facts)").run(now);
  const row = z.object({ made_at: z.int() });
  return parseStored(row, database.prepare("SELECT made_at FROM facts").get(), "the spool of orders").made_at;
}

function taskOf(row: Record<string, unknown>): Task {
  return parseStored(taskRow, row, `task ${row["ref"]} at ${row["box"]}`);
}
