import { WebSocket } from "ws";
import type { Clock } from "../clock.ts";

export interface ConnectionOptions {
  url: string;
  /** Sent first: the box is silent until it has it. */
  configuration: string;
  /** Takes one whole message. Where it throws, the connection ends: the box's memory still has the event. */
  take(message: Buffer): Promise<void>;
  clock: Clock;
}

/** ms between two pings, and ms without any sign after which the box counts as gone. */
const pingEvery = 20_000;
const deadAfter = 60_000;
const handshake = 10_000;
/** Bytes of one message: several pictures of 5 MB in base64. */
const maxBytes = 64 * 1024 * 1024;
/** Bytes that may wait for the spool before reading from the socket is paused. */
const maxUntaken = 32 * 1024 * 1024;

/** One connection to an SE5's WebSocket. docs/formats.md §2 (g). */
export class Connection {
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  #untaken = 0;
  #heardAt: number;
  #why: Error | null = null;

  private constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  /** Connects and configures. Rejects where that fails. */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const socket = new WebSocket(options.url, { handshakeTimeout: handshake, maxPayload: maxBytes });
    const connection = new Connection(socket, options);
    // An error without a listener would end the process, also one that comes after the connection was given up.
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
    while (this.#untaken > 0 && !signal.aborted) await new Promise(setImmediate);
    return this.#why ?? new Error("the box closed the connection");
  }

  end(why: Error): void {
    this.#why ??= why;
    this.#socket.terminate();
  }

  /** Every frame counts as a sign of life. `ws` makes whole messages of data frames only. */
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
      if (this.#why === null) void this.#take(Buffer.isBuffer(data) ? data : Buffer.concat([data].flat().map(bytes)));
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
      if (this.#socket.isPaused) this.#socket.resume();
    }
  }

  /**
   * A box whose line was cut sends nothing, and neither does one that sees nobody. Only the answer to a ping tells them
   * apart.
   */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(pingEvery, signal);
      if (signal.aborted) break;
      if (clock.now() - this.#heardAt > deadAfter) this.end(new Error("the box does not answer any more"));
      else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
    }
    if (this.#socket.readyState !== WebSocket.CLOSED) this.#socket.terminate();
  }
}

function bytes(data: Buffer | ArrayBuffer): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
