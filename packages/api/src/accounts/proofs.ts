import type { Account, Session } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import type { Proof } from "@gatepost/core/factors";
import { hashToken } from "@gatepost/core/keys";
import type { Try } from "@gatepost/core/passwords";
import * as z from "zod";
import { refuseKeys } from "../access/admit.ts";
import type { From } from "../access/caller.ts";
import { cookieIn, halfCookie, halfCookieName, sessionTokenIn } from "../access/cookies.ts";
import { neededOf } from "../access/fresh.ts";
import { requireOwnOrigin } from "../access/own-origin.ts";
import { beginSession, noteSignIn } from "../access/sign-in.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute } from "../route.ts";
import { answerOptions, passkeyOptions, proofBy, sentCredential, useProof, wrongPasskey } from "./passkeys.ts";
import { noteRefused, passwordText, refuseWait, tryPassword } from "./tries.ts";

export const codeText = z.string().trim().min(6).max(64);

const proof = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["code", "recovery"]), code: codeText }),
  z.strictObject({ kind: z.literal("passkey"), credential: sentCredential }),
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
      "by the password, one of the company by `GET /v1/sign-in/oidc?again=1`. A passkey signs the options of " +
      "`POST /v1/sessions/factor/options`. Each code and challenge works once. After five failures the " +
      "next try has to wait, five minutes at most. In a session a wrong proof is refused by 400 `wrong`.",
    answer: { status: 204, is: "The cookie of a session, or nothing new." },
    others: {
      401: "The code is wrong or was used (`wrong`), or the sign-in or the session has ended (`ended`).",
      403: "The passkey may have been copied (`passkey-copied`).",
      409: "The account needs another kind: `needs` names them, none for a session of a key or of a first link.",
    },
    example: { body: { kind: "recovery", code: "k7qh-2m9x-tb4w-zp6d" } },
  },
  asks: { body: proof },
  async answer({ body, headers, from }, deps) {
    refuseKeys(headers, from);
    requireOwnOrigin(headers, from);
    // A session is newer than the half one of its browser, which has ended the session of before.
    const session = await deps.sessions.findByToken(sessionTokenIn(headers, from) ?? "");
    return session === null ? goOn(body, { headers, from }, deps) : proveAgain(body, { session, headers, from }, deps);
  },
});

const getFactorOptions = openRoute({
  method: "POST",
  path: "/v1/sessions/factor/options",
  about: {
    summary: "Get the options for a proof by a passkey",
    detail:
      "For the same as `POST /v1/sessions/factor`: they name the passkeys of the account, and are valid for five minutes.",
    answer: { status: 200, is: "The options, and a cookie.", schema: passkeyOptions },
    others: {
      401: "The sign-in or the session has ended.",
      409: "The account needs another kind; or passkeys are at another address (`passkeys-elsewhere`).",
    },
  },
  async answer({ headers, from }, deps) {
    refuseKeys(headers, from);
    requireOwnOrigin(headers, from);
    const session = await deps.sessions.findByToken(sessionTokenIn(headers, from) ?? "");
    const token = cookieIn(headers, halfCookieName(from)) ?? "";
    const half = session === null ? await deps.halfSessions.find(token) : null;
    const by = session ?? (half && { account: half.account, with: "password" as const, tokenHash: hashToken(token) });
    if (by === null) throw ended();
    const needs = await neededOf(by, deps);
    if (by.account === null || !needs.includes("passkey")) throw otherKind(needs);
    return answerOptions({ account: by.account.id, boundTo: by.tokenHash }, { from, headers }, deps);
  },
});

export const proofRoutes = [signInByFactor, getFactorOptions];

/** The proof in a body; null for a password, or a passkey that has signed for another sign-in or session. */
function proofIn(
  body: z.output<typeof proof>,
  asked: { boundTo: string; headers: Headers; from: From },
  deps: ApiPorts,
): Proof | null {
  if (body.kind === "password") return null;
  return body.kind === "passkey" ? proofBy(body.credential, asked.boundTo, { ...asked, deps }) : body;
}

const wrongCode = "this code is wrong, or was used";

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
    const boundTo = hashToken(token);
    isRight = await useProof(account.id, proofIn(body, { boundTo, headers, from }, deps), deps);
  } finally {
    if (!isRight) await deps.halfSessions.putBack(token, half);
  }
  if (!isRight) {
    await noteRefused(account.id, from, deps);
    const sentence = body.kind === "passkey" ? wrongPasskey : wrongCode;
    throw new GatepostError("unauthorized", sentence, { code: "wrong" });
  }
  await deps.signInTries.ended(tried);
  const factor = body.kind === "password" ? {} : { factor: body.kind };
  const asked = { account, with: "password", stays, provedAt: "now", ...factor } as const;
  const answer = new Headers();
  answer.append("set-cookie", halfCookie("", { ...from, maxAge: 0 }));
  answer.append("set-cookie", await beginSession(asked, { from, headers }, deps));
  return new Response(null, { status: 204, headers: answer });
}

/** Makes a session fresh by a proof of its person. A wrong one ends nothing: the page stays as it is. */
async function proveAgain(
  body: z.output<typeof proof>,
  { session, headers, from }: { session: Session; headers: Headers; from: From },
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
  if (!(await isProof(body, { account, boundTo: session.tokenHash, headers, from }, deps))) {
    await noteRefused(account.id, from, deps);
    throw new GatepostError("bad-request", wrongProofs[body.kind], { code: "wrong" });
  }
  const isByFactor = body.kind !== "password";
  if (!(await deps.sessions.prove(session.id, account.id, { isByFactor }))) throw ended();
  const factor = body.kind === "password" ? undefined : body.kind;
  await noteSignIn({ by: account.id, with: "password", factor, isAgain: true, from }, deps);
  return new Response(null, { status: 204 });
}

const wrongProofs = {
  password: "password: this is not your password",
  passkey: `credential: ${wrongPasskey}`,
  code: `code: ${wrongCode}`,
  recovery: `code: ${wrongCode}`,
};

/** Whether a password is the one of an account, or a proof of its factors. Throws 429 while the next try has to wait. */
async function isProof(
  body: z.output<typeof proof>,
  { account: { id, email }, ...asked }: { account: Account; boundTo: string; headers: Headers; from: From },
  deps: ApiPorts,
): Promise<boolean> {
  const { from } = asked;
  if (body.kind === "password") {
    const found = email === null ? null : await deps.accounts.byEmail(email);
    const known = found?.account.id === id ? found.password : null;
    return tryPassword(body.password, { known, tried: { account: id, address: from.address } }, deps);
  }
  const tried = triedBy(id, from);
  refuseWait(await deps.signInTries.begin(tried));
  const isRight = await useProof(id, proofIn(body, asked, deps), deps);
  if (isRight) await deps.signInTries.ended(tried);
  return isRight;
}

/** Throws 409 for a kind that is not needed. */
function requireKind(kind: string, needs: readonly string[]): void {
  if (!needs.includes(kind)) throw otherKind(needs);
}

function otherKind(needs: readonly string[]): GatepostError {
  const ways = needs.join(" or ") || "none for this session";
  return new GatepostError("conflict", `prove it in another way: ${ways}`, { code: "other-kind", needs });
}

/**
 * Codes are counted apart from passwords, for the account and for the address: who knows the password cannot begin anew
 * with them, and wrong codes keep nobody else from signing in.
 */
export function triedBy(account: string, { address }: From): Try {
  return { account: `factor of ${account}`, address: `factor at ${address}` };
}

function ended(): GatepostError {
  return new GatepostError("unauthorized", "this sign-in has ended; begin again with your password", { code: "ended" });
}
