import { timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** What the distribution in front of the API adds to a request: a secret of the deployment, and who asked. */
export const edgeHeaders = { secret: "x-gatepost-edge", viewer: "x-gatepost-viewer" } as const;

/** What the API knows of the distribution in front of it: its secret, where there is one. */
export interface BehindEdge {
  edgeSecret?: string | undefined;
}

/**
 * The address of a client. API Gateway sees one of the many edges of the distribution, behind which many clients are; so
 * the one that the distribution names counts. Only who has its secret is believed: anybody may ask the gateway itself.
 */
export function viewerAddress(
  { headers, requestContext }: Pick<APIGatewayProxyEventV2, "headers" | "requestContext">,
  edgeSecret: string | undefined,
): string {
  const viewer = headers[edgeHeaders.viewer] ?? "";
  const isOfEdge = edgeSecret !== undefined && isSame(headers[edgeHeaders.secret] ?? "", edgeSecret);
  return isOfEdge && isIP(viewer) !== 0 ? viewer : requestContext.http.sourceIp;
}

function isSame(given: string, secret: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}
