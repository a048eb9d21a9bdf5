import { once } from "node:events";
import type { SQLInputValue } from "node:sqlite";
import { Worker } from "node:worker_threads";

/** What the thread answers a query with. */
export type Answer = { rows: Record<string, unknown>[] } | { error: unknown };

/**
 * Reads a database in a thread, over a connection of its own: for queries that may take seconds where the file is not in
 * memory. It sees what was committed before it was asked, also where that is not durable yet.
 */
export class Reader {
  readonly #path: string;
  #thread: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** All rows of a query. Queries are read one after the other. */
  all(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    return this.#inTurn(() => this.#read(sql, values));
  }

  /** Does something while nothing is read here, and keeps queries waiting until it is done. */
  quietly<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  async close(): Promise<void> {
    await this.#last;
    const thread = this.#thread;
    if (thread === null) return;
    // Nothing else may keep the process alive by now: it must not end before the file is closed.
    thread.ref();
    const ended = once(thread, "exit");
    thread.postMessage("close");
    await ended;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #read(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    const thread = this.#started();
    // A process that waits for an answer does not end.
    thread.ref();
    const settled = new AbortController();
    const { signal } = settled;
    const ended = once(thread, "exit", { signal }).then(() => [{ error: new Error("the thread has ended") }]);
    thread.postMessage({ sql, values });
    try {
      const [answer] = (await Promise.race([once(thread, "message", { signal }), ended])) as [Answer];
      if ("rows" in answer) return answer.rows;
      throw new Error("the database could not be read", { cause: answer.error });
    } finally {
      ended.catch(() => undefined);
      settled.abort();
      thread.unref();
    }
  }

  #started(): Worker {
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(new URL("./reader-thread.ts", import.meta.url), { workerData: this.#path });
    thread.unref();
    thread.once("exit", () => {
      this.#thread = null;
    });
    this.#thread = thread;
    return thread;
  }
}
