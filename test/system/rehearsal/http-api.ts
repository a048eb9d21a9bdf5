import type { IncomingMessage, RequestListener } from "node:http";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { gatewayBody } from "../../standins/gateway-body.ts";
import { bodyOf } from "../../standins/listen.ts";
import { type Lambda, TimedOut } from "./lambda.ts";
import { type Matched, match, type Route } from "./route.ts";

/** Bytes that API Gateway takes, of which the request line and the headers may have few. */
const maxBytes = 10 * 1024 * 1024;
const maxHeadBytes = 10_240;

/** Bytes that Lambda takes as an event, and gives as an answer. */
const maxEventBytes = 6 * 1024 * 1024;
const maxAnswerBytes = 6 * 1024 * 1024;

/** ms after which API Gateway gives up on a function. */
const longest = 30_000;

/** An HTTP API of API Gateway as its documents tell: it hands each request to the function of its route. */
export function httpApi(routes: readonly Route[], lambdas: ReadonlyMap<string, Lambda>): RequestListener {
  return async (request, response) => {
    const body = await whole(request);
    if (body === null) {
      response.destroy();
      return;
    }
    const {
      statusCode = 200,
      headers = {},
      cookies = [],
      body: text = "",
      isBase64Encoded,
    } = await answer(request, body);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
    if (cookies.length > 0) response.setHeader("set-cookie", cookies);
    response.writeHead(statusCode).end(Buffer.from(text, isBase64Encoded ? "base64" : "utf8"));
  };

  async function answer(request: IncomingMessage, body: Buffer): Promise<APIGatewayProxyStructuredResultV2> {
    if (headBytes(request) > maxHeadBytes) return own(431, "Request Header Fields Too Large");
    const matched = match(routes, request.method ?? "GET", pathOf(request));
    const lambda = lambdas.get(matched?.route.lambda ?? "");
    if (matched === null || lambda === undefined) return own(404, "Not Found");
    const event = eventOf(request, body, matched);
    const isTooLarge = body.length > maxBytes || Buffer.byteLength(JSON.stringify(event)) > maxEventBytes;
    return isTooLarge ? own(413, "Request Entity Too Large") : invoke(lambda, event);
  }
}

/** The body; null if the client went away before it was complete, and there is no one to answer. */
async function whole(request: IncomingMessage): Promise<Buffer | null> {
  try {
    return await bodyOf(request);
  } catch (error) {
    if (request.complete) throw error;
    return null;
  }
}

async function invoke(lambda: Lambda, event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const late = Promise.withResolvers<APIGatewayProxyStructuredResultV2>();
  const timer = setTimeout(() => late.resolve(own(503, "Service Unavailable")), longest);
  try {
    return await Promise.race([fitting(lambda.invoke(event)), late.promise]);
  } catch (error) {
    return error instanceof TimedOut ? own(503, "Service Unavailable") : own(500, "Internal Server Error");
  } finally {
    clearTimeout(timer);
  }
}

/** The answer of a function; if it is larger than Lambda's limit, the invocation has failed. */
async function fitting(invoked: Promise<unknown>): Promise<APIGatewayProxyStructuredResultV2> {
  const answered = await invoked;
  const bytes = Buffer.byteLength(JSON.stringify(answered));
  if (bytes > maxAnswerBytes) throw new Error(`an answer of ${bytes} bytes exceeds what Lambda gives`);
  return answered as APIGatewayProxyStructuredResultV2;
}

/** Bytes of the request line and of the headers, as API Gateway counts them: names and values. */
function headBytes({ method = "", url = "", rawHeaders }: IncomingMessage): number {
  return [method, url, ...rawHeaders].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** What API Gateway says itself. */
function own(statusCode: number, message: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}

/** An event of payload format 2.0. */
function eventOf(request: IncomingMessage, body: Buffer, { route, parameters }: Matched): APIGatewayProxyEventV2 {
  const now = new Date();
  const path = pathOf(request);
  const headers = headersOf(request);
  return {
    version: "2.0",
    routeKey: route.key,
    rawPath: path,
    rawQueryString: queryOf(request),
    headers,
    ...(request.headers.cookie !== undefined && { cookies: request.headers.cookie.split("; ") }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    requestContext: {
      accountId: "123456789012",
      apiId: "rehearsal",
      domainName: request.headers.host ?? "",
      domainPrefix: "rehearsal",
      http: {
        method: request.method ?? "GET",
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "",
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId: "rehearsal",
      routeKey: route.key,
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? gatewayBody(body, headers) : { isBase64Encoded: false }),
  };
}

function headersOf({ headersDistinct }: IncomingMessage): Record<string, string> {
  const pairs = Object.entries(headersDistinct).filter(([name]) => name !== "cookie");
  return Object.fromEntries(pairs.map(([name, values]) => [name, (values ?? []).join(",")]));
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const path = url.split("?", 1)[0] ?? "/";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function queryOf({ url = "" }: IncomingMessage): string {
  return url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
}
