import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests that a server has not answered yet. */
export class Unanswered {
  readonly #responses = new Set<ServerResponse>();
  #isClosing = false;

  add(response: ServerResponse): void {
    if (this.#isClosing) endConnectionWith(response);
    this.#responses.add(response);
    response.once("close", () => this.#responses.delete(response));
  }

  /** Whether an answer is on its way over this connection: nothing else may be written into it. */
  hasBegun(socket: Socket): boolean {
    return [...this.#responses].some((response) => response.socket === socket && response.headersSent);
  }

  /** From now on each answer closes its connection: else a client that keeps it open would keep the server running. */
  closing(): void {
    this.#isClosing = true;
    for (const response of this.#responses) endConnectionWith(response);
  }
}

function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
