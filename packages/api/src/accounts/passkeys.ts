import { GatepostError } from "@gatepost/core/errors";
import {
  accountNamedBy,
  challengeMs,
  newChallenge,
  openChallenge,
  type PasskeyPlace,
  type Proof,
  passkeyHostOf,
  type SentCredential,
  sealChallenge,
} from "@gatepost/core/factors";
import * as z from "zod";
import type { From } from "../access/caller.ts";
import { challengeCookie, challengeCookieName, cookieIn } from "../access/cookies.ts";
import { requireOwnOrigin } from "../access/own-origin.ts";
import { beginSession } from "../access/sign-in.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute } from "../route.ts";
import { noteRefused, refuseWait } from "./tries.ts";

const bytes = (most: number) => z.string().max(most);

/** The credential as `toJSON` of a browser gives it; other members are left out. */
export const sentCredential = namedObject("PasskeyCredential", {
  id: bytes(1400),
  rawId: bytes(1400),
  type: z.literal("public-key"),
  response: z.object({
    clientDataJSON: bytes(8192),
    attestationObject: bytes(16_384).optional(),
    transports: z.array(z.string().max(32)).max(16).optional(),
    authenticatorData: bytes(8192).optional(),
    signature: bytes(8192).optional(),
    userHandle: bytes(128).nullable().optional(),
  }),
});

/** Options of WebAuthn, which a page gives to its browser. */
export const passkeyOptions = z.record(z.string(), z.unknown());

/**
 * The address at which passkeys of this server work; null if there is none, because its public address has no name or is
 * reached by http. Without a public address it is `localhost`.
 */
export function passkeyPlace(
  { origin, isHttps }: From,
  headers: Headers,
  { factors }: Pick<ApiPorts, "factors">,
): PasskeyPlace | null {
  const ofOrigin = origin === null ? null : new URL(origin).hostname;
  const host = factors.host ?? ofOrigin;
  if (host === null || host === "") return null;
  const port = /:\d+$/.exec(headers.get("host") ?? "")?.[0] ?? "";
  const usual = host === "localhost" ? `${isHttps ? "https" : "http"}://${host}${port}` : `https://${host}`;
  const at = origin !== null && ofOrigin === host ? origin : usual;
  return passkeyHostOf(at) === "" ? null : { host, origin: at };
}

/** The same. Throws 409 if there is none, or if a page of another address asks. */
export function requirePlace(from: From, headers: Headers, deps: Pick<ApiPorts, "factors">): PasskeyPlace {
  const place = passkeyPlace(from, headers, deps);
  const code = "passkeys-elsewhere";
  if (place === null) {
    const sentence = "browsers have passkeys at an https address with a name alone; --public-url sets one";
    throw new GatepostError("conflict", sentence, { code });
  }
  if ((headers.get("origin") ?? place.origin) === place.origin) return place;
  throw new GatepostError("conflict", `passkeys of this server are at ${place.origin}; open it there`, { code });
}

/**
 * Answers the options for signing a challenge, which the browser keeps sealed in a cookie.
 *
 * @param account whose passkeys are asked for; null for any
 * @param boundTo as of `sealChallenge`
 */
export async function answerOptions(
  { account, boundTo }: { account: string | null; boundTo: string },
  { from, headers }: { from: From; headers: Headers },
  deps: ApiPorts,
): Promise<Response> {
  const { host } = requirePlace(from, headers, deps);
  const challenge = newChallenge(deps.clock());
  const options = await deps.factors.optionsFor(account, challenge, host);
  const sealed = sealChallenge(challenge, deps.cursorSecret, boundTo);
  const cookie = challengeCookie(sealed, { ...from, maxAge: challengeMs / 1000 });
  return Response.json(options, { headers: { "set-cookie": cookie } });
}

/** The proof of a passkey that has signed; null if this browser has no challenge of this sign-in or session. */
export function proofBy(
  credential: SentCredential,
  boundTo: string,
  { from, headers, deps }: { from: From; headers: Headers; deps: ApiPorts },
): Proof | null {
  const place = passkeyPlace(from, headers, deps);
  const sealed = cookieIn(headers, challengeCookieName(from)) ?? "";
  const challenge = openChallenge(sealed, deps.cursorSecret, { boundTo, now: deps.clock() });
  return place === null || challenge === null ? null : { kind: "passkey", credential, challenge, place };
}

export const wrongPasskey = "this passkey was not accepted, or it took over five minutes; try again";

/** Uses a proof, as `Factors` does. A passkey that may have been copied is noted in the audit log. */
export async function useProof(
  account: string,
  proof: Proof | null,
  { factors, audit }: Pick<ApiPorts, "factors" | "audit">,
): Promise<boolean> {
  try {
    return proof !== null && (await factors.use(account, proof));
  } catch (error) {
    if (error instanceof GatepostError && error.code === "passkey-copied") {
      const about = { account, passkeyCopied: true };
      const entry = { action: "sign-ins-refused", outcome: "refused", by: account, from: null, about } as const;
      await audit.noteRarely(`passkey-copied ${account}`, entry);
    }
    throw error;
  }
}

const getPasskeyOptions = openRoute({
  method: "POST",
  path: "/v1/sessions/passkey/options",
  about: {
    summary: "Get the options for signing in by a passkey",
    detail:
      "They are for `navigator.credentials.get`, name no account, and are valid for five minutes in this browser.",
    answer: { status: 200, is: "The options, and a cookie.", schema: passkeyOptions },
    others: { 409: "Passkeys are at another address (`passkeys-elsewhere`)." },
  },
  async answer({ headers, from }, deps) {
    requireOwnOrigin(headers, from);
    return answerOptions({ account: null, boundTo: "" }, { from, headers }, deps);
  },
});

/** Signs in by a passkey alone. Failures count for the account that it names, apart from those of passwords. */
export async function signInByPasskey(
  { credential, stay: stays }: { credential: SentCredential; stay: boolean },
  { from, headers }: { from: From; headers: Headers },
  deps: ApiPorts,
): Promise<Response> {
  const id = accountNamedBy(credential);
  const tried = { account: `passkey of ${id}`, address: `passkey at ${from.address}` };
  refuseWait(await deps.signInTries.begin(tried));
  const account = id === null ? null : await deps.accounts.get(id);
  const proof = proofBy(credential, "", { from, headers, deps });
  const isAble = account?.with === "password" && !account.isDisabled;
  if (!isAble || !(await useProof(account.id, proof, deps))) {
    await noteRefused(account?.id ?? "nobody", from, deps);
    throw new GatepostError("unauthorized", wrongPasskey, { code: "wrong" });
  }
  await deps.signInTries.ended(tried);
  const cookie = await beginSession({ account, with: "passkey", stays }, { from, headers }, deps);
  return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
}

export const passkeyRoutes = [getPasskeyOptions];
