import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Copies the log of a database into it, in a thread that is there once it is needed. */
export class Copier {
  readonly #path: string;
  #thread: Worker | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws where the disk fails. What other programs read at the moment is left to the next time. */
  async copy(): Promise<void> {
    const thread = this.#started();
    const settled = new AbortController();
    const { signal } = settled;
    const ended = once(thread, "exit", { signal }).then(() => [new Error("the thread has ended")]);
    thread.postMessage("copy");
    try {
      const [failure] = await Promise.race([once(thread, "message", { signal }), ended]);
      if (failure !== null) throw failure;
    } catch (cause) {
      throw new Error("the log could not be copied into the database", { cause });
    } finally {
      ended.catch(() => undefined);
      settled.abort();
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === null) return;
    // Nothing else may keep the process alive by now: it must not end before the database is closed.
    thread.ref();
    const ended = once(thread, "exit");
    thread.postMessage("close");
    await ended;
  }

  #started(): Worker {
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(new URL("./copier-thread.ts", import.meta.url), { workerData: this.#path });
    thread.unref();
    thread.once("exit", () => {
      this.#thread = null;
    });
    this.#thread = thread;
    return thread;
  }
}
