import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Log } from "@gatepost/core/log";
import { minuteMs } from "@gatepost/protocol";

export interface ConnectionLimits {
  /** Connections of all clients. */
  total: number;
  /** Connections of one address that have shown no live key yet. */
  withoutKey: number;
}

export interface ConnectionHooks {
  /** Whether an address belongs to a trusted proxy, which has connections of many clients. */
  isShared?(address: string): boolean;
  /** Called for each connection that is closed because there are more than `limit`. */
  onTooMany?(limit: number): void;
}

/** File descriptors that are kept free for the stores, the bus and the program itself. */
const reservedDescriptors = 256;

/** Many clients may share an address (a site, a proxy); they count as without a key only until their first request. */
const defaults: ConnectionLimits = { total: 10_000, withoutKey: 1024 };

/**
 * Bounds the connections of a server. If there are too many, it closes the connection that has been idle for longest;
 * if none is idle, the oldest that has shown no live key. A new one may be a box, which shows its key at once. If readers
 * have more than a third, it closes their oldest instead: else readers could take all, and every new box would be closed.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  /** Connections that readers may have if there are too many. */
  readonly #maxReaders: number;
  readonly #hooks: ConnectionHooks;
  readonly #open = new Set<Socket>();
  /** The oldest first, as in each set of `#ofAddress`. */
  readonly #withoutKey = new Set<Socket>();
  readonly #ofAddress = new Map<string, Set<Socket>>();
  /** Those that have shown a key to read, and none of a box. */
  readonly #readers = new Set<Socket>();
  /** Those that wait for their next request, the longest idle first. */
  readonly #idle = new Set<Socket>();
  /** The connection below one that speaks TLS. */
  readonly #below = new WeakMap<Socket, Socket>();

  constructor(limits: Partial<ConnectionLimits> = {}, hooks: ConnectionHooks = {}) {
    const { total, ...others } = { ...defaults, ...limits };
    this.#limits = { ...others, total: Math.min(total, usableDescriptors()) };
    this.#maxReaders = Math.ceil(this.#limits.total / 3);
    this.#hooks = hooks;
  }

  /** Counts a new connection, and closes another one, or this one, if there are too many. */
  add(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    this.#open.add(socket);
    this.#withoutKey.add(socket);
    const others = this.#ofAddress.get(address) ?? new Set();
    this.#ofAddress.set(address, others.add(socket));
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#readers.delete(socket);
      this.#idle.delete(socket);
      this.#known(socket, address);
    });
    if (others.size > this.#limits.withoutKey && !this.#hooks.isShared?.(address)) closeOldest(others);
    if (this.#open.size <= this.#limits.total) return;
    this.#hooks.onTooMany?.(this.#limits.total);
    if (this.#readers.size > this.#maxReaders) closeOldest(this.#readers);
    else closeOldest(this.#idle.size > 0 ? this.#idle : this.#withoutKey);
  }

  /** Notes that all requests of a connection are answered. */
  idle(shown: Socket): void {
    const socket = this.#below.get(shown) ?? shown;
    if (this.#open.has(socket) && !socket.destroyed) this.#idle.add(socket);
  }

  /** Notes that a connection has a request, or is used by another protocol. */
  busy(shown: Socket): void {
    this.#idle.delete(this.#below.get(shown) ?? shown);
  }

  /** Notes that TLS is spoken over a connection that was added: what requests come with is `secured`. */
  secured(secured: Socket, socket: Socket): void {
    this.#below.set(secured, socket);
  }

  /** Notes that a connection has shown a live key: it is not closed for others any more. */
  showedKey(shown: Socket): void {
    const socket = this.#below.get(shown) ?? shown;
    if (this.#withoutKey.has(socket)) this.#known(socket, socket.remoteAddress ?? "");
    else this.#readers.delete(socket);
  }

  /** Notes that a connection has shown a live key of a reader: it is closed only if readers have too many. */
  showedReadersKey(shown: Socket): void {
    const socket = this.#below.get(shown) ?? shown;
    if (!this.#withoutKey.has(socket)) return;
    this.#known(socket, socket.remoteAddress ?? "");
    this.#readers.add(socket);
  }

  #known(socket: Socket, address: string): void {
    this.#withoutKey.delete(socket);
    const others = this.#ofAddress.get(address);
    others?.delete(socket);
    if (others?.size === 0) this.#ofAddress.delete(address);
  }
}

function closeOldest(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) {
    if (socket.destroyed) continue;
    socket.destroy();
    return;
  }
}

/** How many connections fit into the operating system's limit of open files. */
function usableDescriptors(): number {
  const limit = maxDescriptors();
  return limit - Math.min(reservedDescriptors, Math.floor(limit / 2));
}

function maxDescriptors(): number {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return line === undefined ? Number.POSITIVE_INFINITY : Number(line);
  } catch {
    // Only Linux has this file. Elsewhere the total of the limits is the only bound.
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Returns a function to call for each connection that is closed because there are too many. It logs that at most once a
 * minute.
 */
export function closedConnectionsLog({ log, clock }: { log: Log; clock(): number }): (limit: number) => void {
  let closed = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (limit) => {
    closed += 1;
    const now = clock();
    // The absolute value, because the clock may be set back.
    if (Math.abs(now - loggedAt) < minuteMs) return;
    log.warn("too many connections: the oldest ones without a key, or of readers, are closed", {
      limit,
      closed,
      todo: "raise the limit of open files (LimitNOFILE, ulimit -n), or look at who connects",
    });
    [closed, loggedAt] = [0, now];
  };
}
