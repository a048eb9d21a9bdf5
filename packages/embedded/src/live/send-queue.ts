import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** Most messages and bytes that may wait for one client. With more, it is disconnected. */
const maxMessages = 64;
const maxBytes = 8 * 1024 * 1024;

/** How many messages may wait while a client catches up at its own pace. */
const fewMessages = 8;

/** A stream that can hold back written bytes, and send them in one piece. */
export type Corked = Pick<Duplex, "cork" | "uncork">;

/** The messages that wait to be sent to one client. */
export class SendQueue {
  readonly #socket: WebSocket;
  readonly #stream: Corked;
  #waiting = 0;
  #room = Promise.withResolvers<void>();

  /** @param stream the stream below the socket */
  constructor(socket: WebSocket, stream: Corked) {
    this.#socket = socket;
    this.#stream = stream;
    socket.once("close", () => this.#room.resolve());
  }

  /** Sends a text. Disconnects a client that reads too slowly. */
  send(text: Buffer): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (this.#waiting >= maxMessages || socket.bufferedAmount > maxBytes) {
      socket.close(1013, "too slow; connect again with `since`");
      return;
    }
    this.#waiting += 1;
    socket.send(text, { binary: false }, () => this.#sent());
  }

  /** Holds messages back until `release`, so that they leave in one piece. */
  hold(): void {
    this.#stream.cork();
  }

  release(): void {
    this.#stream.uncork();
  }

  /** Resolves when few messages wait, or the connection is closed. */
  async room(): Promise<void> {
    while (this.#waiting > fewMessages && this.#socket.readyState === this.#socket.OPEN) await this.#room.promise;
  }

  #sent(): void {
    this.#waiting -= 1;
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
