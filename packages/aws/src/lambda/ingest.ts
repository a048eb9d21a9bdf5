import { type Answer, nothingHere, refusal, securityHeaders } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import { destinationOf, type EventType } from "@gatepost/core/paths";
import { Body, type BoxRequest, type ReceiverPorts, receiver, requestHead } from "@gatepost/receive";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { lambdaLog } from "./log.ts";

/** The part of Lambda's context that is needed: the time that is left of the function's limit. */
interface TimeLeft {
  getRemainingTimeInMillis(): number;
}

export type IngestHandler = (
  event: APIGatewayProxyEventV2,
  context?: TimeLeft,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * The handler for requests of boxes, for an HTTP API (payload 2.0). It never throws: if its ports could not be made, it
 * answers 503 to each request.
 *
 * @param takes the type of event that belongs here. Left out: any
 */
export function ingestHandler(
  makePorts: () => ReceiverPorts,
  log: Log = lambdaLog(),
  takes: EventType | null = null,
): IngestHandler {
  const made = eager(() => {
    const ports = makePorts();
    return { ports, receive: receiver(ports, takes) };
  });
  const answer = async (event: APIGatewayProxyEventV2, context?: TimeLeft): Promise<Answer> => {
    try {
      const { ports, receive } = made();
      // The second half of the time is for the rest of a batch, which is kept as one record.
      const recordUntil = context && ports.clock() + context.getRemainingTimeInMillis() / 2;
      const request = { ...boxRequest(event, ports), ...(recordUntil !== undefined && { recordUntil }) };
      if (destinationOf(event.rawPath) === "ingest") return await receive(request);
      // The gateway sends all requests here that no other route takes, also those under a reserved word. These do not
      // come from boxes.
      ports.refusals.note("wrong-path", request);
      return nothingHere;
    } catch (error) {
      return refusal(error, { log });
    }
  };
  return async (event, context) => {
    const { status, headers, body } = await answer(event, context);
    return { statusCode: status, headers: { ...securityHeaders, ...headers }, body };
  };
}

function boxRequest(event: APIGatewayProxyEventV2, { terminals }: ReceiverPorts): BoxRequest {
  const { rawPath, rawQueryString, headers, requestContext, body = "", isBase64Encoded } = event;
  const { method, sourceIp: address } = requestContext.http;
  const head = requestHead({
    method,
    path: rawPath,
    query: rawQueryString,
    header: (name) => headers[name],
    address,
    segmentsOf: terminals?.segmentsOf,
  });
  return { ...head, body: new Body(isBase64Encoded ? Buffer.from(body, "base64") : body) };
}

/**
 * Makes something now, while Lambda starts the process. The returned function returns it, or throws the error of making
 * it: so a function whose environment is incomplete answers with that error and does not crash.
 */
export function eager<Made>(make: () => Made): () => Made {
  try {
    const made = make();
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
