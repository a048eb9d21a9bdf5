import type { Viewer } from "@gatepost/core/accounts";
import { type LiveConfiguration, readConfiguration } from "@gatepost/core/live";
import type { WebSocket } from "ws";

/** Most messages and bytes that may wait for one client. With more, it is disconnected. */
const maxMessages = 64;
const maxBytes = 8 * 1024 * 1024;

/** Who was let in: the key or session, and the hash of its token. */
export interface Admitted {
  viewer: Viewer;
  tokenHash: string;
}

/** One client of the socket. */
export class Subscriber {
  /** The key or session as it was last read. */
  viewer: Viewer;
  /** SHA-256 (hex) of the token of the key or session. */
  readonly tokenHash: string;
  readonly #socket: WebSocket;
  readonly #clock: () => number;
  #configuration: LiveConfiguration | null = null;
  #waiting = 0;
  #hasAnswered = true;

  constructor(socket: WebSocket, { viewer, tokenHash, clock }: Admitted & { clock: () => number }) {
    this.#socket = socket;
    this.viewer = viewer;
    this.tokenHash = tokenHash;
    this.#clock = clock;
    socket.on("message", (data) => {
      // As an SE5, it answers nothing, and keeps its configuration after a message that is none.
      this.#configuration = readConfiguration(data.toString()) ?? this.#configuration;
    });
    socket.on("pong", () => {
      this.#hasAnswered = true;
    });
    // An error ends the connection. Nothing else can be done about it.
    socket.on("error", () => socket.terminate());
  }

  /** The configuration that it sent last; null before it sent one, and once its key has ended. */
  get configuration(): LiveConfiguration | null {
    const isOpen = this.#socket.readyState === this.#socket.OPEN;
    const hasEnded = (this.viewer.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#clock();
    return isOpen && !hasEnded ? this.#configuration : null;
  }

  onClose(use: () => void): void {
    this.#socket.once("close", use);
  }

  /** Sends a text. Disconnects a client that reads too slowly. */
  send(text: Buffer): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (this.#waiting >= maxMessages || socket.bufferedAmount > maxBytes) {
      socket.close(1013, "too slow");
      return;
    }
    this.#waiting += 1;
    socket.send(text, { binary: false }, () => {
      this.#waiting -= 1;
    });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Disconnects a client that did not answer the last ping, and pings it again otherwise. */
  ping(): void {
    if (!this.#hasAnswered) this.#socket.terminate();
    this.#hasAnswered = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }
}
