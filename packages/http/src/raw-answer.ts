import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type Answer, securityHeaders } from "@gatepost/core/errors";

/** The bytes of an answer to a client whose request Node has not read completely. The connection ends with it. */
export function rawAnswer(status: number, headers: Readonly<Record<string, string | number>>, body: string): string {
  const sent = {
    ...securityHeaders,
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
    date: new Date().toUTCString(),
  };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`;
}

/** The bytes of a refusal in the form for boxes. */
export function rawRefusal(status: number, message: string): string {
  return rawAnswer(status, { "content-type": "application/json" }, JSON.stringify({ message, status }));
}

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
