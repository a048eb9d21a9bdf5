import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "@gatepost/core/errors";
import { refusalOf } from "@gatepost/receive";
import { Incomplete } from "./bodies.ts";
import { boxRequestHead } from "./request-head.ts";

/** ms that a refused client has to stop sending and read the answer, before the connection is closed. */
const lingerMs = 1000;

/** An answer whose body may be bytes. */
export interface Sendable extends Pick<Answer, "status"> {
  /** A list is sent as several headers. */
  headers: Record<string, string | string[]>;
  body: string | Uint8Array;
}

/** An answer to a HEAD may have no body (null): then its length is not known either. */
type MaybeBodiless = Omit<Sendable, "body"> & { body: Sendable["body"] | null };

/**
 * Sends an answer. If the body of the request was not read to its end, the connection is closed after it: else its
 * client could keep sending for ever.
 */
export function send(response: ServerResponse, answer: MaybeBodiless): void {
  if (isRead(response.req)) response.end(begin(response, answer));
  else sendAndLinger(response, answer);
}

/**
 * Tells a client that its request failed, even while its body is still arriving: it answers, waits a moment so that the
 * client can read the answer, and closes the connection. If the client is gone, or another answer has already begun, it
 * only closes the connection.
 */
export function refuse(response: ServerResponse, error: unknown, deps: Parameters<typeof refusalOf>[2]): void {
  if (error instanceof Incomplete) {
    response.destroy();
    return;
  }
  const answer = refusalOf(boxRequestHead(response.req), error, deps);
  if (response.headersSent) response.destroy();
  else send(response, answer);
}

/** Writes the head of an answer and returns its body, which is still to be sent. */
function begin(response: ServerResponse, { status, headers, body }: MaybeBodiless): MaybeBodiless["body"] {
  const isWithBody = body !== null && status !== 204 && status !== 304;
  response.writeHead(status, isWithBody ? { ...headers, "content-length": Buffer.byteLength(body) } : headers);
  return body;
}

/** Whether a request has arrived completely. */
export function isRead(request: IncomingMessage): boolean {
  return request.complete || !hasBody(request);
}

/** Whether a request has a body, by its head. */
export function hasBody({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function sendAndLinger(response: ServerResponse, answer: MaybeBodiless): void {
  const { req: request } = response;
  response.setHeader("connection", "close");
  const body = begin(response, answer);
  response.flushHeaders();
  if (body !== null) response.write(body);
  // Ending the last answer of a connection closes it. A client that is still sending then would not be able to read.
  request.once("end", () => response.end());
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), lingerMs);
  request.once("close", () => clearTimeout(cut));
}
