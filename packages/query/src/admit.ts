import { findKey, GatepostError } from "@gatepost/ingest";
import type { Context } from "hono";
import type { ApiPorts } from "./ports.ts";
import type { ApiEnv, Route } from "./route.ts";

/**
 * Lets a request pass if its token is a live key with one of the route's scopes. Throws 401, 429 after too many tries,
 * 403.
 */
export async function admit(
  c: Context<ApiEnv>,
  { scopes, keyIn }: Pick<Route, "scopes" | "keyIn">,
  deps: Pick<ApiPorts, "keys" | "authRateLimiter">,
): Promise<void> {
  if (scopes === null) return;
  const token = bearerOf(c.req.raw.headers) ?? (keyIn === "query" ? c.req.query("token") : undefined);
  const key = token === undefined ? null : await findKey(token, deps.keys);
  if (key === null) {
    deps.authRateLimiter.fail(c.env?.address ?? "");
    const form = keyIn === "query" ? "`?token=KEY`" : "`Authorization: Bearer KEY`";
    throw new GatepostError("unauthorized", `send a live key as ${form}`);
  }
  if (!scopes.includes(key.scope)) {
    throw new GatepostError("forbidden", `this is a key to ${key.scope}; use one of scope ${scopes.join(" or ")}`);
  }
  c.env?.onAdmitted?.();
  await deps.keys.noteUse(key);
}

/** The token in `Authorization: Bearer`. */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}
