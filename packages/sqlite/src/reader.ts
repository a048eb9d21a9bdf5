import type { SQLInputValue } from "node:sqlite";
import { Thread } from "./thread.ts";

/** What the thread is asked, and what it answers. */
export interface Query {
  sql: string;
  values: readonly SQLInputValue[];
}
export type Answer = { rows: Record<string, unknown>[] } | { error: unknown };

/** Queries that may wait at most: each may take seconds, and who has asked may have gone. */
const maxWaiting = 32;

/**
 * Reads a database in a thread, over a connection of its own: for queries that may take seconds where the file is not in
 * memory. It sees what was committed before it was asked, also where that is not durable yet.
 */
export class Reader {
  readonly #thread: Thread<Query, Answer>;
  readonly #refusal: () => Error;
  readonly #queries: (() => Promise<void>)[] = [];
  readonly #first: (() => Promise<void>)[] = [];
  #isBusy = false;

  /** @param refusal what they are refused with where too many queries wait */
  constructor(path: string, refusal = () => new Error("too many queries wait for the database")) {
    this.#thread = new Thread(new URL("./reader-thread.ts", import.meta.url), path);
    this.#refusal = refusal;
  }

  /** All rows of a query. Queries are read one after the other; rejects where too many wait. */
  all(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    if (this.#queries.length >= maxWaiting) return Promise.reject(this.#refusal());
    return this.#inTurn(this.#queries, () => this.#read({ sql, values }));
  }

  /** The same for the program itself: before what waits, and never refused. */
  allFirst(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    return this.#inTurn(this.#first, () => this.#read({ sql, values }));
  }

  /** Does something while nothing is read here, and before what waits to be read. */
  quietly<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(this.#first, work);
  }

  /** Once what is being read, and all that waits, is done. */
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
    const answer = await this.#thread.ask(query).catch((error: unknown): Answer => ({ error }));
    if ("rows" in answer) return answer.rows;
    throw new Error("the database could not be read", { cause: answer.error });
  }
}
