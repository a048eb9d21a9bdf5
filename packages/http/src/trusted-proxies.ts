import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { TLSSocket } from "node:tls";

/** Most untrusted addresses that are reported: any client can send the header. */
const maxReported = 10;

/** The proxies whose headers are believed. Finds the address of a client behind them. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #onUntrusted: (address: string) => void;
  readonly #reported = new Set<string>();
  #isEmpty = true;

  /**
   * `addresses` are addresses or networks (`10.0.0.0/8`). Throws a RangeError if one is neither.
   *
   * @param onUntrusted called with an address that sends X-Forwarded-For and is not trusted: once for each of the first
   *   ten
   */
  constructor(addresses: readonly string[] = [], onUntrusted: (address: string) => void = () => {}) {
    this.#onUntrusted = onUntrusted;
    for (const address of addresses) this.#add(address);
  }

  has(address: string): boolean {
    if (this.#isEmpty) return false;
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? "ipv4" : "ipv6");
  }

  /**
   * The address that sent a request: the peer's, or, if that is a trusted proxy, the last one in X-Forwarded-For that
   * is not, or in Forwarded (RFC 7239) without one. The addresses before it were written by the client itself, and are not
   * believed.
   */
  clientOf({ socket, headers }: Pick<IncomingMessage, "socket" | "headers">): string {
    let client = plain(socket.remoteAddress ?? "");
    if (!this.has(client)) {
      if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) this.#report(client);
      return client;
    }
    for (const hop of valuesOf(headers, "x-forwarded-for", "for").reverse()) {
      const address = withoutPort(hop);
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.has(client)) return client;
    }
    return client;
  }

  /** Whether a request used TLS to this server, or to a trusted proxy that reports it. */
  isHttps(request: Pick<IncomingMessage, "socket" | "headers">): boolean {
    if (request.socket instanceof TLSSocket) return true;
    return this.has(plain(request.socket.remoteAddress ?? "")) && this.saysHttps(request);
  }

  /** Whether headers say that the client used TLS to the last proxy, also if that is not trusted. */
  saysHttps({ headers }: Pick<IncomingMessage, "headers">): boolean {
    return valuesOf(headers, "x-forwarded-proto", "proto").at(-1)?.toLowerCase() === "https";
  }

  #report(address: string): void {
    if (this.#reported.has(address) || this.#reported.size >= maxReported) return;
    this.#reported.add(address);
    this.#onUntrusted(address);
  }

  #add(text: string): void {
    const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const version = isIP(address);
    const width = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : Number(bits);
    if (version === 0 || prefix > width) throw new RangeError(`${text} is no address and no network`);
    this.#isEmpty = false;
    this.#list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
}

/** The values of the proxies, the last proxy last: in the header `own`, else under a name in `Forwarded`. */
function valuesOf(headers: IncomingHttpHeaders, own: string, name: string): string[] {
  const { [own]: listed, forwarded } = headers;
  if (listed !== undefined || forwarded === undefined) return [listed ?? []].flat().join(",").split(",").map(trimmed);
  return forwarded.split(",").map((hop) => {
    const pair = hop.split(";").find((pair) => pair.trim().toLowerCase().startsWith(`${name}=`));
    return trimmed(pair?.slice(pair.indexOf("=") + 1) ?? "").replace(/^"([^"]*)"$/, "$1");
  });
}

const trimmed = (text: string) => text.trim();

/** A server that listens on IPv6 gives an IPv4 address as a part of one of IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function withoutPort(hop: string): string {
  return plain(/^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop);
}
