import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Unanswered } from "./unanswered.ts";

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Connections that were handed over to another protocol: Node does not disconnect them when the server closes. */
export class Upgraded {
  readonly #open = new Set<Duplex>();
  readonly #unanswered: Unanswered;

  constructor(unanswered: Unanswered) {
    this.#unanswered = unanswered;
  }

  /**
   * Hands connections over to `upgrade`. It cannot answer on one on which another answer is still due, and no client of
   * a WebSocket asks for that.
   */
  by(upgrade: Upgrade): Upgrade {
    return (request, socket, head) => {
      if (this.#unanswered.isClosing || this.#unanswered.has(socket as Socket)) {
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      // From here on Node listens to it no more, and an error without a listener would end the process.
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.#open.delete(socket));
      upgrade(request, socket, head);
    };
  }

  disconnectAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
