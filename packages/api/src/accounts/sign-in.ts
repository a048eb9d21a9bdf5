import { newSetupCode, type Session, setupKey, userOf } from "@gatepost/core/accounts";
import type { CompanySettingsStore } from "@gatepost/core/company";
import { GatepostError } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import { passwordFault } from "@gatepost/core/passwords";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { factorOverdue } from "../access/fresh.ts";
import { consoleAt, requireOwnOrigin } from "../access/own-origin.ts";
import { afterPassword, beginSession, endedCookie, startSession } from "../access/sign-in.ts";
import { administratorsAlone, guards, guardsAlone, peopleAlone } from "../access/who.ts";
import { exampleIds, exampleTokens } from "../openapi/examples.ts";
import { growingWords, namedObject } from "../openapi/named.ts";
import { openRoute, route } from "../route.ts";
import { passkeyPlace, sentCredential, signInByPasskey } from "./passkeys.ts";
import { secondStepNeeded } from "./second-step.ts";
import { noteRefused, passwordText, requireNoWait, tryPassword } from "./tries.ts";

const getSignIn = openRoute({
  method: "GET",
  path: "/v1/sign-in",
  about: {
    summary: "Get the ways to sign in",
    answer: {
      status: 200,
      is: "The ways. `company` is null without a provider; `isSecure` is false by http, as a cookie can then be read on the way.",
      schema: z.object({
        company: z.object({ name: z.string(), start: z.string() }).nullable(),
        passwords: z.boolean(),
        passkeys: z.boolean().meta({ description: "Whether the address of this request has passkeys." }),
        passkeysAt: z.string().nullable().meta({ description: "The address that has them; null if there is none." }),
        keys: z.boolean(),
        isSecure: z.boolean(),
      }),
    },
  },
  async answer({ from, headers }, { company, factors, log }) {
    const place = passkeyPlace(from, headers, { factors });
    const reached = `${from.isHttps ? "https" : "http"}://${headers.get("host")}`;
    const passkeys = { passkeys: place?.origin === reached, passkeysAt: place && place.origin + from.basePath };
    const shown = company && { name: await nameOf(company.settings, log), start: "/v1/sign-in/oidc" };
    return Response.json({ company: shown, passwords: true, ...passkeys, keys: true, isSecure: from.isHttps });
  },
});

/** The name of the company's sign-in. A fault in its settings must not keep people from other ways to sign in. */
async function nameOf(settings: CompanySettingsStore, log: Log): Promise<string> {
  try {
    return (await settings.read()).settings.name;
  } catch (cause) {
    log.warn("the settings of the company's sign-in cannot be read", { cause });
    return "SSO";
  }
}

/** One sentence for an unknown address and a wrong password: it must not tell which addresses have accounts. */
function wrong(): GatepostError {
  return new GatepostError("unauthorized", "e-mail or password is wrong", { code: "wrong" });
}

const emailText = z.string().trim().max(254);
const stay = z.boolean().default(false);

const createSession = openRoute({
  method: "POST",
  path: "/v1/sessions",
  about: {
    summary: "Sign in",
    detail:
      "The answer sets the cookie `__Host-gatepost` (`gatepost` by http). The session ends 12 hours after its last use, with " +
      "`stay` 30 days after its beginning. After five failures the next try has to wait. A `credential` is a passkey that " +
      "has signed the options of `POST /v1/sessions/passkey/options`; it needs no password and no second step.",
    answer: { status: 204, is: "The cookie." },
    also: secondStepNeeded,
    others: {
      401: "The address or the password is wrong, or the passkey was not accepted.",
      403:
        "No factor of the account can be used any more (`factors-lost`; `passkeys-elsewhere` if all are passkeys of another host); or it needs one, has none, and the time to add one " +
        "is over (`factor-overdue`): an administrator makes a new link.",
    },
    example: { body: { email: "chen.min@example.com", password: "seven green boats", stay: true } },
  },
  asks: {
    body: z.union([
      z.strictObject({ email: emailText, password: passwordText, stay }),
      z.strictObject({ credential: sentCredential, stay }),
    ]),
  },
  async answer({ body, headers, from }, deps) {
    requireOwnOrigin(headers, from);
    if ("credential" in body) return signInByPasskey(body, { from, headers }, deps);
    const { email, password, stay } = body;
    const found = await deps.accounts.byEmail(email);
    const tried = { account: found?.account.id ?? email, address: from.address };
    const isRight = await tryPassword(password, { known: found?.password ?? null, tried }, deps);
    if (found === null || !isRight || found.account.isDisabled) {
      await noteRefused(found?.account.id ?? "nobody", from, deps);
      throw wrong();
    }
    const { account } = found;
    const isOverdue = (await deps.factorPolicy.overdueSince(account)) !== null;
    if (isOverdue && (await deps.factors.needs(account.id)).length === 0) {
      await noteRefused(account.id, from, deps);
      throw factorOverdue();
    }
    return afterPassword({ account, stays: stay }, { from, headers }, deps);
  },
});

