import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Front } from "./front.ts";
import { LiveDoor } from "./live/door.ts";
import type { Machine } from "./machine.ts";

export interface ServeOptions {
  host: string;
  port: number;
  /** Ports to listen on besides: for clients of an SE5 that know no other than 5679 and 5555. */
  alsoOn?: readonly number[];
  /** Bytes of one body at most. */
  maxBody?: number;
  /** Bytes of all bodies that are being received or stored at the same time. */
  maxInFlight?: number;
  /** ms for a request to arrive whole; a client that drips is cut off after it. */
  requestTimeout?: number;
  /** ms that requests in flight get to finish when the server closes. */
  closeTimeout?: number;
}

export interface Served {
  host: string;
  port: number;
  /** All ports, this one first. */
  ports: readonly number[];
  close(): Promise<void>;
}

const defaults = {
  maxBody: 64 * 1024 * 1024,
  maxInFlight: 512 * 1024 * 1024,
  requestTimeout: 120_000,
  closeTimeout: 10_000,
};

/** Serves a machine over HTTP: boxes deliver under their key, readers ask under the reserved paths or listen to the live feed. */
export async function serve(machine: Machine, options: ServeOptions): Promise<Served> {
  const settings = { ...defaults, ...options };
  const front = new Front(machine, settings);
  const live = new LiveDoor(machine);
  const servers: Server[] = [];
  const closeAll = async () => {
    front.closing();
    await Promise.all([live.close(), ...servers.map((server) => close(server, settings.closeTimeout))]);
  };
  try {
    for (const port of [settings.port, ...(settings.alsoOn ?? [])]) {
      const server = makeServer(front, live, settings.requestTimeout);
      await listen(server, { host: settings.host, port });
      servers.push(server);
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  return { host: settings.host, port: ports[0] ?? settings.port, ports, close: closeAll };
}

function makeServer(front: Front, live: LiveDoor, requestTimeout: number): Server {
  const answer = (request: IncomingMessage, response: ServerResponse) => void front.answer(request, response);
  const server = createServer(
    {
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: 1000,
      // Java's client offers HTTP/2 with each report; what is offered need not be taken.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
    },
    answer,
  );
  // Only who may deliver is asked to go on sending.
  server.on("checkContinue", answer);
  server.on("upgrade", (request, socket, head) => void live.upgrade(request, socket, head));
  return server;
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Stops accepting, lets what is in flight finish, and cuts what has not by then. */
function close(server: Server, patience: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
