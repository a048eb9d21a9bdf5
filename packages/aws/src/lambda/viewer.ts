import { timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

/**
 * The headers that the distribution in front of the API adds to a request: a secret of the deployment, the client's
 * address, and the host that the client asked for.
 */
export const edgeHeaders = { secret: "x-gatepost-edge", viewer: "x-gatepost-viewer", host: "x-gatepost-host" } as const;

/** The secret of the distribution in front of the API, if there is one. */
export interface BehindEdge {
  edgeSecret?: string | undefined;
}

/**
 * The address of a client. API Gateway sees only one of the many edges of the distribution, with many clients behind
 * it, so the address that the distribution sends counts. It is trusted only together with the secret: any client may
 * call the gateway directly.
 */
export function viewerAddress(
  { headers, requestContext }: Pick<APIGatewayProxyEventV2, "headers" | "requestContext">,
  edgeSecret: string | undefined,
): string {
  const viewer = headers[edgeHeaders.viewer] ?? "";
  return isOfEdge(headers, edgeSecret) && isIP(viewer) !== 0 ? viewer : requestContext.http.sourceIp;
}

/** The host that the client asked for; null if the request has not passed the distribution, and so names it in `Host`. */
export function viewerHost(
  { headers }: Pick<APIGatewayProxyEventV2, "headers">,
  edgeSecret: string | undefined,
): string | null {
  return isOfEdge(headers, edgeSecret) ? (headers[edgeHeaders.host] ?? null) : null;
}

function isOfEdge(headers: APIGatewayProxyEventV2["headers"], edgeSecret: string | undefined): boolean {
  return edgeSecret !== undefined && isSame(headers[edgeHeaders.secret] ?? "", edgeSecret);
}

function isSame(given: string, secret: string): boolean {
  const [givenBytes, secretBytes] = [Buffer.from(given), Buffer.from(secret)];
  return givenBytes.length === secretBytes.length && timingSafeEqual(givenBytes, secretBytes);
}
