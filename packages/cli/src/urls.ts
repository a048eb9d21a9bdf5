import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

const everywhere: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function urlOf(host: string, port: number, scheme: "http" | "https" = "http"): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The host by which this machine reaches a server that listens on `host`. */
export function localAddress(host: string): string {
  return everywhere[host] ?? host;
}

/** The port of a server by default. */
export const usualPort = 9528;

/** The address of a server of this machine with default options, for other machines. */
export function usualAddress(): string {
  return urlOf(lanAddress("0.0.0.0"), usualPort);
}

/**
 * The host by which others reach a server that listens on `host`: one address of this machine, if it listens on all.
 */
export function lanAddress(host: string): string {
  if (everywhere[host] === undefined) return host;
  const addresses = Object.values(networkInterfaces()).flatMap((network) => network ?? []);
  const outside = addresses.find(
    ({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."),
  );
  return outside?.address ?? localAddress(host);
}
