import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Wal } from "./wal.ts";

export interface Around {
  /** Called before each transaction. Throws where the file cannot be trusted any more. */
  before?(): void;
  /** Called after a transaction failed, to undo what its work changed outside of the database. */
  afterRollback?(): void;
  /** Where it is given, what was committed is made durable by it; else by SQLite. */
  wal?: Wal;
  /** Runs `work` while nobody of this process reads over another connection. */
  quietly?<T>(work: () => Promise<T>): Promise<T>;
  /** Called where the log could not be copied; nothing is lost, and it is copied again later. */
  onCopyFailure?(error: unknown): void;
}

/** Transactions of a database, one after the other. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #around: Around;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #changes: StatementSync;

  constructor(database: DatabaseSync, around: Around) {
    this.#database = database;
    this.#around = around;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#end = database.prepare("COMMIT");
    this.#changes = database.prepare("SELECT total_changes() AS n");
  }

  /** Begins one. Returns what `close` needs to see whether it has changed anything. */
  open(): number {
    const { before, wal } = this.#around;
    before?.();
    wal?.mend();
    const changed = this.#changed();
    this.#begin.run();
    return changed;
  }

  /** Commits it. */
  close(changed: number): void {
    const { wal } = this.#around;
    this.#end.run();
    if (this.#changed() !== changed) wal?.noteChange();
  }

  /** Takes back what it has done so far. */
  undo(): void {
    // Some failures, a full disk among them, end the transaction by themselves.
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    this.#around.afterRollback?.();
  }

  #changed(): number {
    return Number(this.#changes.get()?.["n"]);
  }
}
