import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import { onTestFinished } from "vitest";
import { pemOf } from "./certificates.ts";

/** The port of a server that has the certificate of nobody known, in front of another one of this machine. */
export async function encryptedFront(port: number): Promise<number> {
  const server = createServer({ cert: pemOf("first.crt"), key: pemOf("first.key") }, (socket) => {
    const behind = connect(port, "127.0.0.1");
    socket.on("error", () => behind.destroy()).on("close", () => behind.destroy());
    behind.on("error", () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  server.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    await once(server, "close");
  });
  return (server.address() as AddressInfo).port;
}
