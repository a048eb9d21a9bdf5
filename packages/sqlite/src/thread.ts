import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * A thread that answers one question after the other. It is started when it is needed, and again if it has ended. When
 * it is sent `close`, it must close its files and its port.
 */
export class Thread<Question, Answer> {
  readonly #file: URL;
  readonly #data: string;
  #worker: Worker | null = null;

  /** @param data its `workerData` */
  constructor(file: URL, data: string) {
    this.#file = file;
    this.#data = data;
  }

  /** Call it again only once this has settled. Rejects if the thread ends before it has answered. */
  async ask(question: Question): Promise<Answer> {
    const worker = this.#started();
    // Keeps the process from ending while it waits for an answer.
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
    // Nothing else may keep the process alive by now, and it must not end before the thread has closed its files.
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
