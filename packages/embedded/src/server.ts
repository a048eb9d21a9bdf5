import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Front } from "./front.ts";
import type { Machine } from "./machine.ts";

export interface ServeOptions {
  host: string;
  port: number;
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
  close(): Promise<void>;
}

const defaults = {
  maxBody: 64 * 1024 * 1024,
  maxInFlight: 512 * 1024 * 1024,
  requestTimeout: 120_000,
  closeTimeout: 10_000,
};

/** Serves a machine over HTTP: boxes deliver under their key, readers ask under the reserved paths. */
export async function serve(machine: Machine, options: ServeOptions): Promise<Served> {
  const settings = { ...defaults, ...options };
  const front = new Front(machine, settings);
  const server = createServer(
    {
      requestTimeout: settings.requestTimeout,
      headersTimeout: settings.requestTimeout,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void front.answer(request, response),
  );
  // Only who may deliver is asked to go on sending.
  server.on(
    "checkContinue",
    (request: IncomingMessage, response: ServerResponse) => void front.answer(request, response),
  );
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  return { host: settings.host, port, close: () => close(server, front, settings.closeTimeout) };
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
function close(server: Server, front: Front, patience: number): Promise<void> {
  front.closing();
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
