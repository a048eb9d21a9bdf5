import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface PaceLimits {
  /** ms between two checks of the pace of a body. */
  graceMs: number;
  /** Bytes per second that must have arrived since the check before, on average. */
  bytesPerSecond: number;
}

const checkEveryMs = 1000;
const timedOut = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/** A body that is coming. */
interface Coming {
  response: ServerResponse;
  body: { readonly length: number };
  /** When it was checked last, and how many bytes had arrived then. */
  since: number;
  before: number;
}

/** Disconnects clients that send their bodies so slowly that they only hold a connection and memory. */
export class Pace {
  readonly #limits: PaceLimits;
  readonly #coming = new Set<Coming>();
  #timer: NodeJS.Timeout | null = null;

  constructor({ graceMs = 30_000, bytesPerSecond = 1024 }: Partial<PaceLimits> = {}) {
    this.#limits = { graceMs, bytesPerSecond };
  }

  /** Watches a body until the returned function is called. */
  watch(response: ServerResponse, body: { readonly length: number }): () => void {
    const coming = { response, body, since: performance.now(), before: 0 };
    this.#coming.add(coming);
    this.#timer ??= setInterval(() => this.#checkSoon(), Math.min(checkEveryMs, this.#limits.graceMs)).unref();
    return () => this.#coming.delete(coming);
  }

  /** Where the process stood still, what came meanwhile is read first: a client is not slow because Gatepost was. */
  #checkSoon(): void {
    setImmediate(() => this.#check());
  }

  #check(): void {
    if (this.#coming.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
    const now = performance.now();
    for (const coming of this.#coming) {
      const ms = now - coming.since;
      if (ms <= this.#limits.graceMs) continue;
      const { length } = coming.body;
      if (length - coming.before < (ms / 1000) * this.#limits.bytesPerSecond) disconnect(coming.response.socket);
      // Each check counts anew: a fast beginning must not make up for hours of silence.
      coming.since = now;
      coming.before = length;
    }
  }
}

function disconnect(socket: Socket | null): void {
  if (socket === null || socket.destroyed) return;
  socket.write(timedOut, () => socket.destroy());
  // A client that does not read either is not waited for.
  setTimeout(() => socket.destroy(), checkEveryMs).unref();
}
