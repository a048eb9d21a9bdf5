import type { Session } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import type { FactorKind } from "@gatepost/core/factors";
import type { ApiPorts } from "../ports.ts";
import type { Caller } from "./caller.ts";

/** The ways in which a person proves once more who they are: here, or by signing in again at the company's provider. */
type Proof = FactorKind | "password" | "company";

/**
 * Whether a request is dear: it gives access, takes data away for ever, or changes how people sign in. A session that
 * is not fresh is asked for a proof before it. Keys are not asked. `but-for-password`: the request contains the password,
 * which is a proof for who has no factor. `adds-factor`: who needs a factor and has none may send it in a session of a new
 * link, or of a recovery code.
 */
export type Dear<Asked> = true | "but-for-password" | "adds-factor" | ((asked: Asked) => boolean);

/**
 * The ways of which the user of a session takes one: the factors of an account that has some; none for the user of a first
 * link, who opens another link. Throws 403 if no factor can be used any more.
 */
export async function neededOf(
  { account, with: way }: Pick<Session, "account" | "with">,
  { factors }: Pick<ApiPorts, "factors">,
): Promise<readonly Proof[]> {
  if (account === null) return [];
  if (way === "company") return ["company"];
  const needs = await factors.needs(account.id);
  return needs.length === 0 ? ["password"] : needs;
}

/**
 * Throws 403 for a dear request of a session that is not fresh. The password alone is no proof once the account has a
 * factor, also for a session of before, nor after the days that the policy gives to add one.
 */
export async function requireFresh<Asked extends { caller: Caller }>(
  dear: Dear<Asked>,
  asked: Asked,
  deps: Pick<ApiPorts, "sessions" | "factors" | "factorPolicy">,
): Promise<void> {
  const { session } = asked.caller;
  if (session === null || session.with === "key") return;
  if (typeof dear === "function" && !dear(asked)) return;
  const isFresh = deps.sessions.isFresh(session);
  const isProved = isFresh && (session.with !== "password" || session.isByFactor);
  const needs = isProved ? [] : await neededOf(session, deps);
  await requireInTime(dear, session, deps);
  if (isProved) return;
  if (needs.includes("password") && (isFresh || dear === "but-for-password")) return;
  const sentence =
    session.with === "setup"
      ? "this needs a new first link: `gatepost sign-in` on the machine of the server prints one"
      : "prove once more who you are, then send it again";
  throw new GatepostError("forbidden", sentence, { code: "factor-needed", needs });
}

/**
 * Throws 403 in a session of an account that has no factor that counts, though its days to add one are over. A session of
 * a recovery code, or of a link that was accepted after these days, may still add one.
 */
async function requireInTime(
  dear: Dear<never>,
  { account, startedAt, isByLink, isByFactor }: Session,
  { factors, factorPolicy }: Pick<ApiPorts, "factors" | "factorPolicy">,
): Promise<void> {
  const overdueSince = account === null ? null : await factorPolicy.overdueSince(account);
  if (account === null || overdueSince === null) return;
  const mayAdd = isByFactor || (isByLink && startedAt >= overdueSince);
  if ((mayAdd && dear === "adds-factor") || (await factors.has(account.id))) return;
  throw mayAdd
    ? new GatepostError("forbidden", "set up a second factor first, under Settings › You", { code: "factor-first" })
    : factorOverdue();
}

/** The refusal of a password whose person had to add a factor: else a stolen password could add its own. */
export function factorOverdue(): GatepostError {
  return new GatepostError(
    "forbidden",
    "you need a second factor here, and the time to set one up is over; ask an administrator for a new link",
    { code: "factor-overdue" },
  );
}
