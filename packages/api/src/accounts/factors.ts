import type { Account, Session } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { type Factor, factorKinds } from "@gatepost/core/factors";
import type { Try } from "@gatepost/core/passwords";
import { instant, instantOrNull } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller, From } from "../access/caller.ts";
import { cookieIn, halfCookie, halfCookieName, sessionTokenIn } from "../access/cookies.ts";
import { neededOf } from "../access/fresh.ts";
import { requireOwnOrigin } from "../access/own-origin.ts";
import { beginSession, noteSignIn } from "../access/sign-in.ts";
import { administratorsAlone, peopleAlone } from "../access/who.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";
import { accountPath, name, named, noSuchAccount } from "./routes.ts";
import { noteRefused, passwordText, refuseWait, tryPassword } from "./sign-in.ts";

const factorAnswer = namedObject("Factor", {
  id: z.string(),
  kind: z.enum(factorKinds),
  name: z.string().nullable().meta({ description: "Null for recovery codes." }),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  left: z.int().nullable().meta({ description: "The recovery codes that are left; null for other kinds." }),
  isLost: z.boolean().meta({ description: "Whether its key is lost: its codes open nothing, and new ones are added." }),
});

const getFactors = route({
  method: "GET",
  path: "/v1/me/factors",
  who: peopleAlone,
  about: {
    summary: "List one's own factors",
    answer: {
      status: 200,
      is: "What this person needs beside the password to sign in.",
      schema: namedObject("ListedFactors", {
        factors: z.array(factorAnswer),
        required: z.boolean().meta({ description: "Whether the last factor must stay." }),
        until: z.iso.datetime().nullable().meta({ description: "Until when one has to be added; null: no end." }),
      }),
    },
  },
  async answer({ caller }, deps) {
    const factors = (await deps.factors.of(caller.id)).map(shown);
    const due = await dueOf(caller, deps);
    const until = factors.some(({ kind }) => kind !== "recovery") ? null : instantOrNull(due);
    return Response.json({ factors, required: due !== null, until });
  },
});

const newFactor = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("code"), name }),
  z.strictObject({ kind: z.literal("recovery") }),
]);

const madeFactor = z.union([
  namedObject("NewCode", {
    id: z.string(),
    secret: z.string().meta({ description: "The seed, as base32." }),
    uri: z.string().meta({ description: "The same as `otpauth://totp/…`, for a QR code." }),
  }),
  namedObject("NewRecoveryCodes", { id: z.string(), codes: z.array(z.string()) }),
]);

const addFactor = route({
  method: "POST",
  path: "/v1/me/factors",
  who: peopleAlone,
  about: {
    summary: "Add a factor to one's own account",
    detail:
      "`code`: a seed for an app (RFC 6238, SHA-1, 6 digits, 30 s), which counts once its first code was confirmed within ten " +
      "minutes. `recovery`: ten codes that work once each, in the place of earlier ones.",
    answer: { status: 201, is: "The seed, or the codes. Only this answer contains them.", schema: madeFactor },
    others: {
      409: "The account signs in by the company, has five codes, or has no factor for which recovery codes could be.",
    },
    example: { body: { kind: "code", name: "Phone" } },
  },
  asks: { body: newFactor },
  dear: "adds-factor",
  audits: {
    action: ({ body: { kind } }) => (kind === "recovery" ? "factor-added" : null),
    about: ({ body: { kind }, caller }) => ({ account: caller.id, kind }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ factor: id })),
  },
  async answer({ body, caller }, deps) {
    const { id, email, name: called } = withPassword(caller);
    const made =
      body.kind === "recovery"
        ? await deps.factors.addRecovery(id)
        : await deps.factors.addCode({ id, label: email ?? called ?? id }, body.name);
    return Response.json(made, { status: 201 });
  },
});

const codeText = z.string().trim().min(6).max(64);

const factorPath = z.object({ id: z.string().max(64).meta({ description: "`fac_…`" }) });

const confirmFactor = route({
  method: "POST",
  path: "/v1/me/factors/:id/confirm",
  who: peopleAlone,
  about: {
    summary: "Confirm a factor by its first code",
    detail: "A wrong code is refused by 400 `wrong`.",
    answer: { status: 204, is: "It counts from now on." },
    others: {
      404: "There is no such factor, or its ten minutes are over.",
    },
    example: { path: { id: exampleIds.factor }, body: { code: "352600" } },
  },
  asks: { path: factorPath, body: z.strictObject({ code: codeText }) },
  audits: {
    action: "factor-added",
    about: ({ path, caller }) => ({ account: caller.id, kind: "code", factor: path.id }),
  },
  refuses: async ({ caller }, deps) => refuseWait(await deps.signInTries.begin(triedBy(caller.id, caller))),
  async answer({ path: { id }, body: { code }, caller }, deps) {
    const confirmed = await deps.factors.confirmCode(caller.id, id, code);
    if (confirmed === "unknown") throw new GatepostError("not-found", "there is no such factor; begin again");
    if (confirmed === "wrong") {
      const advice = "code: this is not the code of now; look at the app again, and at the clock of the phone";
      throw new GatepostError("bad-request", advice, { code: "wrong" });
    }
    await deps.signInTries.ended(triedBy(caller.id, caller));
    const { session } = caller;
    // The code is a proof, too.
    if (session?.with === "password") await deps.sessions.prove(session.id, caller.id, { isByFactor: true });
    return new Response(null, { status: 204 });
  },
});

