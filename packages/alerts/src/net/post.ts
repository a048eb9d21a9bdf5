import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { isIP, connect as overTcp, type Socket } from "node:net";
import { connect as overTls, type TLSSocket } from "node:tls";
import { trusting, untrusted } from "@gatepost/core/authority";
import { retryAfterMs } from "@gatepost/protocol";
import { isPublic, literalAddress, PrivateTarget, publicLookup, UnencryptedTarget } from "./addresses.ts";

/**
 * Why something failed, in words. If a name has several addresses and none answers, the error itself has no text, but
 * one error for each address. `ca` is the authority that the connection trusts.
 */
export function why(error: unknown, ca?: string | null): string {
  if (error instanceof AggregateError && error.message === "")
    return error.errors.map((one) => why(one, ca)).join(", ");
  return error instanceof Error ? (untrusted(error, ca) ?? error.message) : String(error);
}

const ports = new Map([
  ["http:", 80],
  ["https:", 443],
  ["smtp:", 587],
  ["smtps:", 465],
  ["mqtt:", 1883],
  ["mqtts:", 8883],
]);

/** The port of a URL, and whether its protocol is encrypted from the start. */
export function endpointOf({ protocol, port }: URL): { port: number; isTls: boolean } {
  return { port: port === "" ? (ports.get(protocol) ?? 0) : Number(port), isTls: protocol.endsWith("s:") };
}

interface Destination {
  url: URL;
  port: number;
  isTls: boolean;
  allowPrivate: boolean;
  /** Certificates that are trusted, too: as PEM, or a file of them. */
  ca?: string | null;
}

/**
 * Begins a connection to the host of a URL: to a public address alone, unless private ones are allowed. Throws for a
 * wrong authority, also before TLS that begins later.
 */
export function dial({ url, port, isTls, allowPrivate, ca }: Destination): Socket | TLSSocket {
  const literal = literalAddress(url);
  if (!allowPrivate && literal !== null && !isPublic(literal)) throw new PrivateTarget(literal);
  const host = literal ?? url.hostname;
  const to = { host, port, ...(allowPrivate ? {} : { lookup: publicLookup }) };
  const trusted = trusting(ca);
  // A server is asked for by its name; addresses have none.
  return isTls ? overTls({ ...to, ...trusted, ...(isIP(host) === 0 ? { servername: host } : {}) }) : overTcp(to);
}

/** Ends a connection that would be read on its way to the Internet, before a byte of it is sent. */
export function endUnencrypted(socket: Socket, url: URL, isEncryptedTo: (address: string) => boolean): void {
  socket.once("connect", () => {
    if (isEncryptedTo(socket.remoteAddress ?? "")) socket.destroy(new UnencryptedTarget(url));
  });
}

export interface Outgoing {
  url: URL;
  method?: "POST" | "PUT";
  headers: Record<string, string>;
  body: string | Buffer;
  /** Whether its address may be a private one. */
  allowPrivate: boolean;
  /** Certificates that are trusted, too: as PEM, or a file of them. */
  ca?: string | null;
  /** Whether a connection to an address must be encrypted; by default none need be. */
  isEncryptedTo?(address: string): boolean;
}

export interface Timeouts {
  /** ms for one try, from the name's resolution to the end of the answer. */
  timeoutMs: number;
  /** Ends the try at once. */
  signal: AbortSignal;
}

export interface Reply {
  status: number;
  /** The first 64 KB of the body. */
  text: string;
  /** ms until the next try, from `Retry-After` in seconds; 0 if absent. */
  retryAfterMs: number;
}

/** Bytes of an answer's body that are read. */
const maxReadBytes = 64 * 1024;

/** Sends once, over a new connection. Throws if no answer arrived in time. */
export async function post(outgoing: Outgoing, { timeoutMs, signal }: Timeouts): Promise<Reply> {
  const { url, method = "POST", headers, body, allowPrivate, ca, isEncryptedTo } = outgoing;
  const literal = literalAddress(url);
  if (!allowPrivate && literal !== null && !isPublic(literal)) throw new PrivateTarget(literal);
  const options = {
    method,
    agent: false,
    headers: { ...headers, "content-length": `${Buffer.byteLength(body)}` },
    signal,
    ...trusting(ca),
    ...(allowPrivate ? {} : { lookup: publicLookup }),
  };
  const request = url.protocol === "https:" ? overHttps(url, options) : overHttp(url, options);
  if (isEncryptedTo !== undefined && url.protocol === "http:") {
    request.on("socket", (socket) => endUnencrypted(socket, url, isEncryptedTo));
  }
  const late = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("response", resolve).on("error", reject);
      // It may also close without an error, for example after a switch of protocols.
      request.on("close", () => reject(new Error("closed without an answer")));
      request.end(body);
    });
    const text = await textOf(response);
    const { "retry-after": retryAfter, date } = response.headers;
    return { status: response.statusCode ?? 0, text, retryAfterMs: retryAfterMs(retryAfter, date, Date.now()) };
  } finally {
    clearTimeout(late);
  }
}

/** Lets the other side finish its answer, within the limits. A missing rest does not matter: the status is known. */
function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    const done = () => resolve(Buffer.concat(chunks).subarray(0, maxReadBytes).toString());
    response.on("error", done);
    response.on("close", done);
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxReadBytes) response.destroy();
    });
  });
}
