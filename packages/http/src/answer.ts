import type { ServerResponse } from "node:http";
import { type Answer, type Ports, refusal } from "@gatepost/ingest";
import { Incomplete } from "./bodies.ts";

/** ms that a refused client gets to stop sending and read why, before the connection is cut. */
const lingering = 1000;

/** Sends what a handler answered. */
export function send(response: ServerResponse, answer: Answer): void {
  response.end(begin(response, answer));
}

/**
 * Tells a client that its request failed, though its body may still be coming: answers, waits a moment for the client to
 * see it, and cuts the connection. A client that went away, or has the head of another answer, is only cut off.
 */
export function refuse(response: ServerResponse, error: unknown, deps: Pick<Ports, "log">): void {
  if (error instanceof Incomplete) {
    response.destroy();
    return;
  }
  const answer = refusal(error, deps);
  if (response.headersSent) response.destroy();
  else if (response.req.complete) send(response, answer);
  else sendAndLinger(response, answer);
}

/** Writes the head of an answer; its body is still to be sent. */
function begin(response: ServerResponse, { status, headers, body }: Answer): string {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader("content-length", Buffer.byteLength(body));
  response.writeHead(status);
  return body;
}

function sendAndLinger(response: ServerResponse, answer: Answer): void {
  const { req: request } = response;
  response.setHeader("connection", "close");
  const body = begin(response, answer);
  response.flushHeaders();
  response.write(body);
  // To end the last answer of a connection closes it, and who is still sending then reads nothing any more.
  request.once("end", () => response.end());
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), lingering);
  request.once("close", () => clearTimeout(cut));
}
