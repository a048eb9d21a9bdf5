import { STATUS_CODES } from "node:http";
import { securityHeaders } from "@gatepost/core/errors";

/** The bytes of an answer to a client whose request Node has not read completely. The connection ends with it. */
export function rawAnswer(status: number, headers: Readonly<Record<string, string | number>>, body: string): string {
  const sent = {
    ...securityHeaders,
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
    date: new Date().toUTCString(),
  };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`;
}

/** The bytes of a refusal in the form for boxes. */
export function rawRefusal(status: number, message: string): string {
  return rawAnswer(status, { "content-type": "application/json" }, JSON.stringify({ message, status }));
}
