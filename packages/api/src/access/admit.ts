import { randomBytes } from "node:crypto";
import { GatepostError } from "@gatepost/core/errors";
import { findKey, hashToken, hasTokenForm, type Key, type Scope } from "@gatepost/core/keys";
import type { Context } from "hono";
import type { ApiEnv, ApiPorts } from "../ports.ts";

const name = "gatepost_pictures";

/** Seconds for which a cookie for pictures is valid. */
export const cookieSeconds = 3600;

const form = /^gpc_[\w-]{27}$/;

/**
 * The content of a cookie for pictures. It is as hard to guess as a key, and has another form than keys and other
 * tickets.
 */
export function newPictureTicket(): string {
  return `gpc_${randomBytes(20).toString("base64url")}`;
}

/** The ticket in the cookie of a request. */
function pictureTicketIn(headers: Headers): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value !== undefined && form.test(value) ? value : undefined;
}

/** Scripts cannot read the cookie, other sites cannot send it, and browsers send it only with requests for events. */
export function pictureCookie(
  ticket: string,
  { isHttps, maxAge = cookieSeconds }: { isHttps: boolean; maxAge?: number },
) {
  const bounds = `HttpOnly; SameSite=Strict; Path=/v1/events; Max-Age=${maxAge}`;
  return `${name}=${ticket}; ${bounds}${isHttps ? "; Secure" : ""}`;
}

/** Facts of a route that needs a key. */
export interface KeyedFacts {
  /** The scopes of keys that may use it. */
  scopes: readonly Scope[];
  /**
   * For clients that cannot send headers: the key may be in the query as `token`, or in a cookie that opens only
   * pictures.
   */
  keyIn?: "query" | "cookie";
}

/** Who asks: a live key, the address of the client (empty if unknown), and whether it used https. */
export interface Caller {
  key: Key;
  address: string;
  isHttps: boolean;
}

/**
 * Lets a request pass if its token is a live key with one of the route's scopes. Throws 401, 429 after too many tries,
 * or 403.
 */
export async function admit(
  c: Context<ApiEnv>,
  { scopes, keyIn }: KeyedFacts,
  deps: Pick<ApiPorts, "keys" | "keyAdmin" | "tickets" | "authRateLimiter">,
): Promise<Caller> {
  const { address = "", isHttps = false } = c.env ?? {};
  const token = bearerOf(c.req.raw.headers) ?? (keyIn === "query" ? c.req.query("token") : undefined);
  const isByCookie = keyIn === "cookie" && token === undefined;
  const key = await (isByCookie ? keyByCookie(c, deps) : token === undefined ? null : findKey(token, deps.keys));
  if (key === null) {
    deps.authRateLimiter.fail(address);
    const form = keyIn === "query" ? "`?token=KEY`" : "`Authorization: Bearer KEY`";
    const code = token === undefined ? {} : { code: await faultOf(token, deps) };
    throw new GatepostError("unauthorized", `send a live key as ${form}`, code);
  }
  if (!scopes.includes(key.scope)) {
    throw new GatepostError("forbidden", `this is a key to ${key.scope}; use one of scope ${scopes.join(" or ")}`);
  }
  c.env?.onAdmitted?.();
  await deps.keys.noteUse(key);
  return { key, address, isHttps };
}

/** The live key of a picture cookie; null if there is none, or if the cookie has ended. */
async function keyByCookie(
  c: Context<ApiEnv>,
  { tickets, keys }: Pick<ApiPorts, "tickets" | "keys">,
): Promise<Key | null> {
  const ticket = c.req.method === "GET" ? pictureTicketIn(c.req.raw.headers) : undefined;
  const tokenHash = ticket === undefined ? null : await tickets.find(hashToken(ticket));
  return tokenHash === null ? null : keys.find(tokenHash);
}

/** The token in `Authorization: Bearer`. */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Why a token opens nothing. Only a client that has the token learns it. */
async function faultOf(token: string, { keyAdmin }: Pick<ApiPorts, "keyAdmin">): Promise<string> {
  return hasTokenForm(token) ? keyAdmin.faultOf(hashToken(token)) : "unknown";
}
