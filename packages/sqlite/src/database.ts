import { DatabaseSync, type StatementSync } from "node:sqlite";
import { requireSafeSqlite } from "./version.ts";

/**
 * A database that prepares each statement when it is first used. A program names hundreds when it starts, and needs few
 * of them soon.
 */
export class Database extends DatabaseSync {
  /** Throws if the SQLite of this Node can damage it. */
  constructor(...opened: ConstructorParameters<typeof DatabaseSync>) {
    requireSafeSqlite();
    super(...opened);
  }

  override prepare(sql: string): StatementSync {
    return new LateStatement(() => super.prepare(sql));
  }
}

class LateStatement implements StatementSync {
  readonly #prepare: () => StatementSync;
  #prepared: StatementSync | null = null;

  constructor(prepare: () => StatementSync) {
    this.#prepare = prepare;
  }

  get #statement(): StatementSync {
    this.#prepared ??= this.#prepare();
    return this.#prepared;
  }

  get all(): StatementSync["all"] {
    return this.#statement.all.bind(this.#statement);
  }

  get get(): StatementSync["get"] {
    return this.#statement.get.bind(this.#statement);
  }

  get iterate(): StatementSync["iterate"] {
    return this.#statement.iterate.bind(this.#statement);
  }

  get run(): StatementSync["run"] {
    return this.#statement.run.bind(this.#statement);
  }

  get columns(): StatementSync["columns"] {
    return this.#statement.columns.bind(this.#statement);
  }

  get sourceSQL(): string {
    return this.#statement.sourceSQL;
  }

  get expandedSQL(): string {
    return this.#statement.expandedSQL;
  }

  setReturnArrays(enabled: boolean): void {
    this.#statement.setReturnArrays(enabled);
  }

  setReadBigInts(enabled: boolean): void {
    this.#statement.setReadBigInts(enabled);
  }

  setAllowBareNamedParameters(enabled: boolean): void {
    this.#statement.setAllowBareNamedParameters(enabled);
  }

  setAllowUnknownNamedParameters(enabled: boolean): void {
    this.#statement.setAllowUnknownNamedParameters(enabled);
  }
}