const removeFactor = route({
  method: "DELETE",
  path: "/v1/me/factors/:id",
  who: peopleAlone,
  about: {
    summary: "Remove one's own factor",
    detail: "With the last code, the recovery codes go, too.",
    answer: { status: 204, is: "It is removed." },
    others: { 409: "It is the last one that can be used, and one is needed." },
    example: { path: { id: exampleIds.factor } },
  },
  asks: { path: factorPath },
  dear: true,
  audits: {
    action: "factor-removed",
    about: ({ path: { id }, caller }) => ({ account: caller.id, factor: id }),
    tells: z.object({ kind: z.enum(factorKinds).exactOptional() }),
  },
  async answer({ path: { id }, caller }, deps) {
    // One that awaits its first code is not among them.
    const kind = (await deps.factors.of(caller.id)).find((one) => one.id === id)?.kind;
    const removed = await deps.factors.remove(caller.id, id, { isNeeded: (await dueOf(caller, deps)) !== null });
    if (removed === "removed") return Response.json({ kind });
    if (removed === "unknown") throw new GatepostError("not-found", "you have no such factor; list them");
    throw new GatepostError("conflict", "this is your last factor, and you need one here; add another one first", {
      code: "last-factor",
    });
  },
  after: async () => new Response(null, { status: 204 }),
});

const resetFactors = route({
  method: "DELETE",
  path: "/v1/accounts/:id/factors",
  who: administratorsAlone,
  about: {
    summary: "Take the factors of an account away",
    detail:
      "For a person who has lost them: the password alone signs in from then on. All sessions of the account end.",
    answer: { status: 204, is: "The account has none." },
    others: { 409: "It is the caller's own account." },
    example: { path: { id: exampleIds.account } },
  },
  asks: { path: accountPath },
  dear: true,
  audits: { action: "factors-reset", about: ({ path: { id } }) => ({ account: named(id) }) },
  async answer({ path: { id }, caller }, deps) {
    if (id === caller.id) {
      throw new GatepostError("conflict", "these are your own factors; remove them one by one under Settings › You");
    }
    if (!(await deps.accounts.endSessions(id))) throw noSuchAccount();
    await deps.factors.removeAll(id);
    return new Response(null, { status: 204 });
  },
});

const proof = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(factorKinds), code: codeText }),
  z.strictObject({ kind: z.literal("password"), password: passwordText }),
]);

const signInByFactor = openRoute({
  method: "POST",
  path: "/v1/sessions/factor",
  about: {
    summary: "Go on with a sign-in by a factor, or prove once more who one is",
    detail:
      "For who has got 202 of `POST /v1/sessions` within five minutes; and for a session that was refused with the code " +
      "`factor-needed`: it is fresh for 15 minutes then, and the request can be sent again. A person without a factor proves " +
      "by the password, one of the company by `GET /v1/sign-in/oidc?again=1`. Each code works once. After five failures the " +
      "next try has to wait, five minutes at most. In a session a wrong proof is refused by 400 `wrong`.",
    answer: { status: 204, is: "The cookie of a session, or nothing new." },
    others: {
      401: "The code is wrong or was used (`wrong`), or the sign-in or the session has ended (`ended`).",
      409: "The account needs another kind: `needs` names them, none for a session of a key or of a first link.",
    },
    example: { body: { kind: "recovery", code: "k7qh-2m9x-tb4w-zp6d" } },
  },
  asks: { body: proof },
  async answer({ body, headers, from }, deps) {
    requireOwnOrigin(headers, from);
    // A session is newer than the half one of its browser, which has ended the session of before.
    const session = await deps.sessions.findByToken(sessionTokenIn(headers, from) ?? "");
    return session === null ? goOn(body, { headers, from }, deps) : proveAgain(body, { session, from }, deps);
  },
});

export const factorRoutes = [getFactors, addFactor, confirmFactor, removeFactor, resetFactors, signInByFactor];

