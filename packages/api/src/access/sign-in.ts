import { longestMs, type NewSession, userOf } from "@gatepost/core/accounts";
import { type FactorKind, type HalfSession, halfMs } from "@gatepost/core/factors";
import { omitAbsent } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import { hiddenAddress } from "./audited.ts";
import type { From } from "./caller.ts";
import { type CookiePlace, halfCookie, sessionCookie, sessionTokenIn } from "./cookies.ts";

interface SignedIn {
  by: string;
  with: NewSession["with"];
  /** The second step, if there was one. */
  factor?: FactorKind | undefined;
  /** Whether it is a proof within a session. */
  isAgain?: boolean;
  from: Pick<From, "address">;
}

type Ports = Pick<ApiPorts, "sessions" | "audit" | "cursorSecret" | "log">;

/** Begins a session, notes it in the audit log, and returns the value of `Set-Cookie`. */
export async function beginSession(...asked: Parameters<typeof startSession>): Promise<string> {
  return (await startSession(...asked)).cookie;
}

/** The same, with the id of the session. */
export async function startSession(
  asked: NewSession & { factor?: FactorKind },
  { from, headers }: { from: From; headers: Headers },
  deps: Ports,
): Promise<{ id: string; cookie: string }> {
  const { with: way, stays, factor } = asked;
  const by = userOf(asked);
  await endEarlier(headers, from, deps);
  const { id, token } = await deps.sessions.begin({ ...asked, agent: headers.get("user-agent") });
  await noteSignIn({ by, with: way, factor, from }, deps);
  // A program could begin any number by a key, and fill the log.
  if (!from.isHttps && way !== "key") {
    deps.log.warn("a person signed in by http; serve Gatepost by https", { account: by });
  }
  return { id, cookie: sessionCookie(token, { ...from, maxAge: stays ? longestMs / 1000 : null }) };
}

/**
 * Answers the right password of an account: with the cookie of a session, or, if the account has factors, with a cookie
 * for the second step alone. Throws 403 if no factor can be used.
 */
export async function afterPassword(
  { account, stays, isByLink = false }: HalfSession & { isByLink?: boolean },
  { from, headers }: { from: From; headers: Headers },
  deps: Ports & Pick<ApiPorts, "factors" | "halfSessions">,
): Promise<Response> {
  const needs = await deps.factors.needs(account.id);
  if (needs.length === 0) {
    const cookie = await beginSession({ account, with: "password", stays, isByLink }, { from, headers }, deps);
    return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
  }
  await endEarlier(headers, from, deps);
  const token = await deps.halfSessions.begin({ account, stays });
  const cookie = halfCookie(token, { ...from, maxAge: halfMs / 1000 });
  return Response.json({ needs }, { status: 202, headers: { "set-cookie": cookie } });
}

/** Ends the session that this browser has had until now: its token must not outlive a new sign-in. */
async function endEarlier(headers: Headers, from: From, { sessions }: Pick<Ports, "sessions">): Promise<void> {
  const token = sessionTokenIn(headers, from);
  const earlier = token === undefined ? null : await sessions.findByToken(token);
  if (earlier !== null) await sessions.end(earlier.id, userOf(earlier));
}

/** The headers that end the session cookie, and what the browser keeps. */
export function endedCookie(at: CookiePlace): Record<string, string> {
  return { "set-cookie": sessionCookie("", { ...at, maxAge: 0 }), "clear-site-data": '"cache"' };
}

/**
 * Writes an entry of a sign-in, or of a proof within a session; one an hour for a key, which a program could send all the
 * time. A failure is logged: a full disk must not keep people out.
 */
export async function noteSignIn(
  { by, with: way, factor, isAgain = false, from: { address } }: SignedIn,
  { audit, cursorSecret, log }: Pick<Ports, "audit" | "cursorSecret" | "log">,
): Promise<void> {
  const from = hiddenAddress(address, cursorSecret);
  try {
    if (way === "key") await audit.noteSignIn({ by, from });
    else
      await audit.note({
        action: "signed-in",
        outcome: "done",
        by,
        from,
        about: { with: way, ...omitAbsent({ factor }), ...(isAgain && { again: true }) },
      });
  } catch (cause) {
    log.error("could not write a sign-in to the audit log", { cause, by });
  }
}
