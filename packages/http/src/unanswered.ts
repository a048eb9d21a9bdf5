import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one connection that may wait for their answers at once. A box waits for each, and so do browsers. */
const maxOfConnection = 16;

/** The requests that a server has not answered yet. */
export class Unanswered {
  /** By their connection, for as long as it lives: what waits behind another answer does not hear that it has ended. */
  readonly #responses = new Map<Socket, Set<ServerResponse>>();
  #isClosing = false;

  /**
   * Whether a request is to be answered. Whoever sends too many without waiting is disconnected: Node makes requests
   * of all that has come in one piece, a thousand and more, before the first of them is answered.
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

  /** Whether an answer is on its way over this connection: nothing else may be written into it. */
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
