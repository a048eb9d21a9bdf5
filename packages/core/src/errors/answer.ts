import type { Log } from "../log/log.ts";
import { GatepostError, visible } from "./errors.ts";

/** The answer to an HTTP request. */
export interface Answer {
  status: number;
  /** Values by lower-case names. */
  headers: Record<string, string>;
  body: string;
}

/** Headers of every answer, so that a browser neither runs nor guesses its content. Pages have another policy. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "x-content-type-options": "nosniff",
};

/** The acknowledgement that boxes and sophonsight expect, byte by byte. docs/formats.md §3. */
export const acknowledged = json(200, '{"message":"SUCCESS","status":0}');

/** The message for a path that does not exist. */
export const nothingAtThis = "there is nothing at this address; /docs lists what there is";

/** The answer for a path that belongs neither to boxes nor to readers. It is the same everywhere. */
export const nothingHere = notFound(nothingAtThis);

/** A 404 answer in the format for readers (RFC 9457). */
export function notFound(detail: string): Answer {
  return {
    status: 404,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify({ type: "about:blank", title: "Not Found", status: 404, detail }),
  };
}

const hint: Answer = {
  status: 200,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: "This key works. Deliver reports to this URL with POST.\n",
};

/**
 * The answer to a GET or HEAD, by which a client checks whether its URL works; null for a method that delivers. Throws
 * 405 for others.
 */
export function probeResponse(method: string): Answer | null {
  if (method === "GET" || method === "HEAD") return hint;
  if (method !== "POST") throw new GatepostError("wrong-method", "deliver reports with POST");
  return null;
}

/** Makes the answer to a failure. A cause inside Gatepost is logged with the message `failed`. */
export function refusal(error: unknown, { log }: { log: Log }, failed = "report not stored"): Answer {
  const { message, status, retryAfter, cause } = visible(error);
  if (cause !== undefined) log.error(failed, { cause });
  const refused = json(status, JSON.stringify({ message, status }));
  return retryAfter === undefined
    ? refused
    : { ...refused, headers: { ...refused.headers, "retry-after": `${retryAfter}` } };
}

function json(status: number, body: string): Answer {
  return { status, headers: { "content-type": "application/json" }, body };
}
