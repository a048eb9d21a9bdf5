import { securityHeaders } from "@gatepost/ingest";
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
