import type { Server, ServerOptions } from "node:http";
import { createServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ConnectionRefusal } from "@gatepost/core/arrivals";
import type { Certificate } from "./certificate.ts";
import type { Connections } from "./connections.ts";

/** ms for a handshake. */
const handshakeTimeout = 10_000;

export interface Opened {
  server: Server | TlsServer;
  /** Ends the parts of the server that would keep it from closing. */
  end(): void;
}

interface Deps {
  certificate: Certificate;
  connections: Connections;
  /** Called with the address of a client whose handshake fails. */
  onRefused: (reason: ConnectionRefusal, address: string) => void;
}

/** A server that speaks TLS 1.2 and 1.3, to new connections always with the certificate that is the latest. */
export function tlsServer(settings: ServerOptions, { certificate, connections, onRefused }: Deps): Opened {
  const contextOf = ({ cert, key }: Certificate["identity"]) => ({ cert, key, minVersion: "TLSv1.2" as const });
  const context = contextOf(certificate.identity);
  const options = { handshakeTimeout, ALPNProtocols: ["http/1.1"], allowHalfOpen: true };
  const server = createServer({ ...settings, ...context, ...options });
  const forget = certificate.onChange((identity) => server.setSecureContext(contextOf(identity)));
  const disconnect = countConnections(server, connections);
  server.on("tlsClientError", (error: Error & { code?: string }, socket) => {
    const reason = reasonOf(error.code ?? "");
    if (reason !== null) onRefused(reason, socket.remoteAddress ?? "");
  });
  return {
    server,
    end() {
      forget();
      disconnect();
    },
  };
}

/** Why a handshake was refused; null if the client just went away. */
function reasonOf(code: string): ConnectionRefusal | null {
  if (code === "ERR_SSL_HTTP_REQUEST") return "no-tls";
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") return "too-slow";
  return code.startsWith("ERR_SSL_") ? "tls-failed" : null;
}

const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

/**
 * Counts connections before their handshake, so that handshakes are bounded too. The returned function disconnects
 * those whose handshake is not complete: they have no request yet.
 */
function countConnections(server: TlsServer, connections: Connections): () => void {
  const shaking = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const name = nameOf(socket);
    shaking.set(name, socket);
    socket.once("close", () => {
      if (shaking.get(name) === socket) shaking.delete(name);
    });
    connections.add(socket);
  });
  server.on("secureConnection", (secured: TLSSocket) => {
    const name = nameOf(secured);
    const socket = shaking.get(name);
    shaking.delete(name);
    if (socket !== undefined) connections.secured(secured, socket);
  });
  return () => {
    for (const socket of shaking.values()) socket.destroy();
  };
}
