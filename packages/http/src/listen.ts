import {
  createServer,
  type IncomingMessage,
  maxHeaderSize,
  type RequestListener,
  type Server,
  type ServerOptions,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ConnectionRefusal } from "@gatepost/core/arrivals";
import { securityHeaders } from "@gatepost/core/errors";
import { send } from "./answer.ts";
import type { Certificate } from "./certificate.ts";
import { Connections } from "./connections.ts";
import { rawAnswer, rawRefusal } from "./raw-answer.ts";
import { type Opened, tlsServer } from "./tls-server.ts";
import { Unanswered } from "./unanswered.ts";
import { type Upgrade, Upgraded } from "./upgraded.ts";

interface ListenOptions {
  host: string;
  /** 0: a free port. */
  port: number;
  /** ms in which a request must arrive completely, and its head; a client that sends more slowly is disconnected. */
  requestTimeout?: number | undefined;
  headersTimeout?: number | undefined;
  /** ms that a connection may wait for its next request. */
  keepAliveTimeout?: number | undefined;
  /** Bounds the connections of this port, and of others that have the same. */
  connections?: Connections | undefined;
  /** ms that requests in progress have to finish when the server closes. */
  closeTimeout?: number | undefined;
  /** Speaks TLS with this certificate, and with its successors once its files change. */
  certificate?: Certificate | undefined;
  /** Called with the address of each client that is refused before it has sent a complete request. */
  onRefused?: (reason: ConnectionRefusal, address: string) => void;
  /** Handles requests for a WebSocket. Without it they are answered like any other request. */
  upgrade?: Upgrade | undefined;
}

export interface Listening {
  port: number;
  /** Stops accepting, lets requests in progress finish, and disconnects those that have not finished in time. */
  close(): Promise<void>;
}

/**
 * Opens a port and serves HTTP on it. A request with `Expect: 100-continue` is passed to `answer` without its body:
 * Bodies lets the client continue. Rejects if the port cannot be opened.
 */
export async function listen(answer: RequestListener, options: ListenOptions): Promise<Listening> {
  const { requestTimeout = 900_000, headersTimeout = 10_000, closeTimeout = 5000, upgrade } = options;
  const { connections = new Connections(), certificate, onRefused = () => {} } = options;
  // Proxies keep idle connections for up to 60 s. If the server closes one first, a report on it becomes a 502.
  const { keepAliveTimeout = 75_000 } = options;
  const unanswered = new Unanswered({
    onBusy: (socket) => connections.busy(socket),
    onIdle: (socket) => connections.idle(socket),
  });
  const upgraded = new Upgraded(unanswered);
  const take: RequestListener = (request, response) => {
    if (!unanswered.add(response)) return;
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const fault = faultOfHost(request);
    if (fault === null) return answer(request, response);
    onRefused("not-http", request.socket.remoteAddress ?? "");
    response.setHeader("connection", "close");
    send(response, { ...hostRefused, body: JSON.stringify({ message: `${notHttp}: ${fault}`, status: 400 }) });
  };
  const settings: ServerOptions = {
    requestTimeout,
    headersTimeout: Math.min(headersTimeout, requestTimeout),
    keepAliveTimeout,
    // Checked by `take`: Node answers without a word.
    requireHostHeader: false,
    connectionsCheckingInterval: 1000,
    // Java's HTTP client offers an upgrade to HTTP/2 with each request, which is ignored.
    shouldUpgradeCallback: ({ headers }) => upgrade !== undefined && headers.upgrade?.toLowerCase() === "websocket",
  };
  const { server, end } =
    certificate === undefined
      ? plainServer(settings, connections)
      : tlsServer(settings, { certificate, connections, onRefused });
  // A client may end its side after its request, and still reads the answer. Node has no option for this.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("request", take);
  server.on("checkContinue", take);
  if (upgrade !== undefined) {
    server.on("upgrade", (_, socket) => connections.busy(socket as Socket));
    server.on("upgrade", upgraded.by(upgrade));
  }
  server.on("clientError", (error: ClientError, duplex) => {
    const socket = duplex as Socket;
    const reason = reasonOf(error);
    if (reason !== null) onRefused(reason, socket.remoteAddress ?? "");
    if (isOfRequest(error) && unanswered.endAfterAnswers(socket)) return;
    if (!unanswered.hasBegun(socket)) answerNonsense(error, socket);
    socket.destroy();
  });
  await started(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      unanswered.closing();
      end();
      return closed(server, closeTimeout, () => upgraded.disconnectAll());
    },
  };
}

/** `end` disconnects clients that have sent nothing yet, as browsers open some ahead: Node counts them as busy. */
function plainServer(settings: ServerOptions, connections: Connections): Opened {
  const server = createServer(settings);
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return {
    server,
    end() {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
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

/** `disconnect` is for the connections of which Node does not know any more. */
function closed(server: Server, timeoutMs: number, disconnect: () => void): Promise<void> {
  const cut = setTimeout(() => {
    server.closeAllConnections();
    disconnect();
  }, timeoutMs);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

/** The first byte of a TLS handshake. */
const handshake = 0x16;

/** Answered to a program that asks with very long or very many values. Its key has not been read. */
const tooLong = JSON.stringify({
  type: "about:blank",
  title: "Request Header Fields Too Large",
  status: 431,
  detail: `address and headers may have ${maxHeaderSize / 1024} KB together; ask with fewer or shorter values`,
});

const notHttp = "this is not valid HTTP/1.1";

/** Answers by the code of an error. Any other is no HTTP. */
const answers: Record<string, () => string> = {
  HPE_HEADER_OVERFLOW: () => rawAnswer(431, { "content-type": "application/problem+json" }, tooLong),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => rawRefusal(413, "the extensions of a chunk are too long: send none"),
  ERR_HTTP_REQUEST_TIMEOUT: () => rawRefusal(408, "the request arrives too slowly: send it faster"),
};

const hostRefused = { status: 400, headers: { "content-type": "application/json" } };

/** Why a request has no one host (RFC 9112, 3.2); null if it has. */
function faultOfHost({ httpVersion, headers, rawHeaders }: IncomingMessage): string | null {
  if (headers.host === undefined) return httpVersion === "1.1" ? "the header Host is missing" : null;
  // Node's own list of all values is made for each request that asks for it.
  const names = rawHeaders.filter((text, at) => at % 2 === 0 && text.length === 4 && text.toLowerCase() === "host");
  return names.length === 1 ? null : "the header Host is there twice";
}

interface ClientError extends Error {
  code?: string;
  /** The fault in a few words, by Node's parser. */
  reason?: string;
  rawPacket?: Buffer;
}

/** Whether only a request is bad or late. After any other error its connection has failed. */
function isOfRequest({ code = "" }: ClientError): boolean {
  return code.startsWith("HPE_") || code === "ERR_HTTP_REQUEST_TIMEOUT";
}

/** Why a connection is refused; null if its client went away, or sent a valid head that is too large. */
function reasonOf({ code = "", rawPacket }: ClientError): ConnectionRefusal | null {
  if (rawPacket?.[0] === handshake) return "tls";
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "too-slow";
  const isOther = code === "HPE_HEADER_OVERFLOW" || code === "HPE_INVALID_EOF_STATE";
  return code.startsWith("HPE_") && !isOther ? "not-http" : null;
}

/** Answers a client that sends no HTTP, or not in time. */
function answerNonsense({ code = "", reason = "" }: ClientError, socket: Socket): void {
  if (!socket.writable || code === "ECONNRESET") return;
  const answer = answers[code] ?? (() => rawRefusal(400, `${notHttp}: ${reason || code}`));
  socket.write(answer());
}
