import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Json, type JsonObject, jsonIn } from "@gatepost/protocol";

/** One request to a box's own API. */
export interface BoxApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  contentType: string;
  /** The body as received. */
  text: string;
  /** Null without a body, and where it is no JSON. */
  body: Json;
}

/** JSON with its own status. */
export class Reply {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, body: JsonObject) {
    this.status = status;
    this.body = body;
  }
}

/**
 * JSON, the bytes of a picture, silence for as long as the client waits, a reset connection, or null if the box has no
 * such address.
 */
export type BoxAnswer = JsonObject | Buffer | Reply | "silence" | "reset" | null;

export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** Serves a box's own HTTP API, port 5555 of a real one. The first that knows the address answers. */
export async function serveBoxApi(
  parts: readonly ((asked: BoxApiRequest) => BoxAnswer)[],
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(request, response, parts).catch(() => response.destroy());
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

const notFound = new Reply(404, { error: { code: 40400, message: "not found", status: "NOT_FOUND" } });

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: readonly ((asked: BoxApiRequest) => BoxAnswer)[],
): Promise<void> {
  const asked = await read(request);
  const found = first(parts, asked) ?? notFound;
  if (found === "silence") return;
  if (found === "reset") {
    request.socket.resetAndDestroy();
  } else if (Buffer.isBuffer(found)) {
    response.writeHead(200, { "content-type": "image/jpeg" }).end(found);
  } else {
    const [status, body] = found instanceof Reply ? [found.status, found.body] : [200, found];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }
}

function first(parts: readonly ((asked: BoxApiRequest) => BoxAnswer)[], asked: BoxApiRequest): BoxAnswer {
  for (const part of parts) {
    const found = part(asked);
    if (found !== null) return found;
  }
  return null;
}

async function read(request: IncomingMessage): Promise<BoxApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://box");
  return {
    method: request.method ?? "GET",
    path: pathname,
    query: searchParams,
    contentType: request.headers["content-type"] ?? "",
    text,
    body: jsonIn(text) ?? null,
  };
}
