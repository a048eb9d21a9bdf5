import * as oauth from "oauth4webapi";
import { GatepostError } from "../errors/errors.ts";

/** ms within which the provider must answer a request. */
const usualTimeoutMs = 5000;

/** Most bytes of an answer of the provider. */
const maxAnswerBytes = 1024 * 1024;

/** ms for which the addresses of the provider are used before they are asked for again. */
const knownForMs = 10 * 60_000;

const maxGroups = 1000;
const maxText = 256;

/** The configuration by the operator. */
export interface ProviderOptions {
  /** As `https://login.example.com/realms/main`; http only on the machine itself. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  fetch?: typeof fetch;
  timeoutMs?: number;
  /** ms since 1970. */
  clock(): number;
}

/** A person as the provider names one. */
export interface CompanyPerson {
  issuer: string;
  subject: string;
  name: string | null;
  email: string | null;
  groups: string[];
  /** Null if the provider gave none. */
  refreshToken: string | null;
}

/**
 * The answer of a provider about a person who signed in some time ago. `groups` is null if it does not tell them. A
 * provider that fails after it gave the next refresh token refuses the one before: keep the next one.
 */
export type Refreshed =
  | { is: "valid"; groups: string[] | null; refreshToken: string }
  | { is: "ended" }
  | { is: "unreachable"; cause: unknown; refreshToken: string | null };

/** The scope and the claim, from the settings. */
interface Wanted {
  scope: string;
  groupsClaim: string;
}

type Asked = oauth.CustomFetchOptions<string, URLSearchParams | undefined>;

/** The values that the browser keeps while its person is at the provider. */
interface Begun {
  state: string;
  nonce: string;
  verifier: string;
  redirectUri: string;
}

/** A provider of OpenID Connect: the authorisation code flow with PKCE, state and nonce, and refresh tokens. */
export class CompanyProvider {
  readonly #issuer: URL;
  readonly #client: oauth.Client;
  readonly #secret: string;
  readonly #fetch: (url: string, asked: Asked) => Promise<Response>;
  readonly #timeoutMs: number;
  readonly #clock: () => number;
  #found: { at: number; server: Promise<oauth.AuthorizationServer> } | null = null;

