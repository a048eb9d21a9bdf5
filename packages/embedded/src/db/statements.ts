import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Most prepared statements that are kept: the filters that readers use again and again. */
const maxKept = 64;

/** Prepares statements whose text depends on a filter, and keeps the ones that were used last. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #kept = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get size(): number {
    return this.#kept.size;
  }

  prepare(sql: string): StatementSync {
    const statement = this.#kept.get(sql) ?? this.#database.prepare(sql);
    this.#kept.delete(sql);
    this.#kept.set(sql, statement);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    return statement;
  }
}