const createSetupLink = route({
  method: "POST",
  path: "/v1/sign-in/links",
  who: administratorsAlone,
  about: {
    summary: "Make a first link",
    detail:
      "For a server without an administrator, or one whose administrators are all locked out: `gatepost sign-in` prints " +
      "it. Its code opens one session as administrator, within 7 days.",
    answer: {
      status: 201,
      is: "The link. Only this answer contains its code.",
      schema: z.object({ url: z.string(), code: z.string(), expires: z.iso.datetime() }),
    },
  },
  dear: true,
  audits: { action: "setup-link-made" },
  async answer({ headers, caller }, deps) {
    const code = newSetupCode();
    const expires = new Date(await deps.setupCodes.add(code)).toISOString();
    return Response.json({ url: `${consoleAt(headers, caller)}/#setup=${code}`, code, expires }, { status: 201 });
  },
});

const signInBySetup = openRoute({
  method: "POST",
  path: "/v1/sign-in/setup",
  about: {
    summary: "Sign in by a first link",
    detail:
      "A code works once. Its session is of an administrator without a name, `setup` in the audit log, and ends after 12 " +
      "hours. `POST /v1/accounts/first` then makes the first administrator.",
    answer: { status: 204, is: "The cookie." },
    others: {
      410: "The code was used, has ended, or is unknown (`used`): `gatepost sign-in` prints another.",
    },
    example: { body: { code: exampleTokens.setup } },
  },
  asks: { body: z.strictObject({ code: z.string().max(128) }) },
  async answer({ body: { code }, headers, from }, deps) {
    requireOwnOrigin(headers, from);
    const tried = { account: code, address: from.address };
    await requireNoWait(tried, deps.signInTries);
    if (!(await deps.setupCodes.take(code))) {
      await deps.signInTries.failed(tried);
      await noteRefused(setupKey.id, from, deps);
      throw new GatepostError(
        "gone",
        "this link was used or has ended; `gatepost sign-in` on the machine of the server prints another",
        { code: "used" },
      );
    }
    const asked = { account: null, key: setupKey, with: "setup", stays: false } as const;
    return new Response(null, {
      status: 204,
      headers: { "set-cookie": await beginSession(asked, { from, headers }, deps) },
    });
  },
});

const signInByKey = route({
  method: "POST",
  path: "/v1/sign-in/key",
  who: guards,
  about: {
    summary: "Sign in by a key",
    detail:
      "A page exchanges the key of a link for a session, so that it need not keep the key. The session ends 12 hours after its " +
      "last use, and with its key.",
    answer: { status: 204, is: "The cookie." },
    others: { 403: "The key opens no console." },
  },
  async answer({ headers, caller }, deps) {
    requireOwnOrigin(headers, caller);
    const { key, session, tokenHash } = caller;
    if (key === null || session !== null) {
      throw new GatepostError("bad-request", "send the key as `Authorization: Bearer KEY`");
    }
    const asked = { account: null, key, keyHash: tokenHash, with: "key", stays: false } as const;
    const cookie = await beginSession(asked, { from: caller, headers }, deps);
    return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
  },
});

const sessionAnswer = namedObject("Session", {
  id: z.string(),
  account: z.string().meta({ description: "The account, the key, or `setup` for a first link." }),
  with: growingWords(["company", "password", "passkey", "key", "setup"]),
  agent: z.string().nullable().meta({ description: "The browser, as it names itself." }),
  startedAt: z.iso.datetime(),
  usedAt: z.iso.datetime().meta({ description: "To five minutes." }),
  expiresAt: z.iso.datetime(),
  isThis: z.boolean().meta({ description: "Whether this request belongs to it." }),
});

const ofAccount = z.object({
  account: z
    .string()
    .exactOptional()
    .meta({ description: "`acc_…`, `key_…` or `setup`; the caller's own if it is absent." }),
});

const listSessions = route({
  method: "GET",
  path: "/v1/sessions",
  who: guardsAlone,
  about: {
    summary: "List the sessions of an account",
    detail: "Only an administrator sees the sessions of other accounts.",
    answer: {
      status: 200,
      is: "The live ones, the newest first.",
      schema: z.object({ sessions: z.array(sessionAnswer) }),
    },
    example: { query: { account: exampleIds.account } },
  },
  asks: { query: ofAccount },
  async answer({ query, caller }, deps) {
    const sessions = await deps.sessions.of(accountAsked(query.account, caller));
    return Response.json({ sessions: sessions.map((one) => shown(one, caller)) });
  },
});

const endSessions = route({
  method: "DELETE",
  path: "/v1/sessions",
  who: guardsAlone,
  about: {
    summary: "End all sessions of an account",
    detail: "Only an administrator ends the sessions of other accounts. Live connections end within 2 s.",
    answer: { status: 204, is: "They are ended." },
    example: { query: { account: exampleIds.account } },
  },
  asks: { query: ofAccount },
  audits: { action: "sessions-ended", about: ({ query, caller }) => ({ account: query.account ?? caller.id }) },
  async answer({ query, caller }, deps) {
    const account = accountAsked(query.account, caller);
    if (isOfKey(account)) await deps.sessions.endAllOf(account);
    else if (!(await deps.accounts.endSessions(account))) throw noSuchAccount();
    return new Response(null, { status: 204, headers: account === caller.id ? endedCookie(caller) : {} });
  },
});