  /** Throws if the issuer is not an address that can be trusted. */
  constructor({
    issuer,
    clientId,
    clientSecret,
    clock,
    fetch: ask = fetch,
    timeoutMs = usualTimeoutMs,
  }: ProviderOptions) {
    this.#issuer = new URL(issuer);
    const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(this.#issuer.hostname);
    if (this.#issuer.protocol !== "https:" && !(this.#issuer.protocol === "http:" && isHere)) {
      throw new Error("the issuer must be an https address");
    }
    this.#client = { client_id: clientId };
    this.#secret = clientSecret;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#fetch = async (url, { body = null, signal = null, ...asked }) =>
      limited(await ask(url, { ...asked, body, signal, redirect: "manual" }));
  }

  /** The address at the provider to which the browser is sent. Throws 503 if the provider does not answer. */
  async begin(redirectUri: string, { scope }: Pick<Wanted, "scope">): Promise<Begun & { address: string }> {
    const server = await this.#server().catch((cause: unknown) => {
      throw doesNotAnswer(cause);
    });
    if (server.authorization_endpoint === undefined)
      throw doesNotAnswer(new Error("there is no authorization_endpoint"));
    const verifier = oauth.generateRandomCodeVerifier();
    const begun = { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), verifier, redirectUri };
    const address = new URL(server.authorization_endpoint);
    const asked = {
      ...{ client_id: this.#client.client_id, redirect_uri: redirectUri, response_type: "code", scope },
      ...{ state: begun.state, nonce: begun.nonce, code_challenge_method: "S256" },
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    };
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
    return { ...begun, address: address.href };
  }

  /**
   * The person whom the provider has signed in. Throws 403 if the answer was not made for this sign-in, or
   * cannot be trusted, and 503 if the provider does not answer, or refuses Gatepost itself.
   *
   * @param returned the query of the browser after the provider
   */
  async finish(returned: URLSearchParams, begun: Begun, wanted: Wanted): Promise<CompanyPerson> {
    try {
      const server = await this.#server();
      const code = oauth.validateAuthResponse(server, this.#client, returned, begun.state);
      const answer = await oauth.authorizationCodeGrantRequest(
        ...([server, this.#client, this.#authentication(server), code, begun.redirectUri, begun.verifier] as const),
        this.#options(),
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, this.#client, answer, {
        expectedNonce: begun.nonce,
        requireIdToken: true,
      });
      await this.#verifySignature(server, answer);
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (claims === undefined) throw new Error("the answer has no ID token");
      const more = await this.#userInfo(server, tokens.access_token, claims, wanted);
      return {
        ...{ issuer: claims.iss, subject: claims.sub },
        name: textIn(claims["name"]) ?? textIn(more?.["name"]),
        email: textIn(claims["email"]) ?? textIn(more?.["email"]),
        groups: groupsIn(claims, wanted) ?? groupsIn(more, wanted) ?? [],
        refreshToken: tokens.refresh_token ?? null,
      };
    } catch (cause) {
      if (isOfSetup(cause)) throw notSetUp(cause);
      throw isUnreachable(cause) ? doesNotAnswer(cause) : notTrusted(cause);
    }
  }

  /** Asks whether a person still belongs to the company. */
  async refresh(refreshToken: string, person: { subject: string }, wanted: Wanted): Promise<Refreshed> {
    let next: string | null = null;
    try {
      const server = await this.#server();
      const answer = await oauth.refreshTokenGrantRequest(
        ...([server, this.#client, this.#authentication(server), refreshToken] as const),
        this.#options(),
      );
      const tokens = await oauth.processRefreshTokenResponse(server, this.#client, answer);
      next = tokens.refresh_token ?? null;
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (claims !== undefined) {
        await this.#verifySignature(server, answer);
        if (claims.sub !== person.subject) return { is: "ended" };
      }
      const known = claims ?? { sub: person.subject };
      const more = await this.#userInfo(server, tokens.access_token, known, wanted);
      const isTold = claims !== undefined || more !== null;
      const groups = groupsIn(claims, wanted) ?? groupsIn(more, wanted) ?? (isTold ? [] : null);
      return { is: "valid", groups, refreshToken: next ?? refreshToken };
    } catch (cause) {
      const isRefused = cause instanceof oauth.ResponseBodyError && cause.error === "invalid_grant";
      return isRefused ? { is: "ended" } : { is: "unreachable", cause, refreshToken: next };
    }
  }

  /** The keys are asked for each time: they may have been rotated, and people sign in seldom. */
  #verifySignature(server: oauth.AuthorizationServer, answer: Response): Promise<void> {
    // The library remembers the keys by this object.
    return oauth.validateApplicationLevelSignature({ ...server }, answer, this.#options());
  }

  /** The user information of the provider; null if it has none, or it is not needed. */
  async #userInfo(
    server: oauth.AuthorizationServer,
    accessToken: string,
    claims: { sub: string; [name: string]: unknown },
    wanted: Wanted,
  ): Promise<Record<string, unknown> | null> {
    if (groupsIn(claims, wanted) !== null || server.userinfo_endpoint === undefined) return null;
    const answer = await oauth.userInfoRequest(server, this.#client, accessToken, this.#options());
    return oauth.processUserInfoResponse(server, this.#client, claims.sub, answer);
  }

  #server(): Promise<oauth.AuthorizationServer> {
    const now = this.#clock();
    if (this.#found !== null && Math.abs(now - this.#found.at) < knownForMs) return this.#found.server;
    const found = { at: now, server: this.#discover() };
    this.#found = found;
    found.server.catch(() => {
      if (this.#found === found) this.#found = null;
    });
    return found.server;
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    const answer = await oauth.discoveryRequest(this.#issuer, { ...this.#options(), algorithm: "oidc" });
    return oauth.processDiscoveryResponse(this.#issuer, answer);
  }

  #authentication(server: oauth.AuthorizationServer): oauth.ClientAuth {
    const supported = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const isBasic = supported.includes("client_secret_basic");
    return isBasic ? oauth.ClientSecretBasic(this.#secret) : oauth.ClientSecretPost(this.#secret);
  }

  #options() {
    return {
      [oauth.customFetch]: this.#fetch,
      [oauth.allowInsecureRequests]: this.#issuer.protocol === "http:",
      signal: AbortSignal.timeout(this.#timeoutMs),
    };
  }
}

/** The same answer, whose body has been read whole. Throws if it is too long. */
async function limited(answer: Response): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > maxAnswerBytes) throw new Error(`the provider answers with more than ${maxAnswerBytes} bytes`);
    pieces.push(piece);
  }
  const { status, headers } = answer;
  const hasBody = status !== 204 && status !== 304;
  return new Response(hasBody ? Buffer.concat(pieces) : null, { status, headers });
}

/** The groups of claims; null if there is no such claim. */
function groupsIn(claims: Record<string, unknown> | null | undefined, { groupsClaim }: Wanted): string[] | null {
  const claim = claims?.[groupsClaim];
  if (claim === undefined) return null;
  return [claim]
    .flat()
    .filter((group) => typeof group === "string")
    .slice(0, maxGroups);
}

function textIn(claim: unknown): string | null {
  if (typeof claim !== "string") return null;
  const text = claim.normalize().replaceAll(/\p{C}/gu, "").trim().slice(0, maxText);
  return text === "" ? null : text;
}

/** Whether an error says nothing about the person: the provider was not reached, hangs, or has a fault. */
function isUnreachable(cause: unknown): boolean {
  if (cause instanceof oauth.ResponseBodyError) return cause.status >= 500;
  if (cause instanceof oauth.AuthorizationResponseError) return cause.error === "temporarily_unavailable";
  if (cause instanceof DOMException || (cause instanceof TypeError && !("code" in cause))) return true;
  return cause instanceof oauth.OperationProcessingError && cause.code === oauth.RESPONSE_IS_NOT_CONFORM;
}

/** Whether the provider refuses Gatepost itself: its secret has ended, or it may not use this way to sign in. */
function isOfSetup(cause: unknown): boolean {
  const codes = ["invalid_client", "unauthorized_client", "invalid_scope"];
  const isAnswer = cause instanceof oauth.ResponseBodyError || cause instanceof oauth.AuthorizationResponseError;
  return isAnswer && codes.includes(cause.error);
}

function notSetUp(cause: unknown): GatepostError {
  return new GatepostError(
    "unavailable",
    "the company's provider refuses Gatepost; an operator must check the client id, its secret and the scope",
    { cause, code: "company-setup" },
  );
}

function doesNotAnswer(cause: unknown): GatepostError {
  return new GatepostError(
    "unavailable",
    "the company's sign-in does not answer; try again, or sign in with a password",
    {
      ...{ cause, retryAfter: 10, code: "company-unreachable" },
    },
  );
}

function notTrusted(cause: unknown): GatepostError {
  return new GatepostError("forbidden", "the company's answer does not belong to this sign-in; sign in again", {
    ...{ cause, code: "company-refused" },
  });
}
