import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebSocket } from "ws";
import { bodyOf } from "./listen.ts";
import type { Connected } from "./websocket-events.ts";

/** What API Gateway takes as one message, and as one frame of it. */
export const maxBytes = 128 * 1024;
export const maxFrameBytes = 32 * 1024;

interface Open {
  socket: WebSocket;
  connected: Connected;
  activeAt: number;
}

/** The management endpoint of a WebSocket API: to post to a connection, to ask after it, and to end it. */
export interface Management {
  stage: string;
  /** The connections, by their ids. */
  open: Map<string, Open>;
  /** Posts that were taken, in bytes. */
  posted: number[];
  /** How many of the next calls fail. */
  failing: number;
  /** How many of the next calls are answered that there are too many. */
  busy: number;
  allows(request: IncomingMessage): boolean;
}

export async function manage(request: IncomingMessage, response: ServerResponse, deps: Management): Promise<void> {
  const body = await bodyOf(request);
  const { method = "GET", url = "" } = request;
  const [, stage, id = ""] = /^\/([^/]+)\/@connections\/([^/?]+)$/.exec(url) ?? [];
  const found = deps.open.get(decodeURIComponent(id));
  const fail = (status: number, type: string) =>
    void response.writeHead(status, { "x-amzn-errortype": type, "content-type": "application/json" }).end("{}");
  if (stage !== deps.stage) return fail(403, "ForbiddenException");
  if (!deps.allows(request)) return fail(403, "AccessDeniedException");
  if (deps.failing > 0) {
    deps.failing -= 1;
    return fail(400, "BadRequestException");
  }
  if (deps.busy > 0) {
    deps.busy -= 1;
    return fail(429, "LimitExceededException");
  }
  if (found === undefined) return fail(410, "GoneException");
  if (body.length > maxBytes) return fail(413, "PayloadTooLargeException");
  if (method === "POST") post(found, body, deps);
  if (method === "DELETE") found.socket.close(1000);
  response.writeHead(method === "DELETE" ? 204 : 200, { "content-type": "application/json" });
  response.end(method === "GET" ? JSON.stringify(asTold(found)) : undefined);
}

/** Sends a message in frames that are as large as they may be. */
function post(to: Open, body: Buffer, { posted }: Management): void {
  posted.push(body.length);
  to.activeAt = Date.now();
  for (let at = 0; at === 0 || at < body.length; at += maxFrameBytes) {
    const fin = at + maxFrameBytes >= body.length;
    to.socket.send(body.subarray(at, at + maxFrameBytes), { binary: false, fin });
  }
}

function asTold({ connected: { at, address, userAgent }, activeAt }: Open) {
  return {
    connectedAt: new Date(at).toISOString(),
    identity: { sourceIp: address, userAgent },
    lastActiveAt: new Date(activeAt).toISOString(),
  };
}
