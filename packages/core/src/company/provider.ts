import * as oauth from "oauth4webapi";
import * as z from "zod/mini";
import { fetchTrusting } from "../authority/authority.ts";
import type { Log } from "../log/log.ts";
import { failureOf, jsonOf, namesOf, noAnswer, ProviderFailure, plain, unusable, visibleFailure } from "./failure.ts";
import { type CompanySettings, hasProved } from "./settings.ts";

/** ms within which the provider must answer a request. */
const usualTimeoutMs = 5000;

/** Most bytes of an answer of the provider. */
const maxAnswerBytes = 1024 * 1024;

/** ms for which the addresses of the provider are used before they are asked for again. */
const knownForMs = 10 * 60_000;

const maxText = 256;

/** The configuration by the operator. */
export interface ProviderOptions {
  /** As `https://login.example.com/realms/main`; http only on the machine itself. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The authority of its certificate as PEM, as it is set now; null: a public one. */
  authority?: () => Promise<string | null>;
  timeoutMs?: number;
  log: Log;
  /** ms since 1970. */
  clock(): number;
}

/** A person as the provider names one. */
export interface CompanyPerson {
  issuer: string;
  subject: string;
  name: string | null;
  email: string | null;
  /** Null if the provider does not tell them. */
  groups: string[] | null;
  /** Whether they are left out of the token because they are too many. */
  areGroupsElsewhere: boolean;
  /** The names of the claims by which the provider describes the person. */
  claims: string;
  /** Null if the provider gave none. */
  refreshToken: string | null;
  /** When the provider made the person prove who they are, ms since 1970; null if it does not tell. */
  authTime: number | null;
}

/**
 * The answer of a provider about a person who signed in some time ago. `groups` is null if it does not tell them. A
 * provider that fails after it gave the next refresh token refuses the one before: keep the next one.
 */
export type Refreshed =
  | { is: "valid"; groups: string[] | null; refreshToken: string }
  | { is: "ended" }
  | { is: "unreachable"; cause: unknown; refreshToken: string | null };

type Wanted = Pick<CompanySettings, "scope" | "groupsClaim" | "requires">;

