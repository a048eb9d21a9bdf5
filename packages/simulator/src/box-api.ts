import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json, JsonObject } from "@gatepost/protocol";

/** One request to a box's own API. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Json;
}

/** JSON, or the bytes of a picture, or null where the box has no such address. */
export type Answer = JsonObject | Buffer | null;

export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** Serves a box's own HTTP API, port 5555 of a real one. The first that knows the address answers. */
export async function serveBoxApi(
  parts: readonly ((asked: Asked) => Answer)[],
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: readonly ((asked: Asked) => Answer)[],
): Promise<void> {
  const asked = await read(request);
  for (const part of parts) {
    const found = part(asked);
    if (found === null) continue;
    response.setHeader("content-type", Buffer.isBuffer(found) ? "image/jpeg" : "application/json");
    response.end(Buffer.isBuffer(found) ? found : JSON.stringify(found));
    return;
  }
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { code: 40400, message: "not found", status: "NOT_FOUND" } }));
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://box");
  return {
    method: request.method ?? "GET",
    path: pathname,
    query: searchParams,
    body: text === "" ? null : JSON.parse(text),
  };
}
