import type { DatabaseSync } from "node:sqlite";

interface Job {
  work(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Jobs of one transaction at most. */
const most = 128;

/** Runs writes. Those that come together share one transaction and one sync of the disk; a promise resolves once it is durable. */
export class Commits {
  readonly #database: DatabaseSync;
  readonly #afterRollback: () => void;
  #waiting: Job[] = [];

  /** @param afterRollback puts right what the work had changed outside of the database */
  constructor(database: DatabaseSync, afterRollback: () => void) {
    this.#database = database;
    this.#afterRollback = afterRollback;
  }

  /** Rejects where `work`, which must be synchronous, throws or nothing could be made durable. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: (result) => resolve(result as T), reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#next());
    });
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise(setImmediate);
  }

  #next(): void {
    const jobs = this.#waiting.splice(0, most);
    this.#commit(jobs);
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #commit(jobs: readonly Job[]): void {
    try {
      const results = this.#transaction(jobs);
      for (const [index, job] of jobs.entries()) job.resolve(results[index]);
    } catch (error) {
      if (jobs.length === 1) jobs[0]?.reject(error);
      // One that fails must not take its neighbours along.
      else for (const job of jobs) this.#commit([job]);
    }
  }

  #transaction(jobs: readonly Job[]): unknown[] {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const results = jobs.map((job) => job.work());
      this.#database.exec("COMMIT");
      return results;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#afterRollback();
      throw error;
    }
  }
}
