import type { Log } from "../log/log.ts";
import { keepLatest } from "./latest.ts";
import {
  type ConnectionRefusal,
  type RefusalKind,
  RefusalTrace,
  type Refused,
  type RefusedConnections,
  shorten,
} from "./refusals.ts";

/** Most addresses and reasons that are kept. */
const maxConnections = 200;

/** Records refused requests and, where a process accepts connections itself, those that were refused before a request. */
export class ConnectionTrace extends RefusalTrace {
  readonly #now: () => number;
  /** By reason and address, the latest last. */
  readonly #connections = new Map<string, RefusedConnections>();

  /** @param onNote is called for each refusal, to count it */
  constructor(log: Log, clock: () => number, onNote?: (kind: RefusalKind) => void) {
    super(log, clock, onNote);
    this.#now = clock;
  }

  /** The 200 addresses and reasons of the last refused connections, the newest first. */
  get connections(): readonly RefusedConnections[] {
    return [...this.#connections.values()].reverse();
  }

  /** Notes a connection that was refused before it had a complete request. */
  noteConnection(reason: ConnectionRefusal, refused: Refused): void {
    this.note(reason, refused);
    const from = shorten(refused.address);
    const name = `${reason} ${from}`;
    const count = (this.#connections.get(name)?.count ?? 0) + 1;
    const last = new Date(this.#now()).toISOString();
    keepLatest(this.#connections, name, { reason, from, count, last }, maxConnections);
  }
}
