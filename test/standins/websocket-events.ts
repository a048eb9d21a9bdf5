import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The parts of each event of a connection that describe the connection. */
export interface Connected {
  id: string;
  stage: string;
  at: number;
  host: string;
  address: string;
  userAgent: string;
}

export function connectEvent(deps: Connected, { url = "/", headersDistinct }: IncomingMessage) {
  const parameters = [...new URL(url, "http://api").searchParams];
  const all = (name: string) => parameters.flatMap(([one, value]) => (one === name ? [value] : []));
  const names = Object.entries(headersDistinct).map(([name, values = []]) => [name, values] as const);
  return {
    headers: Object.fromEntries(names.map(([name, values]) => [name, values.at(-1) ?? ""])),
    multiValueHeaders: Object.fromEntries(names),
    ...(parameters.length > 0 && {
      queryStringParameters: Object.fromEntries(parameters),
      multiValueQueryStringParameters: Object.fromEntries(parameters.map(([name]) => [name, all(name)])),
    }),
    requestContext: contextOf(deps, { routeKey: "$connect", eventType: "CONNECT" }),
    isBase64Encoded: false,
  };
}

export function messageEvent(deps: Connected, body: string) {
  const messageId = randomUUID();
  const requestContext = { messageId, ...contextOf(deps, { routeKey: "$default", eventType: "MESSAGE" }) };
  return { requestContext, body, isBase64Encoded: false };
}

export function disconnectEvent(deps: Connected, [disconnectStatusCode, disconnectReason]: [number, string]) {
  const headers = { Host: deps.host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" };
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const context = contextOf(deps, { routeKey: "$disconnect", eventType: "DISCONNECT" });
  const requestContext = { disconnectStatusCode, disconnectReason, ...context };
  return { headers, multiValueHeaders, requestContext, isBase64Encoded: false };
}

function contextOf(
  { id, stage, at, host, address, userAgent }: Connected,
  of: { routeKey: string; eventType: string },
) {
  const now = new Date();
  const requestId = randomUUID();
  return {
    ...of,
    messageDirection: "IN",
    stage,
    connectedAt: at,
    requestTime: requestTimeOf(now),
    requestTimeEpoch: now.getTime(),
    identity: { sourceIp: address, ...(userAgent !== "" && { userAgent }) },
    requestId,
    extendedRequestId: requestId,
    domainName: host,
    connectionId: id,
    apiId: "standin",
  };
}

/** As "20/Nov/2026:12:00:00 +0000". */
function requestTimeOf(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
