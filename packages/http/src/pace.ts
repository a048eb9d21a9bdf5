import type { IncomingMessage, ServerResponse } from "node:http";
import { rawRefusal } from "./raw-answer.ts";

export interface PaceLimits {
  /** ms between two checks of the pace of a body. */
  graceMs: number;
  /** Bytes per second that must have arrived since the check before, on average. */
  bytesPerSecond: number;
}

const checkEveryMs = 1000;

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
  readonly #onSlow: (request: IncomingMessage) => void;
  #timer: NodeJS.Timeout | null = null;

  /** @param onSlow is called for each client that is disconnected */
  constructor(
    { graceMs = 30_000, bytesPerSecond = 1024 }: Partial<PaceLimits> = {},
    onSlow: (request: IncomingMessage) => void = () => {},
  ) {
    this.#limits = { graceMs, bytesPerSecond };
    this.#onSlow = onSlow;
  }

  /** Watches a body until the returned function is called. */
  watch(response: ServerResponse, body: { readonly length: number }): () => void {
    const coming = { response, body, since: performance.now(), before: 0 };
    this.#coming.add(coming);
    this.#timer ??= setInterval(() => this.#checkSoon(), Math.min(checkEveryMs, this.#limits.graceMs)).unref();
    return () => this.#coming.delete(coming);
  }

  /**
   * If the process was blocked, bytes that arrived meanwhile are read first: a client is not slow because Gatepost was.
   */
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
      if (length - coming.before < (ms / 1000) * this.#limits.bytesPerSecond) this.#disconnect(coming.response);
      // Each check counts anew: a fast beginning must not make up for hours of silence.
      coming.since = now;
      coming.before = length;
    }
  }

  #disconnect({ req, socket }: ServerResponse): void {
    if (socket === null || socket.destroyed) return;
    this.#onSlow(req);
    const { graceMs, bytesPerSecond } = this.#limits;
    const limit = `under ${bytesPerSecond} bytes per second for ${graceMs / 1000} s`;
    socket.write(rawRefusal(408, `the body arrives too slowly: ${limit}`), () => socket.destroy());
    // A client that does not read either is not waited for.
    setTimeout(() => socket.destroy(), checkEveryMs).unref();
  }
}
