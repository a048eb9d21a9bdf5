import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Client, client, cursorsInMemory, followChanges } from "@gatepost/client";
import { hashToken } from "@gatepost/core/keys";
import { type LiveConfiguration, LiveMessages, readConfiguration } from "@gatepost/core/live";
import { Connections, type Listening, listen, send, turnAway } from "@gatepost/http";
import { eventSchema, type FaceEvent } from "@gatepost/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { endSignal, sayWhy } from "../failure.ts";
import { writeOut } from "../output.ts";

/** Most bytes of a configuration, and of messages that wait for one client: with more, it is disconnected. */
const [maxAsked, maxWaiting] = [64 * 1024, 8 * 1024 * 1024];
/** Events that are remembered: the feed gives an event again with each change. */
const maxRemembered = 10_000;

const withoutKey = { status: 401, headers: {}, body: "" };

export interface Follow {
  url: string;
  token: string;
  host: string;
  port: number;
  /** Another port for the list of devices. */
  devicesPort?: number;
}

/** Admits the requests that show the key, as `?token=` or as the first part of the path. */
function admission(token: string, connections: Connections): (request: IncomingMessage) => boolean {
  const hash = hashToken(token);
  return ({ url = "", socket }) => {
    const asked = URL.parse(url, "http://localhost");
    const given = [asked?.searchParams.get("token"), asked?.pathname.split("/")[1]];
    const hasKey = given.some((text) => hashToken(text ?? "") === hash);
    if (hasKey) connections.showedReadersKey(socket);
    return hasKey;
  };
}

/** Serves the WebSocket of an SE5, and its list of devices, from the feed of a Gatepost, until the process is to end. */
export async function follow({ url, token, host, port, devicesPort = port }: Follow): Promise<void> {
  const ended = endSignal();
  const gatepost = client({ url, token });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxAsked, perMessageDeflate: false });
  const clients = new Map<WebSocket, LiveConfiguration>();
  const servers: Listening[] = [];
  const connections = new Connections();
  const isAdmitted = admission(token, connections);
  const asked = (request: IncomingMessage, response: ServerResponse) =>
    isAdmitted(request) ? void answer(request.url, response, gatepost) : send(response, withoutKey);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isAdmitted(request)) sockets.handleUpgrade(request, socket, head, (opened) => welcome(opened, clients));
    else turnAway(request, socket, withoutKey);
  };
  try {
    // The key is tried before a client connects.
    const { next } = await gatepost.changes("end");
    for (const at of new Set([port, devicesPort])) {
      const server = await listen(asked, { host, port: at, connections, upgrade });
      servers.push(server);
      writeOut(`listening on ws://${host}:${server.port}\n`);
    }
    const given = new Map<string, FaceEvent>();
    const failed = (error: unknown) => say(`${sayWhy(error)}; it is asked again`);
    const following = { cursors: cursorsInMemory(next), pauseMs: 1000, wait: 20, signal: ended, failed };
    for await (const read of followChanges(gatepost, following)) {
      const event = eventSchema.parse(read);
      await tell({ event, before: given.get(event.id) ?? null }, clients, gatepost);
      given.delete(event.id);
      given.set(event.id, event);
      const [oldest] = given.keys();
      if (given.size > maxRemembered && oldest !== undefined) given.delete(oldest);
    }
  } finally {
    for (const socket of sockets.clients) socket.terminate();
    await Promise.all(servers.map((server) => server.close()));
  }
}

function welcome(socket: WebSocket, clients: Map<WebSocket, LiveConfiguration>): void {
  socket.on("error", () => socket.terminate());
  socket.on("close", () => clients.delete(socket));
  socket.on("message", (data) => {
    const configuration = readConfiguration(data.toString());
    if (configuration !== null) clients.set(socket, configuration);
  });
}

/** Sends an event to the clients that want it. A picture that cannot be read is left out. */
async function tell(
  change: { event: FaceEvent; before: FaceEvent | null },
  clients: ReadonlyMap<WebSocket, LiveConfiguration>,
  gatepost: Client,
): Promise<void> {
  const { id, pictures } = change.event;
  const messages = new LiveMessages({
    ...change,
    async picture(kind) {
      if (pictures[kind] === undefined) return null;
      try {
        return Buffer.from(await (await gatepost.picture(id, kind)).arrayBuffer());
      } catch (error) {
        say(`the ${kind} picture of ${id} is left out: ${sayWhy(error)}`);
        return null;
      }
    },
  });
  for (const [socket, configuration] of clients) {
    const message = await messages.for(configuration);
    if (message === null) continue;
    if (socket.bufferedAmount > maxWaiting) socket.terminate();
    else socket.send(message, { binary: false });
  }
}

/** Answers with the list of devices, as an SE5 does. */
async function answer(path: string | undefined, response: ServerResponse, gatepost: Client): Promise<void> {
  if (path?.split("?")[0] !== "/SophonDevice/api/Devices") return void response.writeHead(404).end();
  try {
    const devices = JSON.stringify(await gatepost.ask("GET /SophonDevice/api/Devices"));
    response.writeHead(200, { "content-type": "application/json" }).end(devices);
  } catch (error) {
    say(`the devices are not known: ${sayWhy(error)}`);
    response.writeHead(503).end();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
