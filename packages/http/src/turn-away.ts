import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Answer } from "@gatepost/core/errors";
import { rawAnswer } from "./raw-answer.ts";

/** ms that a client that was turned away has to read the answer, before the connection is closed. */
const lingerMs = 1000;

/**
 * Answers a request for another protocol, and closes its connection: Node gives only a socket for it, and leaves it to us
 * to end that. The answer is written as bytes, because a response cannot be given the socket (it throws) while what Node
 * itself has answered to the request before, 417 or 400, is still on its way there.
 */
export function turnAway(request: IncomingMessage, socket: Duplex, { status, headers, body }: Answer): void {
  if (socket.destroyed) return;
  // A client that does not end its side either would keep the connection for ever.
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(cut));
  const answer = rawAnswer(status, headers, body);
  socket.end(request.method === "HEAD" ? answer.slice(0, answer.indexOf("\r\n\r\n") + 4) : answer);
}
