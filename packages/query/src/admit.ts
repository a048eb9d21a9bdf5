import { findKey, GatepostError, type Ports, type Scope } from "@gatepost/ingest";
import type { Context } from "hono";
import type { ApiEnv } from "./route.ts";

/** Lets a request pass whose bearer token is a live key of one of `scopes`. Throws 401, 429 after too many tries, 403. */
export async function admit(
  c: Context<ApiEnv>,
  scopes: readonly Scope[] | null,
  on: Pick<Ports, "keys" | "attempts">,
): Promise<void> {
  if (scopes === null) return;
  const token = /^bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const key = token === undefined ? null : await findKey(token, on.keys);
  if (key === null) {
    on.attempts.fail(c.env?.address ?? "");
    throw new GatepostError("unauthorized", "send a live key as `Authorization: Bearer KEY`");
  }
  if (!scopes.includes(key.scope)) {
    throw new GatepostError("forbidden", `this is a key to ${key.scope}; use one of scope ${scopes.join(" or ")}`);
  }
}
