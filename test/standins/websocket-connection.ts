import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { Frames } from "./frames.ts";
import { type Connected, disconnectEvent, messageEvent } from "./websocket-events.ts";
import { type Management, maxFrameBytes } from "./websocket-management.ts";

type Handler = (event: unknown) => Promise<unknown>;

/** The Lambdas behind the routes. */
export interface Routes {
  connect: (event: unknown) => Promise<{ statusCode: number }>;
  disconnect: Handler;
  message: Handler;
}

/** ms that a connection may be open, ms without a message, and ms in which a function must have answered. */
export interface Times {
  longest: number;
  idle: number;
  answer: number;
}

/**
 * The answer of a function. Rejects if that takes too long: API Gateway does not wait, and the function keeps running.
 */
export async function answered<Answer>(asked: Promise<Answer>, { answer }: Pick<Times, "answer">): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${answer} ms`)), answer);
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Following {
  api: Pick<Management, "open"> & { routes: Routes };
  times: Times;
  /** What the Lambdas are at. */
  running: Promise<unknown>[];
}

/** Ends a connection that sends a larger frame than it may, before it is read as one. */
export function refuseLargeFrames(raw: Duplex, socket: WebSocket): void {
  const frames = new Frames();
  raw.prependListener("data", (piece: Buffer) => {
    for (const size of frames.sizes(piece)) {
      if (size <= maxFrameBytes) continue;
      socket.removeAllListeners("message");
      socket.close(1009);
    }
  });
}

/** Notifies the Lambdas of all that happens to a connection, and ends it when its time is over. */
export function follow(connected: Connected, socket: WebSocket, { api, times, running }: Following): void {
  const { id } = connected;
  let underWay: Promise<unknown> = Promise.resolve();
  const longest = setTimeout(() => socket.close(1001, "Going away"), times.longest);
  const idle = setInterval(() => {
    if (Date.now() - (api.open.get(id)?.activeAt ?? 0) >= times.idle) socket.close(1001, "Going away");
  }, times.idle / 10);
  socket.on("error", () => {});
  socket.on("message", (data) => {
    const event = messageEvent(connected, data.toString());
    const failed = { message: "Internal server error", connectionId: id, requestId: event.requestContext.requestId };
    Object.assign(api.open.get(id) ?? {}, { activeAt: Date.now() });
    underWay = underWay
      .then(() => answered(api.routes.message(event), times))
      .catch(() => socket.send(JSON.stringify(failed)));
    running.push(underWay);
  });
  socket.on("close", (code, reason) => {
    if (!api.open.delete(id)) return;
    // API Gateway asks once, and notifies no one if that fails.
    running.push(api.routes.disconnect(disconnectEvent(connected, [code, `${reason}`])).catch(() => {}));
  });
  socket.once("close", () => {
    clearTimeout(longest);
    clearInterval(idle);
  });
}
