import { randomBytes } from "node:crypto";
import { includes } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { findKey, hashToken, hasTokenForm, type Key } from "@gatepost/core/keys";
import type { Context } from "hono";
import type { ApiEnv, ApiPorts } from "../ports.ts";
import { type Caller, callerWithKey, callerWithSession, type From } from "./caller.ts";
import { confirmed } from "./company.ts";
import { type CookiePlace, cookieIn, halfCookieName, sessionTokenIn } from "./cookies.ts";
import { requireOwnOrigin } from "./own-origin.ts";
import { isOfKind, type Who } from "./who.ts";

const name = "gatepost_pictures";

/** Seconds for which a cookie for pictures is valid. */
export const cookieSeconds = 3600;

const form = /^gpc_[\w-]{27}$/;

/**
 * The content of a cookie for pictures. It is as hard to guess as a key, and has another form than keys.
 */
export function newPictureTicket(): string {
  return `gpc_${randomBytes(20).toString("base64url")}`;
}

/** The ticket in the cookie of a request. */
function pictureTicketIn(headers: Headers): string | undefined {
  const value = cookieIn(headers, name);
  return value !== undefined && form.test(value) ? value : undefined;
}

/** Scripts cannot read the cookie, other sites cannot send it, and browsers send it only with requests for events. */
export function pictureCookie(
  ticket: string,
  { isHttps, basePath, maxAge = cookieSeconds }: CookiePlace & { maxAge?: number },
) {
  const bounds = `HttpOnly; SameSite=Strict; Path=${basePath}/v1/events; Max-Age=${maxAge}`;
  return `${name}=${ticket}; ${bounds}${isHttps ? "; Secure" : ""}`;
}

/** Facts of a route that needs a key or a person. */
export interface KeyedFacts {
  who: Who;
  /**
   * For clients that cannot send headers: the key may be in the query as `token`, or in a cookie that opens only
   * pictures.
   */
  keyIn?: "query" | "cookie";
  /** Whether it is about people by themselves: it is closed while they are switched off. */
  isOfPeople?: true;
}

type AdmitPorts = Pick<
  ApiPorts,
  "keys" | "keyAdmin" | "tickets" | "accounts" | "sessions" | "company" | "audit" | "authRateLimiter" | "clock" | "log"
>;

/**
 * Lets a request pass if its token is a live key, or its cookie a live session, that may use the route. Throws 401, 429
 * after too many tries, or 403.
 */
export async function admit(c: Context<ApiEnv>, facts: KeyedFacts, deps: AdmitPorts): Promise<Caller> {
  const token = bearerOf(c.req.raw.headers) ?? (facts.keyIn === "query" ? c.req.query("token") : undefined);
  const caller =
    (token === undefined ? await admitPerson(c, facts, deps) : null) ?? (await admitKey(token, facts, { c, deps }));
  c.env.onAdmitted?.();
  return caller;
}

/** The person, or the key, by the cookie of a live session; null if there is none. Throws 403. */
async function admitPerson(c: Context<ApiEnv>, { who }: KeyedFacts, deps: AdmitPorts): Promise<Caller | null> {
  const { headers } = c.req.raw;
  const from = fromOf(c);
  const token = sessionTokenIn(headers, from);
  const found = token === undefined ? null : await deps.sessions.findByToken(token);
  const session = found === null || token === undefined ? null : await confirmed(found, token, deps);
  if (session === null) return null;
  if (!isReading(c.req.method)) requireOwnOrigin(headers, from);
  if (session.account === null) requireKind(session.key, who);
  else if (!includes(session.account.role, who.role)) {
    throw new GatepostError("forbidden", `your role does not include this; it takes the role ${who.role}`, {
      code: "role",
    });
  }
  // A page asks for changes by itself while it is open, even if no one uses it.
  if (c.req.query("order") !== "received") await deps.sessions.noteUse(session);
  if (session.with === "key") await deps.keys.noteUse(session.key);
  return callerWithSession(session, from);
}

