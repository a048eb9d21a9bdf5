import type { Viewer } from "@gatepost/core/accounts";
import { boxesSeen } from "@gatepost/core/keys";
import {
  errorMessage,
  isPing,
  type LiveConfiguration,
  limitedTo,
  pongMessage,
  readConfiguration,
} from "@gatepost/core/live";
import type { WebSocket } from "ws";
import { type Corked, SendQueue } from "./send-queue.ts";

/** Who was let in: the key or session, and the hash of its token. */
export interface Admitted {
  viewer: Viewer;
  tokenHash: string;
}

/** One client of the live feed. */
export class Subscriber {
  readonly viewer: Viewer;
  /** SHA-256 (hex) of the token of the key or session. */
  readonly tokenHash: string;
  readonly sendQueue: SendQueue;
  readonly #socket: WebSocket;
  /** The configuration that it sent last; null before it sent one. */
  configuration: LiveConfiguration | null = null;
  /** The hub sends it only changes after this cursor; null while it catches up. */
  position: string | null = "";
  #hasAnswered = true;
  readonly #clock: () => number;

  constructor(
    socket: WebSocket,
    { stream, viewer, tokenHash, clock }: Admitted & { stream: Corked; clock: () => number },
  ) {
    this.#socket = socket;
    this.viewer = viewer;
    this.tokenHash = tokenHash;
    this.#clock = clock;
    this.sendQueue = new SendQueue(socket, stream);
    socket.on("pong", () => {
      this.#hasAnswered = true;
    });
    // An error ends the connection. Nothing else can be done about it.
    socket.on("error", () => socket.terminate());
  }

  /** Whether anything may be sent to it. False once its key has ended. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && !this.hasEnded;
  }

  private get hasEnded(): boolean {
    return (this.viewer.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#clock();
  }

  /**
   * Calls `use` with each configuration, one after the other. A message that is not a configuration is answered with an
   * error.
   */
  onConfiguration(use: (configuration: LiveConfiguration) => Promise<void>): void {
    let underWay = Promise.resolve();
    this.#socket.on("message", (data, isBinary) => {
      this.#socket.pause();
      underWay = underWay
        // A client that sends faster than it reads the answers has to wait.
        .then(() => this.sendQueue.room())
        .then(() => this.#take(isBinary ? null : data.toString(), use))
        .finally(() => this.#socket.resume());
    });
  }

  /** Handles a message; null if it is not text. */
  async #take(message: string | null, use: (configuration: LiveConfiguration) => Promise<void>): Promise<void> {
    if (message !== null && isPing(message)) return this.sendQueue.send(pongMessage);
    const read = message === null ? { error: "send text" } : readConfiguration(message);
    return "error" in read ? this.refuse(read.error) : use(limitedTo(boxesSeen(this.viewer), read));
  }

  onClose(use: () => void): void {
    this.#socket.once("close", use);
  }

  /** Sends an error. The connection stays open, with its last configuration. */
  refuse(message: string): void {
    this.sendQueue.send(errorMessage(message));
  }

  /** Closes the connection if its key has ended. */
  endIfOver(): void {
    if (this.hasEnded) this.close(1008, "the key has ended");
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
    if (this.isOpen) this.#socket.ping();
  }
}
