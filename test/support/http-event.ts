import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { bytesOf, type Sent } from "./http.ts";

/** An HTTP API event (payload 2.0) as API Gateway makes it: bytes as base64. */
export function httpEvent({
  method = "POST",
  path = "/",
  query = "",
  headers = {},
  body,
  address = "198.51.100.7",
}: Sent): APIGatewayProxyEventV2 {
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
