type Random = () => number;

const report = JSON.stringify({
  identity_id: "7",
  timestamp: 1_793_851_200_000,
  ext_data: { ep_id: "A__10.0.0.2" },
});
const large = JSON.stringify({ a: "x".repeat(600_000) });
const targets = [
  ...["/", "/healthz", "/HistoryEvent", "/gpi_x/HistoryEvent", "/v1/events", "/v1/me", "/v1/events/count", "*"],
  ...["/live", "/live", "/live?key=x", "/%ff", "http://x/y", "/../..", `/v1/events?q=${"x".repeat(300)}`, ""],
];
const methods = ["GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "get", "M-SEARCH", ""];
const versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.9", ""];
const websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
const headers = [
  ...["", "Host: a\r\nHost: b\r\n", "Connection: keep-alive\r\n", "Connection: close\r\n", "Connection: Upgrade\r\n"],
  `${websocket}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`,
  `${websocket}Sec-WebSocket-Key: x\r\n`,
  ...["Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", "Expect: 100-continue\r\n", "Expect: 200-maybe\r\n"],
  ...[
    "Authorization: Bearer gpr_1\r\n",
    "Authorization: x\r\n",
    "Cookie: a=b; gatepost\r\n",
    "Range: bytes=0-1,5-\r\n",
  ],
  ...["Content-Encoding: gzip\r\n", "Content-Encoding: x\r\n", "Transfer-Encoding: gzip\r\n", ": x\r\n", "X\r\n"],
  `X: ${"y".repeat(20_000)}\r\n`,
];
/** The headers that state the length of a body, and the bytes sent as the body. */
const bodies = [
  ["", ""],
  ["", ""],
  [`Content-Length: ${report.length}\r\n`, report],
  [`Content-Length: ${large.length}\r\n`, large],
  ["Content-Length: 100\r\n", "short"],
  ["Content-Length: 5\r\n", "much longer than that"],
  ["Content-Length: -1\r\n", ""],
  ["Content-Length: 99999999999\r\n", "x"],
  ["Content-Length: 70000000\r\n", "[".repeat(10_000)],
  ["Transfer-Encoding: chunked\r\n", `${report.length.toString(16)}\r\n${report}\r\n0\r\n\r\n`],
  ["Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n"],
  ["Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "5\r\nabc"],
] as const;

/** Bytes that a client may send over one connection, piece by piece: good and broken requests, and garbage. */
export function rawPieces(random: Random): Buffer[] {
  const pieces = Array.from({ length: 1 + Math.floor(random() * 5) }, () => rawPiece(random));
  const isAtOnce = random() < 0.5;
  const isCut = random() < 0.2;
  const sent = isAtOnce ? [Buffer.concat(pieces)] : pieces;
  return isCut ? sent.map((piece) => piece.subarray(0, Math.floor(random() * piece.length))) : sent;
}

function rawPiece(random: Random): Buffer {
  if (random() < 0.1) return Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)));
  const [length, body] = oneOf(bodies, random);
  const line = `${oneOf(methods, random)} ${oneOf(targets, random)} ${oneOf(versions, random)}\r\n`;
  return Buffer.from(`${line}Host: a\r\n${oneOf(headers, random)}${length}\r\n${body}`);
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("there is none");
  return item;
}
