import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { Unanswered } from "./unanswered.ts";

interface ListenOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** ms for a request to arrive whole; a client that drips is cut off after it. */
  requestTimeout?: number;
  /** ms that requests in flight get to finish when it closes. */
  closeTimeout?: number;
  /** Takes who asks for a WebSocket; without it they are answered like any other. */
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface Listening {
  port: number;
  /** Stops accepting, lets what is in flight finish, and cuts what has not by then. */
  close(): Promise<void>;
}

/**
 * Serves HTTP. A client that waits for leave to send its body comes to `answer` without it: Bodies gives it. Rejects
 * where the port is not to be had.
 */
export async function listen(answer: RequestListener, options: ListenOptions): Promise<Listening> {
  const { requestTimeout = 120_000, closeTimeout = 5000, upgrade } = options;
  const unanswered = new Unanswered();
  const take: RequestListener = (request, response) => {
    unanswered.add(response);
    answer(request, response);
  };
  const server = createServer(
    {
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: 1000,
      // Java's client offers HTTP/2 with each report; what is offered need not be taken.
      shouldUpgradeCallback: ({ headers }) => upgrade !== undefined && headers.upgrade?.toLowerCase() === "websocket",
    },
    take,
  );
  server.on("checkContinue", take);
  if (upgrade !== undefined) server.on("upgrade", upgrade);
  await started(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      unanswered.closing();
      return closed(server, closeTimeout);
    },
  };
}

function started(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server, timeoutMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
