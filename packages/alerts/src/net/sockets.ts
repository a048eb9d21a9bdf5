import { isIP, connect as overTcp, type Socket } from "node:net";
import { connect as overTls, type TLSSocket } from "node:tls";
import { isPublic, literalAddress, PrivateTarget, publicLookup, UnencryptedTarget } from "./addresses.ts";

const ports = new Map([
  ["http:", 80],
  ["https:", 443],
  ["smtp:", 587],
  ["smtps:", 465],
  ["mqtt:", 1883],
  ["mqtts:", 8883],
]);

/** The port of a URL, and whether what is spoken there is encrypted from the start. */
export function endpointOf({ protocol, port }: URL): { port: number; isTls: boolean } {
  return { port: port === "" ? (ports.get(protocol) ?? 0) : Number(port), isTls: protocol.endsWith("s:") };
}

interface Destination {
  url: URL;
  port: number;
  isTls: boolean;
  allowPrivate: boolean;
}

/** Begins a connection to the host of a URL: to a public address alone, unless private ones are allowed. */
export function dial({ url, port, isTls, allowPrivate }: Destination): Socket | TLSSocket {
  const literal = literalAddress(url);
  if (!allowPrivate && literal !== null && !isPublic(literal)) throw new PrivateTarget(literal);
  const host = literal ?? url.hostname;
  const to = { host, port, ...(allowPrivate ? {} : { lookup: publicLookup }) };
  // A server is asked for by its name; addresses have none.
  return isTls ? overTls({ ...to, ...(isIP(host) === 0 ? { servername: host } : {}) }) : overTcp(to);
}

/** Ends a connection that would be read on its way to the Internet, before a byte of it is sent. */
export function endUnencrypted(socket: Socket, url: URL, isEncryptedTo: (address: string) => boolean): void {
  socket.once("connect", () => {
    if (isEncryptedTo(socket.remoteAddress ?? "")) socket.destroy(new UnencryptedTarget(url));
  });
}
