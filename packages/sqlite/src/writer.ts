import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Wal } from "./wal.ts";

interface Job {
  work(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A job whose transaction was committed. */
interface Committed extends Job {
  result: unknown;
}

/** How many jobs share one transaction at most: more would keep everything else waiting. */
const maxJobs = 64;

export interface Around {
  /** Called before each transaction. Throws where the file cannot be trusted any more. */
  before?(): void;
  /** Called after a transaction failed, to undo what its work changed outside of the database. */
  afterRollback?(): void;
  /** Where it is given, what was committed is made durable by it; else by SQLite. */
  wal?: Wal;
  /** Called where the log could not be copied; nothing is lost, and it is copied again later. */
  onCopyFailure?(error: unknown): void;
}

/**
 * Runs all writes of the database. Those that arrive together share one transaction, and transactions that are committed
 * while the disk is synced share the next sync; a promise resolves only once its transaction is durable.
 */
export class Writer {
  readonly #database: DatabaseSync;
  readonly #around: Around;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #changes: StatementSync;
  #waiting: Job[] = [];
  #committed: Committed[] = [];
  #isScheduled = false;
  #isPaused = false;
  #syncing: Promise<void> | null = null;
  #copying: Promise<void> | null = null;

  constructor(database: DatabaseSync, around: Around = {}) {
    this.#database = database;
    this.#around = around;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#end = database.prepare("COMMIT");
    this.#changes = database.prepare("SELECT total_changes() AS n");
  }

  /**
   * Runs `work`, which must be synchronous, in a transaction. Rejects where it throws or nothing could be made durable.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: (result) => resolve(result as T), reject });
      this.#schedule();
    });
  }

  /** Runs `work` on the database outside of a transaction, while its log is not being copied. */
  async alone<T>(work: () => T): Promise<T> {
    while (this.#copying !== null) await this.#copying;
    return work();
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#syncing !== null || this.#copying !== null) {
      await (this.#copying ?? this.#syncing ?? new Promise(setImmediate));
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isPaused) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#isPaused) return;
      this.#commit(this.#waiting.splice(0, maxJobs));
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commit(jobs: Job[]): void {
    try {
      const results = this.#transaction(jobs);
      this.#settle(jobs.map((job, index) => ({ ...job, result: results[index] })));
    } catch (error) {
      if (jobs.length === 1) jobs[0]?.reject(error);
      // One that fails must not take its neighbours along.
      else for (const job of jobs) this.#commit([job]);
    }
  }

  #transaction(jobs: Job[]): unknown[] {
    const { before, wal, afterRollback } = this.#around;
    before?.();
    wal?.mend();
    const changed = this.#changed();
    this.#begin.run();
    try {
      const results = jobs.map((job) => job.work());
      this.#end.run();
      if (this.#changed() !== changed) wal?.noteChange();
      return results;
    } catch (error) {
      // Some failures, a full disk among them, end the transaction by themselves.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      afterRollback?.();
      throw error;
    }
  }

  #changed(): number {
    return Number(this.#changes.get()?.["n"]);
  }

  #settle(committed: Committed[]): void {
    const { wal } = this.#around;
    if (wal === undefined) {
      resolveAll(committed);
      return;
    }
    this.#committed.push(...committed);
    this.#syncing ??= this.#sync(wal).finally(() => {
      this.#syncing = null;
    });
    if (wal.isLong) {
      this.#copying ??= this.#copy(wal).finally(() => {
        this.#copying = null;
      });
    }
  }

  /** Syncs until nothing waits for it. What is committed during a sync is not part of it. */
  async #sync(wal: Wal): Promise<void> {
    while (this.#committed.length > 0) {
      const committed = this.#committed;
      this.#committed = [];
      try {
        // A transaction that wrote nothing may have read what another one wrote.
        if (wal.isBehind) await wal.sync();
        resolveAll(committed);
      } catch (error) {
        for (const { reject } of committed) reject(error);
      }
    }
  }

  /** Copies the log while others write, and then, while they wait, the little that they wrote: so it begins anew. */
  async #copy(wal: Wal): Promise<void> {
    try {
      await wal.copy();
      this.#isPaused = true;
      await wal.copy();
    } catch (error) {
      this.#around.onCopyFailure?.(error);
    }
    this.#isPaused = false;
    if (this.#waiting.length > 0) this.#schedule();
  }
}

function resolveAll(committed: readonly Committed[]): void {
  for (const { resolve, result } of committed) resolve(result);
}
