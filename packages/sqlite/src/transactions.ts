import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Wal } from "./wal.ts";

export interface Around {
  /** Called before each transaction. Throws if the file is no longer the right one. */
  before?(): void;
  /** Called after a failed transaction, to undo changes of its work outside the database. */
  afterRollback?(): void;
  /** Makes commits durable, if given; else SQLite does. */
  wal?: Wal;
  /** Runs `work` while nothing in this process reads over another connection. */
  quietly?<T>(work: () => Promise<T>): Promise<T>;
  /** Called if the log could not be copied. Nothing is lost, and it is copied later. */
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

  /** Begins a transaction. Returns a number by which `close` sees whether it has changed anything. */
  open(): number {
    const { before, wal } = this.#around;
    before?.();
    wal?.mend();
    const changed = this.#changed();
    this.#begin.run();
    return changed;
  }

  /** Commits the transaction. */
  close(changed: number): void {
    const { wal } = this.#around;
    this.#end.run();
    if (this.#changed() !== changed) wal?.noteChange();
  }

  /** Rolls back the transaction. */
  undo(): void {
    // Some failures, for example a full disk, end the transaction by themselves.
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    this.#around.afterRollback?.();
  }

  #changed(): number {
    return Number(this.#changes.get()?.["n"]);
  }
}