const endSession = route({
  method: "DELETE",
  path: "/v1/sessions/:id",
  who: guards,
  about: {
    summary: "Sign out, or end another session",
    detail: "`current` is the session of the request. Sessions of others are for administrators.",
    answer: { status: 204, is: "It is ended." },
    example: { path: { id: exampleIds.session } },
  },
  asks: { path: z.object({ id: z.string().meta({ description: "`ses_…`, or `current`." }) }) },
  audits: { action: "sessions-ended", about: ({ path: { id }, caller }) => ({ session: sessionNamed(id, caller) }) },
  async answer({ path, caller }, deps) {
    const id = path.id === "current" ? (caller.session?.id ?? "") : path.id;
    const account = await deps.sessions.accountOf(id);
    const isOther = account !== caller.id;
    if (account === null || (isOther && !caller.isAdministrator) || !(await deps.sessions.end(id, account))) {
      throw new GatepostError("not-found", "there is no such session; list them");
    }
    await deps.push.subscriptions.endOf({ session: id, account });
    if (id !== caller.session?.id) return new Response(null, { status: 204 });
    await deps.tickets.endAll(caller.tokenHash);
    return new Response(null, { status: 204, headers: endedCookie(caller) });
  },
});

const changePassword = route({
  method: "PUT",
  path: "/v1/password",
  who: peopleAlone,
  about: {
    summary: "Change one's own password",
    detail: "All other sessions end, and this one continues with a new cookie; its browser is still notified.",
    answer: { status: 204, is: "The new cookie." },
    others: { 409: "The account signs in by the company, and has no password here." },
    example: { body: { current: "seven green boats", password: "eight blue kites" } },
  },
  asks: { body: z.strictObject({ current: passwordText, password: passwordText }) },
  dear: "but-for-password",
  audits: { action: "account-changed", about: ({ caller }) => ({ account: caller.id, password: true }) },
  async answer({ body: { current, password }, headers, caller }, deps) {
    const { account, session } = caller;
    if (account === null || session === null) throw wrong();
    const found = account.email === null ? null : await deps.accounts.byEmail(account.email);
    if (found?.account.id !== account.id || found.password === null) {
      throw new GatepostError("conflict", "this account signs in by the company; change the password there");
    }
    const tried = { account: account.id, address: caller.address };
    if (!(await tryPassword(current, { known: found.password, tried }, deps)))
      throw new GatepostError("bad-request", "current: this is not your password", { code: "wrong" });
    requireGoodPassword(password, account);
    const isSet = await deps.accounts.setPassword(account.id, found.password, await deps.passwords.hash(password));
    const changed = isSet ? await deps.accounts.get(account.id) : null;
    if (changed === null) throw new GatepostError("conflict", "the account has changed; try again");
    const proved = session.isByFactor ? { provedAt: session.authTime } : {};
    const asked = { account: changed, with: "password", stays: session.stays, ...proved } as const;
    const { id, cookie } = await startSession(asked, { from: caller, headers }, deps);
    await deps.push.subscriptions.handOn(session.id, { account: changed, session: id }).catch((cause: unknown) => {
      deps.log.error("a browser is not notified any more after a new password", { account: account.id, cause });
    });
    return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
  },
});

export const signInRoutes = [
  ...[getSignIn, createSession, createSetupLink, signInBySetup, signInByKey],
  ...[listSessions, endSessions, endSession, changePassword],
];

/** Throws 400 if a password may not be used. */
export function requireGoodPassword(password: string, person: { email: string | null; name: string | null }): void {
  const fault = passwordFault(password, person);
  if (fault !== null) throw new GatepostError("bad-request", `password: ${fault}`, { code: "password" });
}

function noSuchAccount(): GatepostError {
  return new GatepostError("not-found", "there is no such account; list them");
}

/** Throws 403 for the account of another, unless the caller is an administrator. */
function accountAsked(asked: string | undefined, { id, isAdministrator, session }: Caller): string {
  if (asked === undefined && session === null) {
    throw new GatepostError("bad-request", "account: name the account; a key has no sessions");
  }
  if (asked === undefined || asked === id || isAdministrator) return asked ?? id;
  throw new GatepostError("forbidden", "these are the sessions of another; an administrator sees them");
}

/** Whether sessions are of a key, or of first links, and not of an account. */
function isOfKey(user: string): boolean {
  return user === setupKey.id || /^key_\w{1,64}$/.test(user);
}

function sessionNamed(id: string, { session }: Caller): string {
  if (id === "current") return session?.id ?? "none";
  return /^ses_[0-9a-f]{18}$/.test(id) ? id : "none";
}

function shown(session: Session, caller: Caller) {
  const { id, with: way, agent, startedAt, usedAt, expiresAt } = session;
  const [started, used, expires] = [startedAt, usedAt, expiresAt].map((time) => new Date(time).toISOString());
  const times = { startedAt: started, usedAt: used, expiresAt: expires };
  return { id, account: userOf(session), with: way, agent, ...times, isThis: id === caller.session?.id };
}
