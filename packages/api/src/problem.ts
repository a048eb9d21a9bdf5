import { STATUS_CODES } from "node:http";
import { GatepostError, securityHeaders } from "@gatepost/core/errors";
import { brokenEvent } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import type { MiddlewareHandler } from "hono";

const headers = {
  ...securityHeaders,
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

/** Adds security headers to every answer, errors included, so that a browser does not run or guess what it gets. */
export const guard: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) {
    if (!c.res.headers.has(name)) c.header(name, value);
  }
};

/**
 * The one place where an error becomes an answer (RFC 9457). A client sees only a GatepostError. Any other error is a
 * failure of a store or a bug, and its cause is logged. A wrong request of a client is not logged.
 */
export function problem(error: unknown, log: Log, headers: Record<string, string> = {}): Response {
  const { kind, status, message, retryAfter, code, needs, cause } = visible(error);
  if (cause !== undefined && status >= 500) log.error("request not answered", { cause });
  const said = { type: "about:blank", title: STATUS_CODES[status], status, detail: message, code, needs };
  return new Response(JSON.stringify(said), {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(retryAfter === undefined ? {} : { "retry-after": `${retryAfter}` }),
      ...(kind === "unauthorized" ? { "www-authenticate": 'Bearer realm="gatepost"' } : {}),
      ...headers,
    },
  });
}

function visible(error: unknown): GatepostError {
  if (error instanceof GatepostError) return error;
  const broken = brokenEvent(error);
  if (broken !== null) return broken;
  return new GatepostError("unavailable", "this cannot be answered at the moment, ask again", {
    cause: error,
    retryAfter: 5,
  });
}
