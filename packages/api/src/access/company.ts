import type { Account, Session } from "@gatepost/core/accounts";
import {
  type CompanyPerson,
  type CompanySettings,
  type Grant,
  grantOf,
  notSetUp,
  openRefresh,
  sealRefresh,
} from "@gatepost/core/company";
import { GatepostError } from "@gatepost/core/errors";
import { hourMs } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";

/** ms for which a session continues without an answer of the provider. */
const unconfirmedMs = 12 * hourMs;

type Ports = Pick<ApiPorts, "accounts" | "audit" | "log">;

/**
 * The account of a person whom the provider has signed in. Throws 403 if the person has none and no group gives a role,
 * and 503 if roles come from groups and the provider does not tell them.
 */
export async function accountOf(
  person: CompanyPerson,
  { invitation, settings }: { invitation: string | null; settings: CompanySettings },
  deps: Ports,
): Promise<Account> {
  const { accounts } = deps;
  const identity = { issuer: person.issuer, subject: person.subject };
  if (invitation !== null) return accounts.accept(invitation, { name: person.name, ...identity });
  const grant = grantOf(person.groups ?? [], settings);
  const known = await accounts.byIdentity(identity);
  if (known === null) {
    if (grant === null) throw noRole(person, settings);
    return made(person, grant, deps);
  }
  if (known.isDisabled) throw noAccount(person);
  if (!known.isByGroups) return known;
  if ((await regranted(known, grant, deps)) === "refused") throw noRole(person, settings);
  return (await accounts.get(known.id)) ?? known;
}

async function made(person: CompanyPerson, grant: Grant, { accounts }: Ports): Promise<Account> {
  const { issuer, subject, name, email } = person;
  const account = { email, name, role: grant.role, sites: grant.sites, boxes: null };
  return accounts.createByGroups(account, { issuer, subject });
}

/**
 * Gives an account the role and sites that its groups give now. A change ends its sessions. `refused`: its groups give
 * none any more. The last administrator keeps the role.
 */
async function regranted(account: Account, grant: Grant | null, deps: Ports): Promise<"same" | "changed" | "refused"> {
  const { id, role, sites } = account;
  const isSame = grant?.role === role && JSON.stringify(grant.sites) === JSON.stringify(sites);
  if (isSame) return "same";
  const changed = await (grant === null
    ? deps.accounts.endSessionsByProvider(id)
    : deps.accounts.change(id, { role: grant.role, sites: grant.sites, boxes: null }));
  if (changed === "last-administrator") {
    const about = { account: id, lastAdministrator: true };
    await deps.audit.noteRarely(`provider-kept ${id}`, {
      action: "account-changed",
      outcome: "refused",
      by: id,
      from: null,
      about,
    });
    return "same";
  }
  return grant === null ? "refused" : "changed";
}

/** The refusal of a person to whom no group gives a role. If no groups are told, an operator must look at the provider. */
function noRole(person: CompanyPerson, { groups, groupsClaim }: CompanySettings): GatepostError {
  if (person.groups !== null || Object.keys(groups).length === 0) return noAccount(person);
  return notSetUp(
    person.areGroupsElsewhere
      ? `the provider leaves out the groups of a person who has too many; let it send only the groups of this application`
      : `the provider sends no claim ${JSON.stringify(groupsClaim)}, but ${person.claims}`,
  );
}

function noAccount({ name, email }: CompanyPerson): GatepostError {
  const who = name ?? email ?? "you";
  return new GatepostError("forbidden", `no account here is for ${who}; ask an administrator`, { code: "no-account" });
}

/**
 * Asks the provider again about the person of a session, if that is due. While the provider does not answer, the
 * session continues for 12 hours, which the audit log says once an hour. Null: the session has ended.
 */
export async function confirmed(
  session: Session,
  token: string,
  deps: Ports & Pick<ApiPorts, "sessions" | "company" | "clock">,
): Promise<Session | null> {
  const { company: state, account } = session;
  if (state === null || account === null) return session;
  const now = deps.clock();
  if (now - state.confirmedAt >= unconfirmedMs) {
    // Open connections of the session end, too.
    await deps.sessions.end(session.id, account.id);
    return null;
  }
  if (!deps.sessions.isDue(session) || deps.company === null || !(await deps.sessions.ask(session))) return session;
  const refreshToken = openRefresh(state.refresh ?? "", token);
  const identity = await deps.accounts.identityOf(account.id);
  if (refreshToken === null || identity === null) return null;
  const { settings } = await deps.company.settings.read();
  const answer = await deps.company.provider.refresh(refreshToken, identity, settings);
  if (answer.is === "unreachable") {
    const { refreshToken: next } = answer;
    if (next !== null) await deps.sessions.keepRefresh(session, sealRefresh(next, token));
    deps.log.warn("the company's provider does not answer, sessions continue", { cause: answer.cause });
    await deps.audit.noteRarely(`provider-unreachable ${account.id}`, {
      action: "provider-unreachable",
      outcome: "failed",
      by: account.id,
      from: null,
      about: {},
    });
    return session;
  }
  if (answer.is === "ended") {
    await deps.sessions.end(session.id, account.id);
    return null;
  }
  await deps.sessions.confirm(session, sealRefresh(answer.refreshToken, token));
  if (!account.isByGroups || answer.groups === null) return session;
  return (await regranted(account, grantOf(answer.groups, settings), deps)) === "same" ? session : null;
}
