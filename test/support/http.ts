import { receiver } from "@gatepost/ingest";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { MemoryPorts } from "./memory-ports.ts";

export interface Sent {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  /** Bytes and texts are sent as they are, anything else as JSON. */
  body?: unknown;
  address?: string;
}

/** An HTTP API event (payload 2.0) as API Gateway makes it: bytes as base64. */
export function httpEvent({
  method = "POST",
  path = "/",
  query = "",
  headers = {},
  body,
  address = "198.51.100.7",
}: Sent) {
  const event: APIGatewayProxyEventV2 = {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { "content-type": "application/json", ...headers },
    requestContext: {
      accountId: "000000000000",
      apiId: "api",
      domainName: "gatepost.example",
      domainPrefix: "gatepost",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: address, userAgent: "python-requests/2.31" },
      requestId: "1",
      routeKey: "$default",
      stage: "$default",
      time: "01/Mar/2026:12:00:02 +0000",
      timeEpoch: 1_772_366_402_000,
    },
    isBase64Encoded: body !== undefined,
  };
  return body === undefined ? event : { ...event, body: bytesOf(body).toString("base64") };
}

function bytesOf(body: unknown): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

export interface Answer {
  status: number | undefined;
  headers: Record<string, boolean | number | string>;
  body: string | undefined;
}

/** Sends one request through the receiver over these ports. */
export async function send(deps: MemoryPorts, sent: Sent): Promise<Answer> {
  const { statusCode, headers = {}, body } = await receiver(deps)(httpEvent(sent));
  return { status: statusCode, headers, body };
}

export const success: Answer = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"message":"SUCCESS","status":0}',
};
