import { once } from "node:events";
import { hashToken, newToken, type Scope } from "@gatepost/core/keys";
import { type ServeOptions, serve } from "@gatepost/embedded";
import { expect, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { temporaryRuntime } from "../temporary.ts";

const message = z.looseObject({ event_id: z.string() });
export type Message = z.output<typeof message>;

/** A served machine, with a box and readers. */
export async function start(options: Partial<ServeOptions> = {}) {
  const { runtime, logged, close } = await temporaryRuntime();
  onTestFinished(close);
  const served = await serve(runtime, { host: "127.0.0.1", port: 0, ...options });
  onTestFinished(() => served.close());
  const key = async (scope: Scope) => {
    const token = newToken(scope);
    const made = await runtime.reads.keyAdmin.create({
      scope,
      box: scope === "ingest" ? "gate-1" : null,
      tokenHash: hashToken(token),
    });
    return { ...made, token };
  };
  const [box, reader] = [await key("ingest"), await key("read")];
  const url = `http://127.0.0.1:${served.port}`;
  const address = `ws://127.0.0.1:${served.port}`;
  return {
    runtime,
    logged,
    served,
    key,
    reader,
    url,
    address,
    /** Delivers a report as a box does. */
    async deliver(body: unknown, path = "HistoryEvent") {
      const answer = await fetch(`${url}/${box.token}/${path}`, { method: "POST", body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
    },
    /** The ids of all events, in the order in which they were made. */
    async ids() {
      const { items } = await runtime.reads.feed.read(null, 10_000);
      return items.sort((a, b) => (a.made < b.made ? -1 : 1)).map(({ event }) => event.id);
    },
    connect: (path = `/live?token=${reader.token}`) => connect(address + path),
  };
}

/** A reader of the live feed, which collects what it gets. */
export async function connect(address: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(address, { headers });
  const received: unknown[] = [];
  socket.on("message", (data) => received.push(JSON.parse(data.toString())));
  const closed = once(socket, "close").then(([code]) => Number(code));
  onTestFinished(async () => {
    socket.terminate();
    await closed;
  });
  await once(socket, "open");
  return {
    socket,
    received,
    closed,
    ask: (configuration: unknown) =>
      socket.send(typeof configuration === "string" ? configuration : JSON.stringify(configuration)),
    /** The messages that it got, once there are so many. */
    async messages(count: number): Promise<Message[]> {
      await expect.poll(() => received.length).toBeGreaterThanOrEqual(count);
      return z.array(message).parse(received);
    },
    /** Resolves when all messages sent before have had their effect. */
    async settled(): Promise<void> {
      const answered = once(socket, "pong");
      socket.ping();
      await answered;
    },
  };
}

/** The status with which a connection was refused. */
export async function refusedWith(address: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(address, { headers });
  socket.on("error", () => {});
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
  socket.terminate();
  return response.statusCode;
}
