import type { Account, Session } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { type Factor, factorKinds } from "@gatepost/core/factors";
import { instant, instantOrNull } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { administratorsAlone, peopleAlone } from "../access/who.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { passkeyOptions, passkeyRoutes, requirePlace, sentCredential } from "./passkeys.ts";
import { codeText, proofRoutes, triedBy } from "./proofs.ts";
import { accountPath, name, named, noSuchAccount } from "./routes.ts";
import { refuseWait } from "./tries.ts";

const factorAnswer = namedObject("Factor", {
  id: z.string(),
  kind: z.enum(factorKinds),
  name: z.string().nullable().meta({ description: "Null for recovery codes." }),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  left: z.int().nullable().meta({ description: "The recovery codes that are left; null for other kinds." }),
  isLost: z
    .boolean()
    .meta({ description: "Whether it opens nothing: its key is lost, or it is a passkey of another address." }),
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
    return Response.json({ factors, ...(await needOf(caller, deps)) });
  },
});

const newFactor = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("code"), name }),
  z.strictObject({ kind: z.literal("passkey"), name }),
  z.strictObject({ kind: z.literal("recovery") }),
]);

const madeFactor = z.union([
  namedObject("NewCode", {
    id: z.string(),
    secret: z.string().meta({ description: "The seed, as base32." }),
    uri: z.string().meta({ description: "The same as `otpauth://totp/…`, for a QR code." }),
  }),
  namedObject("NewPasskey", { id: z.string(), options: passkeyOptions }),
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
      "minutes. `passkey`: options for `navigator.credentials.create`, whose credential is confirmed within five minutes in " +
      "the same session. `recovery`: ten codes that work once each, in the place of earlier ones.",
    answer: { status: 201, is: "The seed, options or codes. Only this answer contains them.", schema: madeFactor },
    others: {
      409:
        "The account signs in by the company, has five of this kind, or has no factor for which recovery codes could be; or " +
        "passkeys are at another address (`passkeys-elsewhere`).",
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
  async answer({ body, caller, headers }, deps) {
    const { account, session } = ofHere(caller);
    const { id, email, name: called } = account;
    const label = email ?? called ?? id;
    if (body.kind === "recovery") return Response.json(await deps.factors.addRecovery(id), { status: 201 });
    if (body.kind === "code")
      return Response.json(await deps.factors.addCode({ id, label }, body.name), { status: 201 });
    const { host } = requirePlace(caller, headers, deps);
    const asked = { name: body.name, host, session: session.id };
    return Response.json(await deps.factors.addPasskey({ id, label, name: called ?? label }, asked), { status: 201 });
  },
});

const factorPath = z.object({ id: z.string().max(64).meta({ description: "`fac_…`" }) });

const confirmFactor = route({
  method: "POST",
  path: "/v1/me/factors/:id/confirm",
  who: peopleAlone,
  about: {
    summary: "Confirm a factor by its first code, or a passkey by its credential",
    detail: "A wrong one is refused by 400 `wrong`.",
    answer: { status: 204, is: "It counts from now on." },
    others: {
      404: "There is no such factor, or its minutes are over; or another session has begun it.",
    },
    example: { path: { id: exampleIds.factor }, body: { code: "352600" } },
  },
  asks: {
    path: factorPath,
    body: z.union([z.strictObject({ code: codeText }), z.strictObject({ credential: sentCredential })]),
  },
  audits: {
    action: "factor-added",
    about: ({ path, body, caller }) => ({
      account: caller.id,
      kind: "code" in body ? "code" : "passkey",
      factor: path.id,
    }),
  },
  refuses: async ({ caller }, deps) => refuseWait(await deps.signInTries.begin(triedBy(caller.id, caller))),
  async answer({ path: { id }, body, caller, headers }, deps) {
    const confirmed = await ("code" in body
      ? deps.factors.confirmCode(caller.id, id, body.code)
      : deps.factors.confirmPasskey(caller.id, id, {
          sent: body.credential,
          session: caller.session?.id ?? "",
          place: requirePlace(caller, headers, deps),
        }));
    if (confirmed === "unknown") throw new GatepostError("not-found", "there is no such factor; begin again");
    if (confirmed === "wrong") {
      const advice =
        "code" in body
          ? "code: this is not the code of now; look at the app again, and at the clock of the phone"
          : "credential: this passkey was not accepted; begin again";
      throw new GatepostError("bad-request", advice, { code: "wrong" });
    }
    await deps.signInTries.ended(triedBy(caller.id, caller));
    const { session } = caller;
    // It is a proof, too.
    if (session !== null && session.with !== "company")
      await deps.sessions.prove(session.id, caller.id, { isByFactor: true });
    return new Response(null, { status: 204 });
  },
});

const removeFactor = route({
  method: "DELETE",
  path: "/v1/me/factors/:id",
  who: peopleAlone,
  about: {
    summary: "Remove one's own factor",
    detail: "With the last code or passkey, the recovery codes go, too. All other sessions of the account end.",
    answer: { status: 204, is: "It is removed." },
    others: {
      401: "Another session of the account, which removed one at the same time, has ended this one.",
      409: "It is the last one that can be used, and one is needed (`last-factor`).",
    },
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
    const isNeeded = (await dueOf(caller, deps)) !== null;
    // First: a removal that is cut off leaves no session of the factor. Using it meanwhile has the removal begin again.
    const first = () => endOtherSessions(caller, deps);
    const removed = await deps.factors.remove(caller.id, id, { isNeeded, first });
    if (removed === "removed") return Response.json({ kind });
    if (removed === "unknown") throw new GatepostError("not-found", "you have no such factor; list them");
    if (removed === "stranded") {
      throw new GatepostError("conflict", "the factors that would be left open nothing here; remove those first", {
        code: "last-factor",
      });
    }
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
      "For a person who has lost them: the password alone signs in from then on, unless the person needs a factor and the " +
      "time to add one is over; then a new link does. All sessions of the account end. " +
      "Its person is told by mail, if a rule sends e-mail.",
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
    const hadSome = await deps.factors.removeAll(id);
    if (hadSome && deps.mailer.language() !== null) {
      await deps.resetMails.put({ account: id, by: caller.id, resetAt: deps.clock() }).catch((cause: unknown) => {
        deps.log.error("a person is not told of a reset by mail", { account: id, cause });
      });
    }
    return new Response(null, { status: 204 });
  },
});

export const factorRoutes = [
  ...[getFactors, addFactor, confirmFactor, removeFactor, resetFactors],
  ...[...proofRoutes, ...passkeyRoutes],
];

/** The account and the session of the caller. Throws 409 if it signs in by the company. */
function ofHere({ account, session }: Caller): { account: Account; session: Session } {
  if (account !== null && session !== null && session.with !== "company") return { account, session };
  throw new GatepostError("conflict", "this account signs in by the company, which asks for its own second factor");
}

/** Ends all sessions of the caller but this one. Throws 401 if another one has ended this one meanwhile. */
async function endOtherSessions({ account, session }: Caller, { accounts }: Pick<ApiPorts, "accounts">) {
  if (account === null || session === null) return;
  if (await accounts.endOtherSessions(session.id, account)) return;
  throw new GatepostError("unauthorized", "another of your sessions has ended this one; sign in again", {
    code: "ended",
  });
}

/** Until when the caller may add a first factor, ms since 1970; null if none is needed. */
async function dueOf({ account }: Caller, { factorPolicy }: Pick<ApiPorts, "factorPolicy">): Promise<number | null> {
  return account === null ? null : factorPolicy.dueOf(account);
}

/** Whether the caller needs a factor, and until when the first one has to be added; null if there is one. */
export async function needOf(caller: Caller, deps: Pick<ApiPorts, "factorPolicy" | "factors">) {
  const due = await dueOf(caller, deps);
  if (due === null) return { required: false, until: null };
  return { required: true, until: (await deps.factors.has(caller.id)) ? null : instant(due) };
}

function shown({ createdAt, lastUsedAt, ...factor }: Factor) {
  return { ...factor, createdAt: instant(createdAt), lastUsedAt: instantOrNull(lastUsedAt) };
}
