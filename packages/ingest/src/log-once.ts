import type { Log } from "./ports/log.ts";

/** Logs an error once for each name: a row that is broken is read again and again. */
export class LogOnce {
  readonly #log: Log;
  readonly #message: string;
  readonly #logged = new Set<string>();

  constructor(log: Log, message: string) {
    this.#log = log;
    this.#message = message;
  }

  error(name: string, facts: Record<string, unknown>): void {
    if (this.#logged.has(name)) return;
    this.#logged.add(name);
    this.#log.error(this.#message, facts);
  }
}