/** The caller by a key, or by a cookie for pictures. Throws 401, 429 or 403. */
async function admitKey(
  token: string | undefined,
  { who, keyIn }: KeyedFacts,
  { c, deps }: { c: Context<ApiEnv>; deps: AdmitPorts },
): Promise<Caller> {
  const from = fromOf(c);
  const key = await (token === undefined ? keyByCookie(c, keyIn, deps) : findKey(token, deps.keys));
  if (key === null) {
    deps.authRateLimiter.fail(from.address);
    const ended = token === undefined ? sessionTokenIn(c.req.raw.headers, from) : undefined;
    if (ended !== undefined) throw signedOut(await faultOfSession(ended, deps));
    const form = keyIn === "query" ? "`?token=KEY`" : "`Authorization: Bearer KEY`";
    const code = token === undefined ? {} : { code: await faultOf(token, deps) };
    throw new GatepostError("unauthorized", `send a live key as ${form}`, code);
  }
  requireKind(key, who);
  await deps.keys.noteUse(key);
  return callerWithKey(key, hashToken(token ?? ""), from);
}

function signedOut(code: string): GatepostError {
  return new GatepostError("unauthorized", "you were signed out; sign in again", { code });
}

/** Why a session has ended: by its key, if it has one that was revoked or has expired. */
async function faultOfSession(token: string, { sessions, keyAdmin }: AdmitPorts): Promise<string> {
  const keyHash = await sessions.keyHashOf(token);
  const fault = keyHash === null ? "unknown" : await keyAdmin.faultOf(keyHash);
  return fault === "unknown" ? "ended" : fault;
}

/** The addresses of a request, from the runtime. */
export function fromOf({ env }: Context<ApiEnv>): From {
  const { address = "", isHttps = false, saysHttps = false, origin = null, basePath = "" } = env;
  return { address, isHttps, saysHttps, origin, basePath };
}

/** Throws 403 if a route is not for a key. */
function requireKind(key: Key, { keys }: Pick<Who, "keys">): void {
  if (isOfKind(key, keys)) return;
  if (keys.length === 0) throw forPeople();
  const wanted = keys.map((kind) => (kind === "people" ? "read with --people" : kind));
  throw new GatepostError("forbidden", `this is a key to ${key.scope}; use one of scope ${wanted.join(" or ")}`);
}

function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** The live key of a picture cookie; null if there is none, or if the cookie has ended. */
async function keyByCookie(
  c: Context<ApiEnv>,
  keyIn: KeyedFacts["keyIn"],
  { tickets, keys }: Pick<ApiPorts, "tickets" | "keys">,
): Promise<Key | null> {
  const ticket = keyIn === "cookie" && c.req.method === "GET" ? pictureTicketIn(c.req.raw.headers) : undefined;
  const tokenHash = ticket === undefined ? null : await tickets.find(hashToken(ticket));
  return tokenHash === null ? null : keys.find(tokenHash);
}

/** Throws 403 for a request by a key alone, on a route that goes by cookies. */
export function refuseKeys(headers: Headers, place: CookiePlace): void {
  const hasCookie = [sessionTokenIn(headers, place), cookieIn(headers, halfCookieName(place))].some(Boolean);
  if (!hasCookie && bearerOf(headers) !== undefined) throw forPeople();
}

function forPeople(): GatepostError {
  return new GatepostError("forbidden", "this is for people who sign in: a key or a first link has no account");
}

/** The token in `Authorization: Bearer`. */
function bearerOf(headers: Headers): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Why a token opens nothing. Only a client that has the token learns it. */
async function faultOf(token: string, { keyAdmin }: Pick<ApiPorts, "keyAdmin">): Promise<string> {
  return hasTokenForm(token) ? keyAdmin.faultOf(hashToken(token)) : "unknown";
}
