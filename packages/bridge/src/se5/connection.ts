import { WebSocket } from "ws";
import type { Clock } from "../clock.ts";

export interface ConnectionOptions {
  url: string;
  /** Sent first: the box sends nothing before it has it. */
  configuration: string;
  /** Takes one whole message. If it throws, the connection ends; the event is still in the box's memory. */
  take(message: Buffer): Promise<void>;
  clock: Clock;
}

/** ms between two pings; and ms without any message after which the box counts as gone. */
const pingEveryMs = 20_000;
const deadAfterMs = 60_000;
const handshake = 10_000;
/** Most bytes of one message: several pictures of 5 MB in base64. */
const maxBytes = 64 * 1024 * 1024;
/** With more bytes that wait for the spool, reading from the socket is paused. */
const maxUntaken = 32 * 1024 * 1024;

/** One connection to an SE5's WebSocket. docs/formats.md §2 (g). */
export class Connection {
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  #untaken = 0;
  /** Settles once all messages so far were taken, or were not. */
  #taken: Promise<void> = Promise.resolve();
  #heardAt: number;
  #why: Error | null = null;

  private constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  /** Connects, and sends the configuration. Rejects if that fails. */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const socket = new WebSocket(options.url, { handshakeTimeout: handshake, maxPayload: maxBytes });
    const connection = new Connection(socket, options);
    // An error without a listener would end the process, even after the connection was given up.
    socket.on("error", () => {});
    const stop = () => socket.terminate();
    signal.addEventListener("abort", stop);
    socket.once("close", () => signal.removeEventListener("abort", stop));
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the box closed the connection")));
      if (signal.aborted) stop();
    });
    connection.#listen();
    socket.send(options.configuration);
    return connection;
  }

  /** Resolves with the reason when the connection has ended and all its messages were handled. */
  async ended(signal: AbortSignal): Promise<Error> {
    const over = new AbortController();
    const closed = new Promise<void>((resolve) => {
      if (this.#socket.readyState === WebSocket.CLOSED) resolve();
      this.#socket.once("close", () => resolve());
    });
    void closed.then(() => over.abort());
    await Promise.all([closed, this.#watch(AbortSignal.any([signal, over.signal]))]);
    await unlessAborted(this.#taken, signal);
    return this.#why ?? new Error("the box closed the connection");
  }

  end(why: Error): void {
    this.#why ??= why;
    this.#socket.terminate();
  }

  /** Every frame is a sign of life. `ws` passes on only whole messages of data frames. */
  #listen(): void {
    const socket = this.#socket;
    const heard = () => {
      this.#heardAt = this.#options.clock.now();
    };
    socket.on("error", (error) => this.end(error));
    socket.on("ping", heard);
    socket.on("pong", heard);
    socket.on("message", (data) => {
      heard();
      if (this.#why !== null) return;
      const message = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat().map(bytes));
      const [before, taking] = [this.#taken, this.#take(message)];
      // Not `Promise.all`: its result would keep the results of all messages before in memory, for as long as the
      // connection lasts.
      this.#taken = before.then(() => taking);
    });
  }

  async #take(message: Buffer): Promise<void> {
    this.#untaken += message.length;
    if (this.#untaken > maxUntaken) this.#socket.pause();
    try {
      if (message.length > 0) await this.#options.take(message);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#untaken -= message.length;
      if (this.#socket.isPaused && this.#untaken <= maxUntaken) this.#socket.resume();
    }
  }

  /**
   * A box with a broken connection sends nothing, and neither does one that sees no one. Only the answer to a ping
   * tells them apart.
   */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(pingEveryMs, signal);
      if (signal.aborted) break;
      if (clock.now() - this.#heardAt > deadAfterMs) this.end(new Error("the box does not answer any more"));
      else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
    }
    if (this.#socket.readyState !== WebSocket.CLOSED) this.#socket.terminate();
  }
}

/** Waits for work until the signal aborts. The signal outlives many connections, so nothing is left at it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.resolve();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  await Promise.race([work, aborted.promise]);
  signal.removeEventListener("abort", stop);
}

function bytes(data: Buffer | ArrayBuffer): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
