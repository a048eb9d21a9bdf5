import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface PaceLimits {
  /** ms before the pace of a body is looked at. */
  graceMs: number;
  /** Bytes that must have come in each second since the beginning, on average. */
  bytesPerSecond: number;
}

const checkEveryMs = 1000;
const timedOut = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/** A body that is coming. */
interface Coming {
  response: ServerResponse;
  readonly length: number;
  since: number;
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
    const coming = {
      response,
      since: performance.now(),
      get length() {
        return body.length;
      },
    };
    this.#coming.add(coming);
    this.#timer ??= setInterval(() => this.#check(), Math.min(checkEveryMs, this.#limits.graceMs)).unref();
    return () => this.#coming.delete(coming);
  }

  #check(): void {
    if (this.#coming.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
    const now = performance.now();
    for (const { response, length, since } of this.#coming) {
      const ms = now - since;
      if (ms > this.#limits.graceMs && length < (ms / 1000) * this.#limits.bytesPerSecond) disconnect(response.socket);
    }
  }
}

function disconnect(socket: Socket | null): void {
  if (socket === null || socket.destroyed) return;
  socket.write(timedOut, () => socket.destroy());
  // A client that does not read either is not waited for.
  setTimeout(() => socket.destroy(), checkEveryMs).unref();
}
