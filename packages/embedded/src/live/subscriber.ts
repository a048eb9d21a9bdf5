import type { Key } from "@gatepost/ingest";
import { type LiveConfiguration, readConfiguration } from "@gatepost/query";
import type { WebSocket } from "ws";
import { SendQueue } from "./send-queue.ts";

/** One reader of the live feed. */
export class Subscriber {
  readonly keyId: string;
  readonly sendQueue: SendQueue;
  readonly #socket: WebSocket;
  /** What it asked for last; null before it asked. */
  configuration: LiveConfiguration | null = null;
  /** Changes up to this place of the feed are none of its business any more; null while it reads the feed itself. */
  position: string | null = "";
  #hasAnswered = true;

  constructor(socket: WebSocket, key: Key) {
    this.#socket = socket;
    this.keyId = key.id;
    this.sendQueue = new SendQueue(socket);
    socket.on("pong", () => {
      this.#hasAnswered = true;
    });
    // What goes wrong with a connection ends it, and that is all there is to do about it.
    socket.on("error", () => socket.terminate());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Calls back with each configuration, one after the other; what is none gets one error. */
  onConfiguration(use: (configuration: LiveConfiguration) => Promise<void>): void {
    let underWay = Promise.resolve();
    this.#socket.on("message", (data, isBinary) => {
      this.#socket.pause();
      const read = isBinary ? { error: "send text" } : readConfiguration(data.toString());
      underWay = underWay
        // Whoever asks faster than it reads the answers waits.
        .then(() => this.sendQueue.room())
        .then(() => ("error" in read ? this.refuse(read.error) : use(read)))
        .finally(() => this.#socket.resume());
    });
  }

  onClose(use: () => void): void {
    this.#socket.once("close", use);
  }

  /** Says what is wrong; the connection stays as it was. */
  refuse(message: string): void {
    this.sendQueue.send(Buffer.from(JSON.stringify({ error: { status: 400, message } })));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Ends a connection that did not answer the ping before, and pings it again. */
  ping(): void {
    if (!this.#hasAnswered) this.#socket.terminate();
    this.#hasAnswered = false;
    if (this.isOpen) this.#socket.ping();
  }
}
