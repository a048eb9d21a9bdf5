import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one connection that may wait for answers at the same time. Boxes and browsers wait for each answer. */
const maxOfConnection = 16;

/** The requests that a server has not answered yet. */
export class Unanswered {
  /**
   * By connection, while it is open: a response that waits behind another one gets no event when the connection ends.
   */
  readonly #responses = new Map<Socket, Set<ServerResponse>>();
  #isClosing = false;

  /**
   * Whether a request is to be answered. A client that sends too many without waiting is disconnected: Node parses all
   * requests of one chunk, a thousand and more, before the first is answered.
   */
  add(response: ServerResponse): boolean {
    const { socket } = response.req;
    const ofSocket = this.#responses.get(socket) ?? this.#begin(socket);
    if (ofSocket.size >= maxOfConnection) {
      socket.destroy();
      return false;
    }
    if (this.#isClosing) endConnectionWith(response);
    ofSocket.add(response);
    response.once("close", () => ofSocket.delete(response));
    return true;
  }

  /** Whether a request of this connection waits for its answer. */
  has(socket: Socket): boolean {
    return (this.#responses.get(socket)?.size ?? 0) > 0;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Whether an answer is being written to this connection, so that nothing else may be. */
  hasBegun(socket: Socket): boolean {
    return [...(this.#responses.get(socket) ?? [])].some((response) => response.headersSent);
  }

  /** From now on each answer closes its connection: else a client that keeps it open would keep the server running. */
  closing(): void {
    this.#isClosing = true;
    for (const responses of this.#responses.values()) {
      for (const response of responses) endConnectionWith(response);
    }
  }

  #begin(socket: Socket): Set<ServerResponse> {
    const responses = new Set<ServerResponse>();
    this.#responses.set(socket, responses);
    socket.once("close", () => this.#responses.delete(socket));
    return responses;
  }
}

function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
