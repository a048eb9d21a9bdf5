import type { DatabaseSync } from "node:sqlite";

interface Job {
  work(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** How many jobs share one transaction at most: more would keep everything else waiting. */
const maxJobs = 256;

export interface Around {
  /** Called before each transaction. Throws where the file cannot be trusted any more. */
  before?(): void;
  /** Called after a transaction failed, to undo what its work changed outside of the database. */
  afterRollback?(): void;
}

/**
 * Runs all writes of the database. Those that arrive together share one transaction and so one sync of the disk; a
 * promise resolves only once that transaction is durable.
 */
export class Writer {
  readonly #database: DatabaseSync;
  readonly #around: Around;
  #waiting: Job[] = [];
  #isScheduled = false;

  constructor(database: DatabaseSync, around: Around = {}) {
    this.#database = database;
    this.#around = around;
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

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise(setImmediate);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#commit(this.#waiting.splice(0, maxJobs));
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commit(jobs: Job[]): void {
    try {
      const results = this.#transaction(jobs);
      for (const [index, job] of jobs.entries()) job.resolve(results[index]);
    } catch (error) {
      if (jobs.length === 1) jobs[0]?.reject(error);
      // One that fails must not take its neighbours along.
      else for (const job of jobs) this.#commit([job]);
    }
  }

  #transaction(jobs: Job[]): unknown[] {
    this.#around.before?.();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const results = jobs.map((job) => job.work());
      this.#database.exec("COMMIT");
      return results;
    } catch (error) {
      // Some failures, a full disk among them, end the transaction by themselves.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#around.afterRollback?.();
      throw error;
    }
  }
}
