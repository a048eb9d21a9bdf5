import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Around, Transactions } from "./transactions.ts";
import type { Wal } from "./wal.ts";

interface Job {
  work(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A job that takes several turns: until its work returns false. */
interface Steps extends Job {
  work(): boolean;
}

/** A job whose transaction was committed. */
interface Committed extends Job {
  result: unknown;
}

/** How many jobs share one transaction at most: more would keep everything else waiting. */
const maxJobs = 64;
/** ms after which a transaction takes no further job, as where each has pages to read that are not in memory. */
const maxMs = 50;

/**
 * Runs all writes of the database. Those that arrive together share one transaction, and transactions that are committed
 * while the disk is synced share the next sync; a promise resolves only once its transaction is durable.
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
   * Runs `work`, which must be synchronous, in a transaction. Rejects where it throws or nothing could be made durable.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: (result) => resolve(result as T), reject });
      this.#schedule();
    });
  }

  /**
   * Runs `step`, which must be synchronous, in a transaction of its own, once in each turn until it returns false. Other
   * writes wait until then; whatever else the process does has its turns between. Rejects where a step throws or nothing
   * could be made durable; nothing of it is written then.
   */
  runInSteps(step: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#steps.push({ work: step, resolve: () => resolve(), reject });
      this.#schedule();
    });
  }

  /**
   * Runs `work` on the database outside of a transaction, while its log is neither being copied nor read. It was copied
   * right before: so who empties it has little left to do, and the process does not stand still for that. Rejects where
   * what a failed sync has left of the log cannot be made durable.
   */
  async alone<T>(work: () => T): Promise<T> {
    const { wal, quietly = (done: () => Promise<T>) => done() } = this.#around;
    return quietly(async () => {
      if (wal !== undefined) await this.#copyOnce(wal);
      while (this.#copying !== null || this.#stepping !== null) await (this.#copying ?? this.#stepping);
      wal?.mend();
      return work();
    });
  }

  /** Resolves when nothing is waiting any more. */
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
      // None of them is to blame, and one by one they would fail again: each after the same wait.
      for (const { reject } of jobs) reject(error);
      return;
    }
    try {
      const done = this.#work(jobs, changed);
      this.#waiting.unshift(...jobs.slice(done.length));
      this.#settle(done);
    } catch (error) {
      if (jobs.length === 1) jobs[0]?.reject(error);
      // One that fails must not take its neighbours along.
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

  /** Does as many as there is time for, in the transaction that is open. */
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
    this.#syncing ??= this.#sync(wal).finally(() => {
      this.#syncing = null;
    });
    if (wal.isLong) void this.#copyOnce(wal);
  }

  #copyOnce(wal: Wal): Promise<void> {
    this.#copying ??= this.#copy(wal).finally(() => {
      this.#copying = null;
    });
    return this.#copying;
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
      await this.#stepping;
      this.#isPaused = true;
      await wal.copy();
    } catch (error) {
      this.#around.onCopyFailure?.(error);
    }
    // Steps that are under way keep the others waiting until they end.
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
