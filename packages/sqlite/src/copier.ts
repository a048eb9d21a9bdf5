import { Thread } from "./thread.ts";

/** Copies the log of a database into it, in a thread that is started when it is needed. */
export class Copier {
  readonly #thread: Thread<"copy", unknown>;

  constructor(path: string) {
    this.#thread = new Thread(new URL("./copier-thread.ts", import.meta.url), path);
  }

  /** Throws if the disk fails. Pages that other programs are reading are left for the next time. */
  async copy(): Promise<void> {
    const failure = await this.#thread.ask("copy").catch((error: unknown) => error);
    if (failure !== null) throw new Error("the log could not be copied into the database", { cause: failure });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
