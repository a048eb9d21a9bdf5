import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { masked } from "../auth/token.ts";
import { Body } from "../decode/body.ts";

/** One HTTP request of a box, as far as anything here looks at it. */
export interface BoxRequest {
  method: string;
  /** Where a key may be, in the order in which it is looked for: query, user of Basic auth, first part of the path. */
  candidates: readonly string[];
  /** Parts of the path without empty ones and without trailing commas; the key may be the first. */
  segments: readonly string[];
  address: string;
  headers: Record<string, string>;
  body: Body;
}

/** Headers that help to read a body later and hold no secret. */
const keptHeaders = ["content-type", "content-encoding", "content-length", "user-agent"];

/** Reads an API Gateway HTTP API event (payload 2.0); the embedded server makes the same. */
export function boxRequest(event: APIGatewayProxyEventV2): BoxRequest {
  const { body = "", isBase64Encoded } = event;
  const segments = event.rawPath
    .split("/")
    .map(withoutCommas)
    .filter((segment) => segment !== "");
  const query = new URLSearchParams(event.rawQueryString).getAll("token").map(withoutCommas);
  const candidates = [...query, ...basicUser(event.headers["authorization"]), ...segments.slice(0, 1)];
  return {
    method: event.requestContext.http.method,
    candidates: candidates.filter((candidate) => candidate !== ""),
    segments,
    address: event.requestContext.http.sourceIp,
    headers: keep(event.headers),
    body: new Body(isBase64Encoded ? Buffer.from(body, "base64") : body),
  };
}

/** Configurations of V5R7 end their lists of URLs with a comma (docs/formats.md §3). */
function withoutCommas(part: string): string {
  let end = part.length;
  while (part[end - 1] === ",") end -= 1;
  return part.slice(0, end);
}

function basicUser(header: string | undefined): string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(header ?? "")?.[1];
  return encoded === undefined ? [] : [Buffer.from(encoded, "base64").toString().replace(/:.*$/s, "")];
}

function keep(headers: APIGatewayProxyEventV2["headers"]): Record<string, string> {
  const kept = keptHeaders.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, masked(value)] as const];
  });
  return Object.fromEntries(kept);
}
