import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Around, Transactions } from "./transactions.ts";
import type { Wal } from "./wal.ts";

interface Job {
  work(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A job of several turns. It continues until its work returns false. */
interface Steps extends Job {
  work(): boolean;
}

/** A job whose transaction was committed. */
interface Committed extends Job {
  result: unknown;
}

/** Most jobs that share one transaction: more would keep everything else waiting. */
const maxJobs = 128;
/** ms after which a transaction takes no further job. It may take long if pages must be read from the disk. */
const maxMs = 50;

/**
 * Runs all writes of the database. Writes that arrive together share one transaction, and transactions that are
 * committed during a sync share the next sync. A promise resolves only once its transaction is durable.
 */
export class Writer {
  readonly #around: Around;
  readonly #transactions: Transactions;
  #waiting: Job[] = [];
  readonly #steps: Steps[] = [];
  #committed: Committed[] = [];
  #isScheduled = false;
  #isPaused = false;
  #syncing: Promise<void> | null = null;
  #copying: Promise<void> | null = null;
  #stepping: Promise<void> | null = null;

  constructor(database: DatabaseSync, around: Around = {}) {
    this.#around = around;
    this.#transactions = new Transactions(database, around);
  }

  /**
   * Runs `work`, which must be synchronous, in a transaction. Rejects if it throws, or the transaction cannot be made
   * durable.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: (result) => resolve(result as T), reject });
      this.#schedule();
    });
  }

  /**
   * Runs `step`, which must be synchronous, once in each turn until it returns false, in one separate transaction.
   * Other writes wait until then; the rest of the process has its turns between. Rejects if a step throws, or the
   * transaction cannot be made durable; then nothing of it is written.
   */
  runInSteps(step: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#steps.push({ work: step, resolve: () => resolve(), reject });
      this.#schedule();
    });
  }

  /**
   * Runs `work` on the database outside a transaction, while its log is neither copied nor read. A log of more than
   * some pages is copied right before: so `work` can empty it quickly, and does not block the process for long. Rejects
   * if the rest of a failed sync cannot be made durable, or the disk has no room for the log.
   */
  async alone<T>(work: () => T): Promise<T> {
    const { wal, quietly = (done: () => Promise<T>) => done() } = this.#around;
    return quietly(async () => {
      if (wal?.isWorthThread) await this.#copyOnce(wal);
      while (this.#copying !== null || this.#stepping !== null) await (this.#copying ?? this.#stepping);
      wal?.prepareCopy();
      return work();
    });
  }

  /** Throws NoRoomToCopy if the log could not be emptied now. */
  requireRoomToCopy(): void {
    this.#around.wal?.requireRoom();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#isWaitedFor || this.#syncing !== null || this.#copying !== null || this.#stepping !== null) {
      await (this.#copying ?? this.#syncing ?? this.#stepping ?? nextTurn());
    }
  }

  get #isWaitedFor(): boolean {
    return this.#waiting.length > 0 || this.#steps.length > 0;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isPaused) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#isPaused) return;
      const steps = this.#steps.shift();
      if (steps === undefined) this.#commit(this.#waiting.splice(0, maxJobs));
      else {
        this.#stepping = this.#takeSteps(steps).finally(() => {
          this.#stepping = null;
        });
      }
      if (this.#isWaitedFor) this.#schedule();
    });
  }

  #commit(jobs: Job[]): void {
    let changed: number;
    try {
      changed = this.#transactions.open();
    } catch (error) {
      // None of them is the cause, and one by one each would fail again after the same wait.
      for (const { reject } of jobs) reject(error);
      return;
    }
    try {
      const done = this.#work(jobs, changed);
      this.#waiting.unshift(...jobs.slice(done.length));
      this.#settle(done);
    } catch (error) {
      if (jobs.length === 1) jobs[0]?.reject(error);
      // A failing job must not make the others fail.
      else for (const job of jobs) this.#commit([job]);
    }
  }

  async #takeSteps(steps: Steps): Promise<void> {
    this.#isPaused = true;
    try {
      await this.#transactionOver(steps);
      this.#settle([{ ...steps, result: null }]);
    } catch (error) {
      steps.reject(error);
    }
    this.#goOn();
  }

  async #transactionOver(steps: Steps): Promise<void> {
    const changed = this.#transactions.open();
    try {
      while (steps.work()) await nextTurn();
      this.#transactions.close(changed);
    } catch (error) {
      this.#transactions.undo();
      throw error;
    }
  }

  /** Runs as many jobs as there is time for, in the open transaction. */
  #work(jobs: readonly Job[], changed: number): Committed[] {
    try {
      const done: Committed[] = [];
      const until = performance.now() + maxMs;
      for (const job of jobs) {
        done.push({ ...job, result: job.work() });
        if (performance.now() > until) break;
      }
      this.#transactions.close(changed);
      return done;
    } catch (error) {
      this.#transactions.undo();
      throw error;
    }
  }

  #settle(committed: Committed[]): void {
    const { wal } = this.#around;
    if (wal === undefined) {
      resolveAll(committed);
      return;
    }
    this.#committed.push(...committed);
    this.#syncing ??= this.#sync(wal);
    if (wal.isLong) void this.#copyOnce(wal);
  }

  #copyOnce(wal: Wal): Promise<void> {
    this.#copying ??= this.#copy(wal).finally(() => {
      this.#copying = null;
    });
    return this.#copying;
  }

  /** Syncs until nothing waits for it. A sync does not cover commits made during it. */
  async #sync(wal: Wal): Promise<void> {
    // Without data to sync, it would end within the call, and count as under way from then on.
    await null;
    while (this.#committed.length > 0) {
      const committed = this.#committed;
      this.#committed = [];
      try {
        // A transaction that wrote nothing may have read the writes of another one.
        if (wal.isBehind) await wal.sync();
        resolveAll(committed);
      } catch (error) {
        for (const { reject } of committed) reject(error);
      }
    }
    // In the same turn in which nothing waits: a later job begins another one.
    this.#syncing = null;
  }

  /**
   * Copies the log during other writes, and then stops these to copy the little that they wrote: so the log begins
   * again.
   */
  async #copy(wal: Wal): Promise<void> {
    try {
      await wal.copy();
      await this.#stepping;
      this.#isPaused = true;
      await wal.copy();
    } catch (error) {
      this.#around.onCopyFailure?.(error);
    }
    // Steps in progress keep the others waiting until they end.
    if (this.#stepping === null) this.#goOn();
  }

  #goOn(): void {
    this.#isPaused = false;
    if (this.#isWaitedFor) this.#schedule();
  }
}

function resolveAll(committed: readonly Committed[]): void {
  for (const { resolve, result } of committed) resolve(result);
}
