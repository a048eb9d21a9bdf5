import { randomBytes } from "node:crypto";
import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { secondMs } from "@gatepost/protocol";
import { Failure, sayWhy } from "../../failure.ts";
import { notReached } from "../../remote.ts";

/** ms for an answer, if nothing else is given. */
const usualMs = 30 * secondMs;

/** Most bytes of an answer that are read: any server may send it, and it may have no end. */
const maxBytes = 256 * 1024;

/** Bytes of a large body that are sent before an answer is awaited. */
const firstBytes = 64 * 1024;

/** A request, and its limits. */
interface Probed {
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  /** The length of a body of spaces, and the ms to wait for an answer before most of it is sent. */
  body?: { bytes: number; pauseMs: number };
  /** ms until the answer is complete. */
  timeoutMs?: number;
}

/** The answer of a server, or of a proxy in front of it. */
export interface ProbeAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Its beginning, if it is long. */
  text: string;
  /** Whether it arrived before the whole body was sent. */
  isEarly: boolean;
  /** The addresses of both ends of the connection. */
  local: string;
  peer: string;
}

/** Sends one request to a path of a server, on a new connection. Follows no redirect. Throws Failure without a complete answer. */
export function probe(url: string, path: string, { timeoutMs = usualMs, ...asked }: Probed = {}): Promise<ProbeAnswer> {
  return within(timeoutMs, { url, path }, async (signal) => {
    const request = begin(url + path, asked, signal);
    const { answer, socket, isEarly } = await answerTo(request, asked.body);
    const { localAddress: local = "", remoteAddress: peer = "" } = answer.socket;
    if (socket !== null) {
      socket.destroy();
      throw new Failure("it begins another protocol");
    }
    const text = await beginningOf(answer);
    request.destroy();
    return { status: answer.statusCode ?? 0, headers: answer.headers, text, isEarly, local, peer };
  });
}

/** How a WebSocket was held: until its second ping, until its end, or without either. */
export type Held = "pinged" | "closed" | "silent";

/** Opens the WebSocket at /live, and keeps it until it was pinged twice. `held` is null if it does not open. */
export function probeLive(
  url: string,
  headers: Readonly<Record<string, string>>,
  holdMs: number,
): Promise<{ status: number; text: string; held: Held | null }> {
  const handshake = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
  };
  return within(usualMs + holdMs, { url, path: "/live" }, async (signal) => {
    const request = begin(`${url}/live`, { headers: { ...headers, ...handshake } }, signal);
    const { answer, socket, head } = await answerTo(request);
    const status = answer.statusCode ?? 0;
    if (socket === null) {
      const text = await beginningOf(answer);
      request.destroy();
      return { status, text, held: null };
    }
    const held = await hold(socket, head, holdMs);
    socket.destroy();
    return { status, text: "", held };
  });
}

/** The first bytes of frames (RFC 6455, 5.2): a ping, and a pong without content that has a mask of zeros. */
const ping = 0x89;
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

async function hold(socket: Socket, head: Buffer, holdMs: number): Promise<Held> {
  let pings = 0;
  return new Promise((resolve) => {
    const take = (bytes: Buffer) => {
      if (bytes[0] !== ping) return resolve("closed");
      pings += 1;
      if (pings === 2) return resolve("pinged");
      socket.write(pong);
    };
    if (head.length > 0) take(head);
    socket.on("data", take);
    for (const end of ["end", "close", "error"]) socket.on(end, () => resolve("closed"));
    void sleep(holdMs, "silent" as const, { ref: false }).then(resolve);
  });
}

/** Does work until so many ms are over. Throws Failure without an answer. */
async function within<Result>(
  timeoutMs: number,
  { url, path }: { url: string; path: string },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await work(signal);
  } catch (cause) {
    const incomplete = `${url}${path} sent no complete answer`;
    if (signal.aborted) throw new Failure(`${incomplete} within ${timeoutMs / secondMs} s`, { cause });
    const isCut = cause instanceof Error && "code" in cause && cut.test(String(cause.code));
    if (isCut || cause instanceof Failure) throw new Failure(`${incomplete}: ${sayWhy(cause)}`, { cause });
    throw notReached(url, cause).why;
  }
}

/** Codes of connections that end too early, or have no HTTP. */
const cut = /^(?:ECONNRESET|EPIPE|HPE_)/;

function begin(url: string, { method = "GET", headers = {}, body }: Probed, signal: AbortSignal): ClientRequest {
  const length = body === undefined ? {} : { "content-length": body.bytes };
  const options = { method, headers: { ...headers, ...length }, agent: false, signal };
  return (url.startsWith("https:") ? https : http).request(url, options);
}

/** The head of an answer. `socket` is null if it has a body; else another protocol begins with the bytes of `head`. */
interface Begun {
  answer: IncomingMessage;
  socket: Socket | null;
  head: Buffer;
}

async function answerTo(request: ClientRequest, body?: Probed["body"]): Promise<Begun & { isEarly: boolean }> {
  const begun = new Promise<Begun>((resolve, reject) => {
    request.on("response", (answer) => resolve({ answer, socket: null, head: Buffer.alloc(0) }));
    request.on("upgrade", (answer, socket, head) => resolve({ answer, socket: socket as Socket, head }));
    // Nothing else may be heard of a request: it also closes without an error.
    request.on("error", reject).on("close", () => reject(new Failure("the connection was closed")));
  });
  if (body === undefined) request.end();
  else {
    const first = Math.min(body.bytes, firstBytes);
    request.write(Buffer.alloc(first, " "));
    const early = await Promise.race([begun, sleep(body.pauseMs, null, { ref: false })]);
    if (early !== null) return { ...early, isEarly: true };
    request.end(Buffer.alloc(body.bytes - first, " "));
  }
  return { ...(await begun), isEarly: false };
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString();
}
