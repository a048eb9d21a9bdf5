import type { SQLInputValue } from "node:sqlite";
import { Thread } from "./thread.ts";

/** A query for the thread, and its answer. */
export interface Query {
  sql: string;
  values: readonly SQLInputValue[];
}
export type QueryResult = { rows: Record<string, unknown>[] } | { error: unknown };

/** Most queries that may wait: each may take seconds, and its client may be gone by then. */
const maxWaiting = 32;

/**
 * Reads a database in a thread, over a separate connection: for queries that may take seconds if the file is not in
 * memory. It sees everything committed before the query, even if that is not durable yet.
 */
export class Reader {
  readonly #thread: Thread<Query, QueryResult>;
  readonly #refusal: () => Error;
  readonly #queries: (() => Promise<void>)[] = [];
  readonly #first: (() => Promise<void>)[] = [];
  #isBusy = false;

  /** @param refusal makes the error of a query if too many wait */
  constructor(path: string, refusal = () => new Error("too many queries wait for the database")) {
    this.#thread = new Thread(new URL("./reader-thread.ts", import.meta.url), path);
    this.#refusal = refusal;
  }

  /** All rows of a query. Queries are read one after the other. Rejects if too many wait. */
  all(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    if (this.#queries.length >= maxWaiting) return Promise.reject(this.#refusal());
    return this.#inTurn(this.#queries, () => this.#read({ sql, values }));
  }

  /** The same for queries of the program itself: they are read before those that wait, and never refused. */
  allFirst(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    return this.#inTurn(this.#first, () => this.#read({ sql, values }));
  }

  /** Runs `work` while no query is being read, and before those that wait. */
  quietly<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(this.#first, work);
  }

  /** Closes once all queries are done, waiting ones included. */
  async close(): Promise<void> {
    await this.#inTurn(this.#queries, () => this.#thread.close());
  }

  #inTurn<T>(waiting: (() => Promise<void>)[], work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      waiting.push(() => work().then(resolve, reject));
      this.#goOn();
    });
  }

  #goOn(): void {
    const next = this.#isBusy ? undefined : (this.#first.shift() ?? this.#queries.shift());
    if (next === undefined) return;
    this.#isBusy = true;
    void next().finally(() => {
      this.#isBusy = false;
      this.#goOn();
    });
  }

  async #read(query: Query): Promise<Record<string, unknown>[]> {
    const answer = await this.#thread.ask(query).catch((error: unknown): QueryResult => ({ error }));
    if ("rows" in answer) return answer.rows;
    throw new Error("the database could not be read", { cause: answer.error });
  }
}
