import type { Log } from "@gatepost/ingest";

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

/** Logs jobs that cannot be read. */
export function unreadableJobs(log: Log): LogOnce {
  return new LogOnce(log, "a job cannot be read, and counts as none");
}

/** Logs what boxes said of themselves that cannot be read. */
export function unreadableStatuses(log: Log): LogOnce {
  return new LogOnce(log, "the last status of a box cannot be read, and counts as missing");
}
