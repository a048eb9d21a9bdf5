import { type ApiPorts, api, problem } from "@gatepost/api";
import { GatepostError, securityHeaders } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import { destinationOf } from "@gatepost/core/paths";
import { omitEmpty } from "@gatepost/protocol";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { eager } from "./ingest.ts";
import { lambdaLog } from "./log.ts";
import { type BehindEdge, viewerAddress, viewerHost } from "./viewer.ts";

export type ApiHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Wraps the HTTP API as a handler for API Gateway (payload 2.0). If its ports could not be made, it answers 503 to each
 * request.
 */
export function apiHandler(makePorts: () => ApiPorts & BehindEdge, log: Log = lambdaLog()): ApiHandler {
  const made = eager(() => {
    const ports = makePorts();
    return { app: api(ports), edgeSecret: ports.edgeSecret };
  });
  const answerTo = async (event: APIGatewayProxyEventV2): Promise<Response> => {
    try {
      const { app, edgeSecret } = made();
      const host = viewerHost(event, edgeSecret);
      return await app.fetch(requestOf(event, host), {
        address: viewerAddress(event, edgeSecret),
        isHttps: true,
        origin: host === null ? null : `https://${host}`,
      });
    } catch (error) {
      return problem(error, log);
    }
  };
  return async (event) => {
    const answer = await answerTo(event);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (bytes.length <= maxAnswerBytes) return resultOf(answer, bytes);
    const refused = problem(tooLarge(bytes.length), log);
    return resultOf(refused, Buffer.from(await refused.arrayBuffer()));
  };
}

/** Most bytes of an answer. Lambda allows 6 MB for everything, and base64 makes four bytes of three. */
const maxAnswerBytes = 4.4 * 1024 * 1024;

function tooLarge(bytes: number): GatepostError {
  return new GatepostError(
    "too-large",
    `the answer has ${bytes} bytes, more than Lambda gives; ask with a smaller limit`,
  );
}

function resultOf({ status, headers }: Response, body: Buffer): APIGatewayProxyStructuredResultV2 {
  const cookies = headers.getSetCookie();
  return {
    statusCode: status,
    headers: { ...securityHeaders, ...Object.fromEntries([...headers].filter(([name]) => name !== "set-cookie")) },
    ...omitEmpty({ cookies }),
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
}

/**
 * Makes a web Request of the event. Its path is decoded, its query is as it was sent.
 *
 * @param host that the client asked for, if the distribution has put the gateway's in its place
 */
function requestOf(
  { rawPath, rawQueryString, requestContext, ...sent }: APIGatewayProxyEventV2,
  host: string | null,
): Request {
  const { method } = requestContext.http;
  const headers = new Headers();
  for (const [name, value = ""] of Object.entries(sent.headers)) headers.append(name, asBytes(value));
  if (host !== null) headers.set("host", asBytes(host));
  // API Gateway removes cookies from the headers.
  if (sent.cookies !== undefined) headers.set("cookie", asBytes(sent.cookies.join("; ")));
  // The API answers that it has nothing at `/`.
  const asked = destinationOf(rawPath) === "api" ? rawPath : "/";
  // Joined as text: `new URL(path, base)` would read a path with two slashes as a host.
  const path = encodeURI(asked.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
  const url = `http://gatepost${path}?${rawQueryString}`;
  const { body = "", isBase64Encoded } = sent;
  const hasBody = method !== "GET" && method !== "HEAD" && body !== "";
  const bytes = new Uint8Array(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
  return new Request(url, { method, headers, body: hasBody ? bytes : null });
}

/** Headers take only bytes, one for each character. */
function asBytes(value: string): string {
  return Buffer.from(value).toString("latin1");
}
