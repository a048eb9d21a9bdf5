import type { WebSocket } from "ws";

/** What may wait for one reader: more messages or bytes, and it is let go. */
const maxMessages = 64;
const maxBytes = 8 * 1024 * 1024;

/** Messages that may wait when a reader sets the pace itself. */
const fewMessages = 8;

/** What is on its way to one reader. */
export class SendQueue {
  readonly #socket: WebSocket;
  #waiting = 0;
  #room = Promise.withResolvers<void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.once("close", () => this.#room.resolve());
  }

  /** Sends a text, or closes the connection of a reader that is too slow to be kept up with. */
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

  /** Resolves when little is waiting, or the connection is closed. */
  async room(): Promise<void> {
    while (this.#waiting > fewMessages && this.#socket.readyState === this.#socket.OPEN) await this.#room.promise;
  }

  #sent(): void {
    this.#waiting -= 1;
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
