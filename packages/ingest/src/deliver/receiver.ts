import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { authenticate } from "../auth/authenticate.ts";
import { GatepostError, visible } from "../errors.ts";
import type { Ports } from "../ports/ports.ts";
import { receive } from "./receive.ts";
import { boxRequest } from "./request.ts";

export type Receiver = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** The acknowledgement that boxes and sophonsight expect, to the byte. docs/formats.md §3. */
export const acknowledged = answer(200, '{"message":"SUCCESS","status":0}');

/** The handler of every ingest route: an HTTP API event (payload 2.0) in, its answer out. It never throws. */
export function receiver(ports: Ports): Receiver {
  return async (event) => {
    try {
      const request = boxRequest(event);
      const admission = await authenticate(request, ports);
      const toLook = probeResponse(request.method);
      if (toLook !== null) return toLook;
      await receive(request, admission, ports);
      return acknowledged;
    } catch (error) {
      return refusal(error, ports);
    }
  };
}

const hint: APIGatewayProxyStructuredResultV2 = {
  statusCode: 200,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: "This key works. Deliver reports to this URL with POST.\n",
};

/**
 * What a method is answered that only looks whether its URL works; null for one that delivers. Throws 405 for others.
 */
export function probeResponse(method: string): APIGatewayProxyStructuredResultV2 | null {
  if (method === "GET" || method === "HEAD") return hint;
  if (method !== "POST") throw new GatepostError("wrong-method", "deliver reports with POST");
  return null;
}

/**
 * What a box is told of a failure; the cause of one that is not its own goes into the log, under what came to nothing.
 */
export function refusal(
  error: unknown,
  { log }: Pick<Ports, "log">,
  failed = "report not stored",
): APIGatewayProxyStructuredResultV2 {
  const { message, status, retryAfter, cause } = visible(error);
  if (cause !== undefined) log.error(failed, { cause });
  const refused = answer(status, JSON.stringify({ message, status }));
  return retryAfter === undefined
    ? refused
    : { ...refused, headers: { ...refused.headers, "retry-after": `${retryAfter}` } };
}

function answer(statusCode: number, body: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { "content-type": "application/json" }, body };
}
