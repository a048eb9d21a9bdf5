import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { TrustedProxies } from "@gatepost/http";
import { describe, expect, it } from "vitest";

const proxies = new TrustedProxies(["10.0.0.1", "172.16.0.0/12", "fd00::/8"]);

const clientOf = (peer: string | undefined, forwarded?: string) =>
  proxies.clientOf({
    socket: { remoteAddress: peer } as IncomingMessage["socket"],
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  });

describe("The address of a client", () => {
  it.each([
    ["its own, whatever it says of others", "192.0.2.9", "198.51.100.1", "192.0.2.9"],
    ["what a trusted proxy says", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    [
      "what the last proxy says, and not what the client wrote",
      "10.0.0.1",
      "203.0.113.5, 198.51.100.1",
      "198.51.100.1",
    ],
    ["behind several trusted proxies", "10.0.0.1", "1.2.3.4, 198.51.100.1,172.16.3.4 , fd00::1", "198.51.100.1"],
    ["the first one where all are trusted", "10.0.0.1", "172.16.0.9, 172.16.0.8", "172.16.0.9"],
    ["that of the proxy where it names none", "10.0.0.1", undefined, "10.0.0.1"],
    ["that of the proxy where it names no address", "10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"],
    ["that of the proxy where it names nothing", "10.0.0.1", "", "10.0.0.1"],
    ["without its port", "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
    ["of IPv6 without brackets and port", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
    ["of IPv4 where the server listens on IPv6", "::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
    ["of IPv6 behind a trusted network", "fd12::1", "2001:db8::1", "2001:db8::1"],
    ["of IPv6 as it is written, where it has no IPv4 address in it", "10.0.0.1", "::ffff:0:1", "::ffff:0:1"],
    ["unknown where it is gone already", undefined, undefined, ""],
    ["unknown where it is gone already, whatever it says", undefined, "198.51.100.1", ""],
  ])("is %s", (_, peer, forwarded, client) => expect(clientOf(peer, forwarded)).toBe(client));
});

it.each([
  ["for=198.51.100.1", "198.51.100.1", false],
  ['For="[2001:db8::1]:4711"; Proto=HTTPS', "2001:db8::1", true],
  ["for=1.2.3.4;proto=https, for=198.51.100.1;proto=http;by=10.0.0.1", "198.51.100.1", false],
  ["for=1.2.3.4, for=198.51.100.1;host=x;proto=https, for=172.16.3.4;proto=https", "198.51.100.1", true],
  ["for=_hidden;proto=https", "10.0.0.1", true],
  ["for=unknown", "10.0.0.1", false],
  ["proto=https", "10.0.0.1", true],
  [";=,,for", "10.0.0.1", false],
  ["", "10.0.0.1", false],
])("the header Forwarded %j is read from a trusted proxy", (forwarded, client, isHttps) => {
  const request = { socket: { remoteAddress: "10.0.0.1" } as IncomingMessage["socket"], headers: { forwarded } };
  expect([proxies.clientOf(request), proxies.isHttps(request)]).toEqual([client, isHttps]);
  const other = { ...request, socket: { remoteAddress: "192.0.2.9" } as IncomingMessage["socket"] };
  expect([proxies.clientOf(other), proxies.isHttps(other), proxies.saysHttps(other)]).toEqual([
    "192.0.2.9",
    false,
    isHttps,
  ]);
});

it("believes X-Forwarded-For and X-Forwarded-Proto rather than Forwarded", () => {
  const headers = {
    forwarded: "for=1.2.3.4;proto=https",
    "x-forwarded-for": "198.51.100.1",
    "x-forwarded-proto": "http",
  };
  const request = { socket: { remoteAddress: "10.0.0.1" } as IncomingMessage["socket"], headers };
  expect([proxies.clientOf(request), proxies.isHttps(request)]).toEqual(["198.51.100.1", false]);
});

it("an address alone is trusted alone", () => {
  const some = new TrustedProxies(["2001:db8::1", "192.0.2.1"]);
  const trusted = ["2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2"].filter((address) => some.has(address));
  expect(trusted).toEqual(["2001:db8::1", "192.0.2.1"]);
});

it("reports untrusted senders of X-Forwarded-For, each once, ten at most", () => {
  const notices: string[] = [];
  const some = new TrustedProxies(["10.0.0.1"], (address) => notices.push(address));
  const ask = (remoteAddress: string, headers: IncomingMessage["headers"]) =>
    some.clientOf({ socket: { remoteAddress } as IncomingMessage["socket"], headers });
  const named = { "x-forwarded-for": "198.51.100.1" };
  ask("10.0.0.1", named);
  ask("10.0.0.2", {});
  expect(notices).toEqual([]);
  expect([ask("::ffff:10.0.0.2", named), ask("10.0.0.2", named)]).toEqual(["10.0.0.2", "10.0.0.2"]);
  expect(notices).toEqual(["10.0.0.2"]);
  for (let at = 0; at < 20; at++) ask(`10.0.1.${at}`, named);
  expect(notices).toHaveLength(10);
});

it.each(["", "proxy.example", "10.0.0.0/33", "::/129", "10.0.0.1/", "10.0.0.1/x", "x/10.0.0.1", "10.0.0"])(
  "%j is no proxy",
  (text) => {
    expect(() => new TrustedProxies([text])).toThrow(RangeError);
  },
);

describe("https", () => {
  const from = (remoteAddress: string, proto?: string) =>
    ({ socket: { remoteAddress }, headers: { "x-forwarded-proto": proto } }) as unknown as IncomingMessage;

  it("is every request by TLS, for any X-Forwarded-Proto", () => {
    const socket = Object.create(TLSSocket.prototype, { remoteAddress: { value: "10.0.0.2" } });
    expect(new TrustedProxies().isHttps({ socket, headers: { "x-forwarded-proto": "http" } })).toBe(true);
  });

  it("is unknown for a client that is already gone", () => {
    const gone = { ...from("", "https"), socket: { remoteAddress: undefined } } as unknown as IncomingMessage;
    expect(new TrustedProxies(["10.0.0.1"]).isHttps(gone)).toBe(false);
  });

  it("is known from trusted proxies only", () => {
    const proxies = new TrustedProxies(["10.0.0.1"]);
    expect(proxies.isHttps(from("10.0.0.1", "https"))).toBe(true);
    expect(proxies.isHttps(from("::ffff:10.0.0.1", "http, https"))).toBe(true);
    expect(proxies.isHttps(from("10.0.0.1", "http"))).toBe(false);
    expect(proxies.isHttps(from("10.0.0.1"))).toBe(false);
    expect(proxies.isHttps(from("10.0.0.2", "https"))).toBe(false);
  });
});
