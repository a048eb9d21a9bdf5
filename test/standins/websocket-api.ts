import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Listening } from "./listen.ts";
import { answered, follow, type Routes, refuseLargeFrames, type Times } from "./websocket-connection.ts";
import { type Connected, connectEvent } from "./websocket-events.ts";
import { type Management, manage, maxBytes } from "./websocket-management.ts";

export interface WebSocketApi extends Listening, Management {
  /** The address at which readers connect. */
  address: string;
  routes: Routes;
  /** Cuts every connection without telling anyone. */
  cut(): void;
  /** Ends every connection as API Gateway does when its time is over. */
  end(): void;
}

interface Options extends Times {
  port: number;
  /** Its name is the path. */
  stage: string;
  /** Whether the signer of a call of the management endpoint may make it. */
  allows(request: IncomingMessage): boolean;
}

const usual: Options = {
  port: 0,
  stage: "live",
  longest: 2 * 60 * 60 * 1000,
  answer: 29_000,
  idle: 10 * 60 * 1000,
  allows: ({ headers }) => headers.authorization !== undefined,
};

const refused: Routes = {
  connect: async () => ({ statusCode: 500 }),
  disconnect: async () => {},
  message: async () => {},
};

/**
 * A stand-in for a WebSocket API of API Gateway and its management endpoint. Unlike there, the messages of one connection
 * are handled one after the other.
 */
export async function startWebSocketApi(options: Partial<Options> = {}): Promise<WebSocketApi> {
  const asked = { ...usual, ...options };
  const open: Management["open"] = new Map();
  const running: Promise<unknown>[] = [];
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBytes });
  const server = createServer((request, response) => void manage(request, response, api));
  const api: WebSocketApi = {
    url: "",
    address: "",
    stage: asked.stage,
    routes: refused,
    posted: [],
    failing: 0,
    busy: 0,
    open,
    allows: asked.allows,
    cut() {
      for (const [id, { socket }] of [...open]) {
        open.delete(id);
        socket.terminate();
      }
    },
    end() {
      for (const { socket } of open.values()) socket.close(1001, "Going away");
    },
    async close() {
      api.cut();
      await Promise.allSettled(running);
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  server.on("upgrade", (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on("error", () => {});
    const connected = connectedOf(request, asked.stage);
    void admit(request, connected, api, asked).then((statusCode) => {
      if (statusCode < 200 || statusCode > 299) return turnAway(raw, statusCode);
      return sockets.handleUpgrade(request, raw, head, (socket) => {
        refuseLargeFrames(raw, socket);
        open.set(connected.id, { socket, connected, activeAt: connected.at });
        follow(connected, socket, { api, times: asked, running });
      });
    });
  });
  server.listen(asked.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  api.url = `http://127.0.0.1:${port}/${asked.stage}`;
  api.address = api.url.replace("http", "ws");
  return api;
}

function connectedOf({ headers, socket }: IncomingMessage, stage: string): Connected {
  return {
    id: `${randomBytes(9).toString("base64url")}=`,
    stage,
    at: Date.now(),
    host: headers.host ?? "",
    address: socket.remoteAddress ?? "",
    userAgent: headers["user-agent"] ?? "",
  };
}

/** The status that answers a handshake; 502 if the function fails or returns none. */
async function admit(
  request: IncomingMessage,
  connected: Connected,
  { routes, stage }: WebSocketApi,
  times: Times,
): Promise<number> {
  const { pathname } = new URL(request.url ?? "/", "http://api");
  if (pathname.replace(/\/$/, "") !== `/${stage}`) return 403;
  try {
    return (await answered(routes.connect(connectEvent(connected, request)), times)).statusCode;
  } catch {
    return 502;
  }
}

function turnAway(raw: Duplex, statusCode: number): void {
  raw.end(`HTTP/1.1 ${statusCode} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
