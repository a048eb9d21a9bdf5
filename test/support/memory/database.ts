import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrate, Reader, Writer } from "@gatepost/sqlite";
import { TestRunner } from "vitest";
import { addFunctions } from "../../../packages/embedded/src/db/functions.ts";
import { schema } from "../../../packages/embedded/src/db/schema.ts";

/** The tables of an empty store: making them takes longer than most tests. */
let empty: Uint8Array | undefined;

/** The databases that no test uses. */
const free: MemoryDatabase[] = [];

/** An empty store in memory. If a test opens it, it is emptied for another test once that one has ended. */
export function memoryDatabase(): DatabaseSync {
  const database = free.pop() ?? new MemoryDatabase();
  database.exec("BEGIN");
  TestRunner.getCurrentTest()?.context.onTestFinished(() => {
    database.exec("ROLLBACK");
    free.push(database);
  });
  return database;
}

/** Keeps its statements for the next test. */
class MemoryDatabase extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  constructor() {
    super(":memory:", { enableForeignKeyConstraints: true });
    addFunctions(this);
    if (empty === undefined) migrate(this, schema, { file: "a database", program: "Gatepost", wayOut: "" });
    else this.deserialize(empty);
    empty ??= this.serialize();
  }

  override prepare(sql: string): StatementSync {
    const prepared = this.#statements.get(sql) ?? super.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  /** It has no log that could be emptied. */
  override exec(sql: string): void {
    if (!sql.startsWith("PRAGMA wal_checkpoint")) super.exec(sql);
  }
}

/** Writes at once, since nothing is to become durable. */
export class MemoryWriter extends Writer {
  readonly #begin: StatementSync;
  readonly #undo: StatementSync;
  readonly #end: StatementSync;
  #isWriting = false;

  constructor(database: DatabaseSync) {
    super(database);
    this.#begin = database.prepare("SAVEPOINT writing");
    this.#undo = database.prepare("ROLLBACK TO writing");
    this.#end = database.prepare("RELEASE writing");
  }

  override async run<T>(work: () => T): Promise<T> {
    while (this.#isWriting) await null;
    this.#isWriting = true;
    this.#begin.run();
    try {
      return work();
    } catch (error) {
      this.#undo.run();
      throw error;
    } finally {
      this.#end.run();
      this.#isWriting = false;
    }
  }

  override runInSteps(step: () => boolean): Promise<void> {
    return this.run(() => {
      while (step());
    });
  }
}

/** Reads over the connection that writes: another one would not see a database in memory. */
export class MemoryReader extends Reader {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super(":memory:");
    this.#database = database;
  }

  override async all(...[sql, values]: Parameters<Reader["all"]>): Promise<Record<string, unknown>[]> {
    return this.#database.prepare(sql).all(...values);
  }
}
