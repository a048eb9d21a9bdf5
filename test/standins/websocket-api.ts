import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { bodyOf, type Listening } from "./listen.ts";

type Handler = (event: unknown) => Promise<unknown>;

/** The Lambdas behind the routes. */
interface WebSocketRoutes {
  connect: (event: unknown) => Promise<{ statusCode: number }>;
  disconnect: Handler;
  message: Handler;
}

export interface WebSocketApi extends Listening {
  routes: WebSocketRoutes;
  /** Posts that were taken, in bytes. */
  posted: number[];
  /** How many of the next posts fail. */
  failing: number;
  /** Cuts every connection without telling anyone. */
  cut(): void;
}

/** What API Gateway takes as one message. */
const mostBytes = 128 * 1024;

const refused: WebSocketRoutes = {
  connect: async () => ({ statusCode: 500 }),
  disconnect: async () => {},
  message: async () => {},
};

/**
 * A stand-in for a WebSocket API of API Gateway and its management endpoint. Unlike there, the messages of one connection
 * are handled one after the other.
 */
export async function startWebSocketApi(): Promise<WebSocketApi> {
  const open = new Map<string, WebSocket>();
  const running: Promise<unknown>[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => void manage(request, response, api, open));
  const api: WebSocketApi = {
    url: "",
    routes: refused,
    posted: [],
    failing: 0,
    cut() {
      for (const [id, socket] of [...open]) {
        open.delete(id);
        socket.removeAllListeners("close").terminate();
      }
    },
    async close() {
      api.cut();
      await Promise.allSettled(running);
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(request, api).then(([id, statusCode]) => {
      if (statusCode !== 200) return socket.end(`HTTP/1.1 ${statusCode} Refused\r\nconnection: close\r\n\r\n`);
      return sockets.handleUpgrade(request, socket, head, (opened) => {
        open.set(id, opened);
        follow(id, opened, { api, open, running });
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return api;
}

async function upgrade({ url = "/" }: IncomingMessage, { routes }: WebSocketApi): Promise<[string, number]> {
  const id = `${randomBytes(9).toString("base64url")}=`;
  const query = Object.fromEntries(new URL(url, "http://api").searchParams);
  const queryStringParameters = Object.keys(query).length === 0 ? null : query;
  const { statusCode } = await routes.connect({ ...eventOf(id, "$connect"), queryStringParameters });
  return [id, statusCode];
}

interface Following {
  api: WebSocketApi;
  open: Map<string, WebSocket>;
  /** What the Lambdas are at. */
  running: Promise<unknown>[];
}

function follow(id: string, socket: WebSocket, { api, open, running }: Following): void {
  let underWay: Promise<unknown> = Promise.resolve();
  socket.on("message", (data) => {
    const event = { ...eventOf(id, "$default"), body: data.toString(), isBase64Encoded: false };
    underWay = underWay
      .then(() => api.routes.message(event))
      .catch(() => socket.send('{"message":"Internal server error"}'));
    running.push(underWay);
  });
  socket.on("close", () => {
    open.delete(id);
    running.push(api.routes.disconnect(eventOf(id, "$disconnect")));
  });
}

function eventOf(connectionId: string, routeKey: string) {
  return { requestContext: { connectionId, routeKey, stage: "live", identity: { sourceIp: "192.0.2.1" } } };
}

/** The management endpoint: to post to a connection, and to end it. */
async function manage(
  request: IncomingMessage,
  response: ServerResponse,
  api: WebSocketApi,
  open: Map<string, WebSocket>,
) {
  const body = await bodyOf(request);
  const id = decodeURIComponent(/^\/@connections\/([^/?]+)/.exec(request.url ?? "")?.[1] ?? "");
  const socket = open.get(id);
  const fail = (status: number, type: string) =>
    response.writeHead(status, { "x-amzn-errortype": type, "content-type": "application/json" }).end("{}");
  if (request.headers.authorization === undefined) return fail(403, "ForbiddenException");
  if (api.failing > 0) {
    api.failing -= 1;
    return fail(400, "BadRequestException");
  }
  if (socket === undefined) return fail(410, "GoneException");
  if (body.length > mostBytes) return fail(413, "PayloadTooLargeException");
  if (request.method === "DELETE") socket.close(1000);
  else {
    api.posted.push(body.length);
    socket.send(body.toString());
  }
  return response.writeHead(200).end();
}
