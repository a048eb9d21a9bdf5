import * as oauth from "oauth4webapi";
import * as z from "zod/mini";
import { untrusted } from "../authority/authority.ts";
import { GatepostError } from "../errors/errors.ts";

/**
 * The kinds of failures at the provider. `refused`: this sign-in alone; another one may succeed. `unreachable`: no answer,
 * or a fault there. `untrusted`: no known authority has made its certificate. `setup`: each sign-in fails until an operator
 * changes something. `weak`: the person has proved less than the settings require.
 */
type Kind = "refused" | "unreachable" | "untrusted" | "setup" | "weak";

/**
 * A failure at the provider. Its text is for the log: errors of the library have tokens and claims in their causes, so it
 * has no cause of them.
 */
export class ProviderFailure extends Error {
  readonly is: Kind;

  constructor(is: Kind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ProviderFailure";
    this.is = is;
  }
}

const address = (url: string) => `${new URL(url).origin}${new URL(url).pathname}`;

/** The failure of a request, which trusts `ca`, that has got no answer, or not all of it. */
export function noAnswer(url: string, cause: unknown, ca: string | null): ProviderFailure {
  const { name, cause: inner } = cause instanceof Error ? cause : new Error(String(cause));
  const fault = inner instanceof Error ? inner : cause;
  const isUnknown = fault instanceof Error ? untrusted(fault, ca) : null;
  if (isUnknown !== null) return new ProviderFailure("untrusted", `${address(url)}: ${isUnknown}`);
  const reason = fault instanceof Error && "code" in fault ? fault.code : name;
  return new ProviderFailure("unreachable", `${address(url)} does not answer: ${reason}`);
}

/** The codes with which a provider sends a browser back: it refuses the person, or has a fault. */
const kindOfCode = new Map<string, Kind>([
  ["access_denied", "refused"],
  ["login_required", "refused"],
  ["interaction_required", "refused"],
  ["consent_required", "refused"],
  ["temporarily_unavailable", "unreachable"],
  ["server_error", "unreachable"],
]);

const errorBody = z.object({ error: z.string().check(z.regex(/^[a-z_]{1,64}$/i)) });

/** The failure that an answer is: any status but 200, or no JSON. Null if it may be read. */
export async function unusable(url: string, answer: Response): Promise<ProviderFailure | null> {
  const { status } = answer;
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const isJson = /[/+]j(?:son|wt)$/.test(type);
  if (status === 200) {
    return isJson ? null : new ProviderFailure("setup", `${address(url)} answers with no JSON, but ${plain(type)}`);
  }
  const code = z.safeParse(errorBody, await jsonOf(answer.clone())).data?.error ?? null;
  const text = `${address(url)} answers ${[status, code].filter(Boolean).join(" ")}`;
  if (status === 429 || status >= 500) return new ProviderFailure("unreachable", text);
  return new ProviderFailure(code === "invalid_grant" ? "refused" : "setup", text);
}

/** The body of an answer; null if it is no JSON. */
export async function jsonOf(answer: Response): Promise<unknown> {
  return answer.json().catch(() => null);
}

const causeOfLibrary = z.object({
  alg: z.optional(z.string()),
  header: z.optional(z.object({ alg: z.string() })),
  claim: z.optional(z.string()),
  claims: z.optional(z.record(z.string(), z.unknown())),
});

/** Any error of a sign-in as a failure at the provider. */
export function failureOf(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    const code = z.safeParse(errorBody, error).data?.error ?? "unknown";
    const text = `the provider sends the browser back with the error ${code}`;
    return new ProviderFailure(kindOfCode.get(code) ?? "setup", text);
  }
  const isOfLibrary =
    error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError;
  if (!isOfLibrary) return new ProviderFailure("setup", "the sign-in failed here", { cause: error });
  const { alg, header, claim, claims } = z.safeParse(causeOfLibrary, error.cause).data ?? {};
  const used = header?.alg ?? alg;
  const facts = [used && `the algorithm is ${plain(used)}`, claims && `the claims are ${namesOf(claims)}`].filter(
    Boolean,
  );
  const text = [error.message, ...facts].join("; ");
  // The nonce of another sign-in: this browser has begun two, or an answer is replayed.
  return new ProviderFailure(claim === "nonce" ? "refused" : "setup", text);
}

/** The names of claims, without their values. */
export function namesOf(claims: object): string {
  const names = Object.keys(claims);
  const more = names.length > 50 ? ` and ${names.length - 50} more` : "";
  return names.slice(0, 50).map(plain).join(", ") + more;
}

/** A text of the provider, as it may be in the log. */
export function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** The error for the browser. */
export function visibleFailure(failure: ProviderFailure): GatepostError {
  switch (failure.is) {
    case "refused":
      return new GatepostError("forbidden", "the company's answer does not belong to this sign-in; sign in again", {
        cause: failure,
        code: "company-refused",
      });
    case "weak":
      return new GatepostError(
        "forbidden",
        "the company's sign-in asked you for less than is required here; sign in there with a second step",
        { cause: failure, code: "company-weak" },
      );
    case "unreachable":
      return new GatepostError(
        "unavailable",
        "the company's sign-in does not answer; try again, or sign in with a password",
        { cause: failure, retryAfter: 10, code: "company-unreachable" },
      );
    case "untrusted":
      return notSetUp("an operator must give the certificate of the provider's authority as ca", failure);
    case "setup":
      return notSetUp("an operator must check the address, the client id, its secret and the scope", failure);
  }
}

/** The error for each sign-in until an operator has changed something. */
export function notSetUp(advice: string, cause?: unknown): GatepostError {
  return new GatepostError("unavailable", `the company's sign-in is not set up right: ${advice}`, {
    cause,
    code: "company-setup",
  });
}
