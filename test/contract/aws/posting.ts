import type { ReceiverPorts } from "@gatepost/receive";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";

/** An event of API Gateway's HTTP API for one POST. */
export function posted(path: string, body: unknown): APIGatewayProxyEventV2 {
  const http = { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "" };
  const context = { accountId: "", apiId: "", domainName: "", domainPrefix: "", requestId: "", stage: "$default" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    requestContext: { ...context, routeKey: "$default", time: "", timeEpoch: 0, http },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** Delivers a report as a box does, to the handler over these ports. */
export function deliver(
  body: unknown,
  { token, ports, route = "HistoryEvent" }: { token: string; ports: ReceiverPorts; route?: string },
) {
  return ingestHandler(() => ports)(posted(`/${token}/${route}`, body));
}