/** Makes a half session a session, by a code of a factor. */
async function goOn(
  body: z.output<typeof proof>,
  { headers, from }: { headers: Headers; from: From },
  deps: ApiPorts,
): Promise<Response> {
  const token = cookieIn(headers, halfCookieName(from)) ?? "";
  const half = await deps.halfSessions.find(token);
  if (half === null) throw ended();
  const { account, stays } = half;
  const needs = await deps.factors.needs(account.id);
  // The last factor was removed meanwhile: the password alone signs in.
  if (needs.length === 0) throw ended();
  requireKind(body.kind, needs);
  const tried = triedBy(account.id, from);
  refuseWait(await deps.signInTries.begin(tried));
  // Of several tries at once one goes on: the others use no code.
  if (!(await deps.halfSessions.end(token))) throw ended();
  let isRight = false;
  try {
    isRight = body.kind !== "password" && (await deps.factors.use(account.id, body));
  } finally {
    if (!isRight) await deps.halfSessions.putBack(token, half);
  }
  if (!isRight) {
    await noteRefused(account.id, from, deps);
    throw new GatepostError("unauthorized", "this code is wrong, or was used", { code: "wrong" });
  }
  await deps.signInTries.ended(tried);
  const factor = body.kind === "password" ? {} : { factor: body.kind };
  const asked = { account, with: "password", stays, provedAt: deps.clock(), ...factor } as const;
  const answer = new Headers();
  answer.append("set-cookie", halfCookie("", { ...from, maxAge: 0 }));
  answer.append("set-cookie", await beginSession(asked, { from, headers }, deps));
  return new Response(null, { status: 204, headers: answer });
}

/** Makes a session fresh by a proof of its person. A wrong one ends nothing: the page stays as it is. */
async function proveAgain(
  body: z.output<typeof proof>,
  { session, from }: { session: Session; from: From },
  deps: ApiPorts,
): Promise<Response> {
  const { account } = session;
  const needs = await neededOf(session, deps);
  if (account === null) {
    const sentence =
      session.with === "key"
        ? "a session of a key is as the key, and needs no proof"
        : "a session of a first link has no proof; `gatepost sign-in` on the machine of the server prints another link";
    throw new GatepostError("conflict", sentence, { code: "other-kind", needs });
  }
  requireKind(body.kind, needs);
  if (!(await isProof(body, { account, from }, deps))) {
    await noteRefused(account.id, from, deps);
    const sentence =
      body.kind === "password" ? "password: this is not your password" : "code: this code is wrong, or was used";
    throw new GatepostError("bad-request", sentence, { code: "wrong" });
  }
  const isByFactor = body.kind !== "password";
  if (!(await deps.sessions.prove(session.id, account.id, { isByFactor }))) throw ended();
  const factor = body.kind === "password" ? undefined : body.kind;
  await noteSignIn({ by: account.id, with: "password", factor, isAgain: true, from }, deps);
  return new Response(null, { status: 204 });
}

/** Whether a password is the one of an account, or a code of its factors. Throws 429 while the next try has to wait. */
async function isProof(
  body: z.output<typeof proof>,
  { account: { id, email }, from }: { account: Account; from: From },
  deps: ApiPorts,
): Promise<boolean> {
  if (body.kind === "password") {
    const found = email === null ? null : await deps.accounts.byEmail(email);
    const known = found?.account.id === id ? found.password : null;
    return tryPassword(body.password, { known, tried: { account: id, address: from.address } }, deps);
  }
  const tried = triedBy(id, from);
  refuseWait(await deps.signInTries.begin(tried));
  const isRight = await deps.factors.use(id, body);
  if (isRight) await deps.signInTries.ended(tried);
  return isRight;
}

/** Throws 409 for a kind that is not needed. */
function requireKind(kind: string, needs: readonly string[]): void {
  if (needs.includes(kind)) return;
  throw new GatepostError("conflict", `prove it in another way: ${needs.join(" or ")}`, { code: "other-kind", needs });
}

/**
 * Codes are counted apart from passwords, for the account and for the address: who knows the password cannot begin anew
 * with them, and wrong codes keep nobody else from signing in.
 */
function triedBy(account: string, { address }: From): Try {
  return { account: `factor of ${account}`, address: `factor at ${address}` };
}

function ended(): GatepostError {
  return new GatepostError("unauthorized", "this sign-in has ended; begin again with your password", { code: "ended" });
}

/** The account of the caller. Throws 409 if it signs in by the company. */
function withPassword({ account, session }: Caller): Account {
  if (account !== null && session?.with === "password") return account;
  throw new GatepostError("conflict", "this account signs in by the company, which asks for its own second factor");
}

/** Until when the caller may add a first factor, ms since 1970; null if none is needed. */
async function dueOf({ account }: Caller, { factorPolicy }: ApiPorts): Promise<number | null> {
  return account === null ? null : factorPolicy.dueOf(account);
}

function shown({ createdAt, lastUsedAt, ...factor }: Factor) {
  return { ...factor, createdAt: instant(createdAt), lastUsedAt: instantOrNull(lastUsedAt) };
}
