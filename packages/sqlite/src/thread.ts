import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * A thread that answers one question after the other. It is there once it is needed, and again where it has ended. It
 * has to close what it has open, and its port, when it is sent `close`.
 */
export class Thread<Question, Answer> {
  readonly #file: URL;
  readonly #data: string;
  #worker: Worker | null = null;

  /** @param data what it finds as `workerData` */
  constructor(file: URL, data: string) {
    this.#file = file;
    this.#data = data;
  }

  /** To be called again once this has settled. Rejects where the thread ends before it has answered. */
  async ask(question: Question): Promise<Answer> {
    const worker = this.#started();
    // A process that waits for an answer does not end.
    worker.ref();
    const settled = new AbortController();
    const { signal } = settled;
    const ended = once(worker, "exit", { signal }).then(() => Promise.reject(new Error("the thread has ended")));
    worker.postMessage(question);
    try {
      const [answer] = await Promise.race([once(worker, "message", { signal }), ended]);
      return answer;
    } finally {
      ended.catch(() => undefined);
      settled.abort();
      worker.unref();
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    // Nothing else may keep the process alive by now: it must not end before the thread has closed what it has open.
    worker.ref();
    const ended = once(worker, "exit");
    worker.postMessage("close");
    await ended;
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#file, { workerData: this.#data });
    worker.once("exit", () => {
      this.#worker = null;
    });
    this.#worker = worker;
    return worker;
  }
}
