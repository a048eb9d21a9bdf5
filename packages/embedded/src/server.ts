import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { authenticate, boxRequest, receiver, refusal, reservedSegments } from "@gatepost/ingest";
import { Incomplete, InFlight, withBody } from "./body.ts";
import { gatewayEvent } from "./gateway-event.ts";
import type { Machine } from "./machine.ts";
import { fromWeb, toWeb } from "./web.ts";

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

/** Bytes of a body that the API reads; its bodies are small documents. */
const maxApiBody = 1024 * 1024;

/** ms that a refused client gets to stop sending and read why, before the connection is cut. */
const lingering = 1000;

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
  return { host: settings.host, port, close: () => close(server, settings.closeTimeout) };
}

class Front {
  readonly #machine: Machine;
  readonly #receive: ReturnType<typeof receiver>;
  readonly #inFlight: InFlight;
  readonly #maxBody: number;

  constructor(machine: Machine, { maxBody, maxInFlight }: { maxBody: number; maxInFlight: number }) {
    this.#machine = machine;
    this.#receive = receiver(machine.ingest);
    this.#inFlight = new InFlight(maxInFlight);
    this.#maxBody = maxBody;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await (isReserved(request) ? this.#read(request, response) : this.#deliver(request, response));
    } catch (error) {
      if (error instanceof Incomplete) response.destroy();
      else refuse(request, response, refusal(error, this.#machine.ingest));
    }
  }

  /** A request without a live key is refused before its body is read. */
  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = this.#machine.ingest.clock();
    await authenticate(boxRequest(gatewayEvent(request, { body: Buffer.alloc(0), now })), this.#machine.ingest);
    if (request.headers.expect !== undefined) response.writeContinue();
    await withBody(request, { most: this.#maxBody, inFlight: this.#inFlight }, async (body) => {
      const { statusCode = 500, headers = {}, body: text } = await this.#receive(gatewayEvent(request, { body, now }));
      response.writeHead(
        statusCode,
        Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
      );
      response.end(text);
    });
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.expect !== undefined) response.writeContinue();
    await withBody(request, { most: maxApiBody, inFlight: this.#inFlight }, async (body) => {
      const address = request.socket.remoteAddress ?? "";
      await fromWeb(await this.#machine.api.fetch(toWeb(request, body), { address }), response);
    });
  }
}

function isReserved({ url = "/" }: IncomingMessage): boolean {
  const [first = ""] =
    url
      .split(/[?#]/, 1)[0]
      ?.split("/")
      .filter((segment) => segment !== "") ?? [];
  return reservedSegments.some((reserved) => reserved === first);
}

/** Answers before the body was read, waits a moment for the client to see it, and cuts the connection. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { statusCode = 500, headers = {}, body }: ReturnType<typeof refusal>,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(statusCode);
  response.end(body);
  if (request.complete) return;
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), lingering);
  request.once("close", () => clearTimeout(cut));
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
