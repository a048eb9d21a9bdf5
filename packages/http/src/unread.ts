import type { ServerResponse } from "node:http";

/** Bytes that are written at a time: that the client reads is seen when the next piece can be written. */
export const pieceBytes = 32 * 1024;

const checkEveryMs = 1000;

/** Disconnects clients that do not read their answers, which stay in memory meanwhile. */
export class Unread {
  readonly #stallMs: number;
  readonly #answers = new Set<WatchedAnswer>();
  #timer: NodeJS.Timeout | null = null;

  /** @param stallMs ms in which some of an answer must be read */
  constructor(stallMs: number) {
    this.#stallMs = stallMs;
  }

  /** Watches an answer until it is sent, or its connection has ended; then `onEnd` is called. */
  watch(response: ServerResponse, onEnd: () => void): WatchedAnswer {
    const answer = new WatchedAnswer(response, () => {
      this.#answers.delete(answer);
      onEnd();
    });
    this.#answers.add(answer);
    this.#timer ??= setInterval(() => this.#check(), Math.min(checkEveryMs, this.#stallMs)).unref();
    return answer;
  }

  #check(): void {
    if (this.#answers.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
    for (const answer of this.#answers) answer.check(this.#stallMs);
  }
}

/** An answer on its way to a client. */
export class WatchedAnswer {
  readonly #response: ServerResponse;
  readonly #onEnd: () => void;
  #readAt = performance.now();
  #isOver = false;
  /** Continues the write that waits until more is read. */
  #wake = () => {};

  constructor(response: ServerResponse, onEnd: () => void) {
    this.#response = response;
    this.#onEnd = onEnd;
    response.once("close", () => this.#end());
    response.on("drain", () => this.#wake());
  }

  /** Writes more of it, as fast as it is read. Resolves with false if the connection ended before. */
  async write(bytes: Uint8Array): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      if (this.#hasEnded) return false;
      const read = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (!this.#response.write(bytes.subarray(at, at + pieceBytes))) await read;
      this.#readAt = performance.now();
    }
    return !this.#hasEnded;
  }

  /** Ends its connection if nothing of it was read for so long. */
  check(stallMs: number): void {
    const { req, socket, writableLength } = this.#response;
    // An answer that waits behind another one of its connection does not hear of the end of that.
    if (req.socket.destroyed) this.#end();
    // There is nothing to read yet: it waits for its content, or for the answer before it.
    else if (socket === null || writableLength === 0) this.#readAt = performance.now();
    else if (performance.now() - this.#readAt > stallMs) socket.destroy();
  }

  get #hasEnded(): boolean {
    return this.#isOver || this.#response.req.socket.destroyed;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    this.#wake();
  }
}