/** A person at the endpoint of the user information. */
interface User {
  accessToken: string;
  subject: string;
}

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
  readonly #fetch: (
    url: string,
    asked: oauth.CustomFetchOptions<string, URLSearchParams | undefined>,
  ) => Promise<Response>;
  readonly #timeoutMs: number;
  readonly #log: Log;
  readonly #clock: () => number;
  #found: { at: number; server: Promise<oauth.AuthorizationServer> } | null = null;

  /** Throws if the issuer is not an address that can be trusted. */
  constructor({
    issuer,
    clientId,
    clientSecret,
    log,
    clock,
    authority = async () => null,
    timeoutMs = usualTimeoutMs,
  }: ProviderOptions) {
    this.#issuer = new URL(issuer);
    const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(this.#issuer.hostname);
    if (this.#issuer.protocol !== "https:" && !(this.#issuer.protocol === "http:" && isHere)) {
      throw new Error("the issuer must be an https address");
    }
    this.#client = { client_id: clientId };
    this.#secret = clientSecret;
    this.#log = log;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#fetch = async (url, { body = null, signal = null, ...asked }) => {
      const ca = url.startsWith("https:") ? await authority() : null;
      const request = { ...asked, body, signal, redirect: "manual" } as const;
      const answer = await (ca === null ? fetch(url, request) : fetchTrusting(ca, url, request))
        .then((begun) => limited(url, begun))
        .catch((cause: unknown) => {
          throw cause instanceof ProviderFailure ? cause : noAnswer(url, cause, ca);
        });
      const failure = await unusable(url, answer);
      if (failure !== null) throw failure;
      return answer;
    };
  }

  /**
   * The address at the provider to which the browser is sent. Throws 503 if the provider cannot be used.
   *
   * @param isAgain whether the provider must make the person prove who they are, also if it did so before
   */
  async begin(
    redirectUri: string,
    { scope }: Pick<Wanted, "scope">,
    { isAgain = false } = {},
  ): Promise<Begun & { address: string }> {
    const authorization = await this.#authorization().catch((error: unknown) => {
      throw visibleFailure(failureOf(error));
    });
    const verifier = oauth.generateRandomCodeVerifier();
    const begun = { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), verifier, redirectUri };
    const address = new URL(authorization);
    const asked = {
      client_id: this.#client.client_id,
      redirect_uri: redirectUri,
      response_type: "code",
      scope,
      state: begun.state,
      nonce: begun.nonce,
      code_challenge_method: "S256",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      ...(isAgain && { max_age: "0" }),
    };
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
    return { ...begun, address: address.href };
  }

  /**
   * The person whom the provider has signed in. Throws 403 if the answer was not made for this sign-in, or the provider
   * refuses the person, and 503 if the provider does not answer, or the sign-in is not set up right.
   *
   * @param returned the query of the browser after the provider
   */
  async finish(returned: URLSearchParams, begun: Begun, wanted: Wanted): Promise<CompanyPerson> {
    try {
      const server = await this.#server();
      if (returned.get("state") !== begun.state) {
        throw new ProviderFailure("refused", "the browser has the state of another sign-in");
      }
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
      if (claims === undefined) throw new ProviderFailure("setup", "the answer has no ID token");
      if (!hasProved(claims, wanted)) throw tooWeak(claims, wanted);
      const groups = groupsIn(claims, wanted);
      const user = { accessToken: tokens.access_token, subject: claims.sub };
      const isNamed = textIn(claims["name"]) !== null;
      const more = groups !== null && isNamed ? null : await this.#more(server, user, { isNeeded: groups === null });
      return {
        issuer: claims.iss,
        subject: claims.sub,
        name: textIn(claims["name"]) ?? nameIn({ ...claims, ...more }),
        email: textIn(claims["email"]) ?? textIn(more?.["email"]),
        groups: groups ?? groupsIn(more, wanted),
        areGroupsElsewhere: areElsewhere(claims, wanted),
        claims: namesOf({ ...claims, ...more }),
        refreshToken: tokens.refresh_token ?? null,
        authTime: claims.auth_time === undefined ? null : claims.auth_time * 1000,
      };
    } catch (error) {
      throw visibleFailure(failureOf(error));
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
      const claimedGroups = groupsIn(claims, wanted);
      const user = { accessToken: tokens.access_token, subject: person.subject };
      const more = claimedGroups === null ? await this.#userInfo(server, user) : null;
      // Without an ID token (OpenID Connect Core 12.2), an answer without groups says nothing about them.
      const isUntold = claims === undefined || areElsewhere(claims, wanted);
      const groups = claimedGroups ?? groupsIn(more, wanted) ?? (isUntold ? null : []);
      return { is: "valid", groups, refreshToken: next ?? refreshToken };
    } catch (error) {
      const failure = failureOf(error);
      return failure.is === "refused" ? { is: "ended" } : { is: "unreachable", cause: failure, refreshToken: next };
    }
  }

  /** The keys are asked for each time: they may have been rotated, and people sign in seldom. */
  #verifySignature(server: oauth.AuthorizationServer, answer: Response): Promise<void> {
    // The library remembers the keys by this object.
    return oauth.validateApplicationLevelSignature({ ...server }, answer, this.#options());
  }

  /** The user information. If it is not needed for the groups, a failure costs a person the name alone. */
  async #more(server: oauth.AuthorizationServer, user: User, { isNeeded }: { isNeeded: boolean }) {
    try {
      return await this.#userInfo(server, user);
    } catch (error) {
      if (isNeeded) throw error;
      this.#log.warn("could not read the user information of a person without a name", { cause: failureOf(error) });
      return null;
    }
  }

  /** The user information of the provider; null if it has none. */
  async #userInfo(
    server: oauth.AuthorizationServer,
    { accessToken, subject }: User,
  ): Promise<Record<string, unknown> | null> {
    if (server.userinfo_endpoint === undefined) return null;
    const answer = await oauth.userInfoRequest(server, this.#client, accessToken, this.#options());
    return oauth.processUserInfoResponse(server, this.#client, subject, answer);
  }

  async #authorization(): Promise<string> {
    const { authorization_endpoint: address } = await this.#server();
    if (address !== undefined && URL.canParse(address)) return address;
    throw new ProviderFailure("setup", "the metadata of the provider has no authorization_endpoint");
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
    const { issuer = "" } = z.safeParse(metadata, await jsonOf(answer.clone())).data ?? {};
    // People type the address: some providers end theirs in a slash. The issuer of the metadata counts.
    if (!URL.canParse(issuer) || withoutSlash(new URL(issuer).href) !== withoutSlash(this.#issuer.href)) {
      const names = issuer === "" ? "no issuer" : `the issuer ${plain(issuer)}`;
      throw new ProviderFailure("setup", `the metadata of ${this.#issuer.href} has ${names}`);
    }
    return oauth.processDiscoveryResponse(new URL(issuer), answer);
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

const metadata = z.object({ issuer: z.string() });

const withoutSlash = (address: string) => address.replace(/\/$/, "");

/** The same answer, whose body has been read whole. Throws if it is too long. */
async function limited(url: string, answer: Response): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > maxAnswerBytes) {
      throw new ProviderFailure("setup", `${new URL(url).origin} answers with more than ${maxAnswerBytes} bytes`);
    }
    pieces.push(piece);
  }
  const { status, headers } = answer;
  const hasBody = status !== 204 && status !== 304;
  return new Response(hasBody ? Buffer.concat(pieces) : null, { status, headers });
}

/** The groups of claims; null if there is no such claim. An answer has 1 MB at most, so all of them are read. */
function groupsIn(claims: Record<string, unknown> | null | undefined, { groupsClaim }: Wanted): string[] | null {
  const claim = claims?.[groupsClaim];
  if (claim === undefined) return null;
  return [...new Set([claim].flat().filter((group) => typeof group === "string"))];
}

const distributed = z.object({ _claim_names: z.record(z.string(), z.unknown()) });

/** Whether the groups are left out of a token because they are too many: Entra does so with over 200. */
function areElsewhere(claims: Record<string, unknown>, { groupsClaim }: Wanted): boolean {
  return Object.hasOwn(z.safeParse(distributed, claims).data?._claim_names ?? {}, groupsClaim);
}

function tooWeak({ amr, acr }: Record<string, unknown>, { requires }: Wanted): ProviderFailure {
  const given = [`amr ${JSON.stringify(amr) ?? "absent"}`, `acr ${JSON.stringify(acr) ?? "absent"}`];
  return new ProviderFailure(
    "weak",
    `${JSON.stringify(requires)} is required; the ID token has ${plain(given.join(", "))}`,
  );
}

function textIn(claim: unknown): string | null {
  if (typeof claim !== "string") return null;
  const text = claim.normalize().replaceAll(/\p{C}/gu, "").trim().slice(0, maxText);
  return text === "" ? null : text;
}

/** The name of a person: as it is, or the user name, or the given name and the family name. */
function nameIn(claims: Record<string, unknown>): string | null {
  const names = [textIn(claims["given_name"]), textIn(claims["family_name"])];
  const joined = names.filter((name) => name !== null).join(" ");
  return textIn(claims["name"]) ?? textIn(claims["preferred_username"]) ?? textIn(joined);
}
