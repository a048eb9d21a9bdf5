import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** Networks that are not the public Internet, or lead back out of it. */
const reserved = new BlockList();
for (const network of [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  // Here clouds give machines their credentials.
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
]) {
  const [address = "", bits] = network.split("/");
  reserved.addSubnet(address, Number(bits), "ipv4");
}
// Teredo and its neighbours, documentation, 6to4: other addresses are hidden in some of them.
for (const [address, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  reserved.addSubnet(address, bits, "ipv6");
}

/** Whether an address is on the public Internet. An IPv4 address that is written as an IPv6 address never is. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false;
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  const isUnicast = family === "ipv4" || globalUnicast.check(address, family);
  return isUnicast && !reserved.check(address, family);
}

const translated = new BlockList();
translated.addSubnet("64:ff9b::", 96, "ipv6");

/**
 * Whether data to an address goes over the Internet. A non-public address may still do so: an IPv4 address may be
 * written as an IPv6 one, or be reached through a translator (NAT64).
 */
export function isOverInternet(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, "");
  return isPublic(plain) || (isIP(plain) === 6 && translated.check(plain, "ipv6"));
}

/** The host of a URL as an address, or null if it is a name. */
export function literalAddress({ hostname }: URL): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) === 0 ? null : bare;
}

/** The host of a URL if it is not public, regardless of DNS; else null. */
export function privateHost(url: URL): string | null {
  const address = literalAddress(url);
  if (address !== null) return isPublic(address) ? null : address;
  return /^(.+\.)?localhost\.?$/i.test(url.hostname) ? url.hostname : null;
}

export class PrivateTarget extends Error {
  constructor(address: string) {
    super(`${address} is no public address; allow it with "allowPrivate": true in the target of the rule`);
    this.name = "PrivateTarget";
  }
}

/** A target that would receive data over the Internet unencrypted. */
export class UnencryptedTarget extends Error {
  constructor({ protocol }: URL) {
    super(
      `${protocol}// goes over the Internet unencrypted, and is for private addresses alone; use ${protocol.slice(0, -1)}s://`,
    );
    this.name = "UnencryptedTarget";
  }
}

/**
 * Resolves a name to its public addresses only. The connection uses this result, so the name cannot resolve to one
 * address for the check and to another for the connection.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, "");
    const usable = found.filter(({ address }) => isPublic(address));
    const [first] = usable;
    if (first === undefined) return callback(new PrivateTarget(found[0]?.address ?? hostname), "");
    if (options.all === true) callback(null, usable);
    else callback(null, first.address, first.family);
  });
};
