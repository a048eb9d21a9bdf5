/** A log: one line for each message with its data. It never contains a key, a path, a name or a picture. */
export interface Log {
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

/** Logs an error once for each name: a broken row is read again and again. */
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
