import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

/**
 * The event that API Gateway's HTTP API (payload 2.0) would make of a request: decoded path, raw query, lower-case
 * headers, the body as base64, `now` in ms. Without a body it is enough to look for a key.
 */
export function gatewayEvent(
  request: IncomingMessage,
  { body = Buffer.alloc(0), now }: { body?: Buffer; now: number },
): APIGatewayProxyEventV2 {
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  const rawPath = decodePath(path);
  const method = request.method ?? "GET";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query,
    headers: headersOf(request),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: request.headers.host ?? "localhost",
      domainPrefix: "",
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "",
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId: "",
      routeKey: "$default",
      stage: "$default",
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const pairs = Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(",")]);
  return Object.fromEntries(pairs);
}

/** A path that is no valid percent-encoding stays as it came. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
