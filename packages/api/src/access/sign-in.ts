import { type Account, longestMs, type NewSession } from "@gatepost/core/accounts";
import type { AuditEntry } from "@gatepost/core/audit";
import type { ApiPorts } from "../ports.ts";
import { hiddenAddress } from "./audited.ts";
import type { From } from "./caller.ts";
import { sessionCookie, sessionTokenIn } from "./cookies.ts";

type Ports = Pick<ApiPorts, "sessions" | "audit" | "cursorSecret" | "log">;

/** Begins a session, notes it in the audit log, and returns the value of `Set-Cookie`. */
export async function beginSession(
  asked: Pick<NewSession, "account" | "with" | "stays" | "refreshFor">,
  { from, headers }: { from: From; headers: Headers },
  deps: Ports,
): Promise<string> {
  const { account, with: way, stays } = asked;
  await endEarlier(headers, from, deps);
  const { token } = await deps.sessions.begin({ ...asked, agent: headers.get("user-agent") });
  const entry = { action: "signed-in", outcome: "done", about: { with: way } } as const;
  await noteInAudit(entry, { by: account.id, address: from.address }, deps);
  if (!from.isHttps) deps.log.warn("a person signed in by http; serve Gatepost by https", { account: account.id });
  return sessionCookie(token, { isHttps: from.isHttps, maxAge: stays ? longestMs / 1000 : null });
}

/** Ends the session that this browser has had until now: its token must not outlive a new sign-in. */
async function endEarlier(headers: Headers, from: From, { sessions }: Pick<Ports, "sessions">): Promise<void> {
  const token = sessionTokenIn(headers, from);
  const earlier = token === undefined ? null : await sessions.findByToken(token);
  if (earlier !== null) await sessions.end(earlier.id, earlier.account.id);
}

/** The headers that end the session cookie, and what the browser keeps. */
export function endedCookie({ isHttps }: Pick<From, "isHttps">): Record<string, string> {
  return { "set-cookie": sessionCookie("", { isHttps, maxAge: 0 }), "clear-site-data": '"cache"' };
}

/** Writes an entry of a sign-in. A failure is logged: a full disk must not keep people out. */
async function noteInAudit(
  entry: Pick<AuditEntry, "action" | "outcome" | "about">,
  { by, address }: { by: Account["id"]; address: string },
  { audit, cursorSecret, log }: Pick<Ports, "audit" | "cursorSecret" | "log">,
): Promise<void> {
  try {
    await audit.note({ ...entry, by, from: hiddenAddress(address, cursorSecret) });
  } catch (cause) {
    log.error("could not write a sign-in to the audit log", { cause, by });
  }
}
