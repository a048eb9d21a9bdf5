import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A person at the provider. */
interface Person {
  sub: string;
  name?: string;
  preferred_username?: string;
  given_name?: string;
  family_name?: string;
  email?: string;
  groups?: string[];
  amr?: unknown;
  acr?: unknown;
  _claim_names?: Record<string, string>;
}

/** A failure of the provider. */
type Fault =
  | "hangs"
  | "is down"
  | "is busy"
  | "answers huge"
  | "redirects"
  | "answers no JSON"
  | "alg none"
  | "encrypted"
  | "signed with the client secret"
  | "signed with a foreign key"
  | "other audience"
  | "other issuer"
  | "other nonce"
  | "expired"
  | "no ID token"
  | "names another issuer"
  | "refuses the client"
  | "refuses the client by a challenge"
  | "has no user information"
  | "tells no auth_time"
  | "asks no one again";

interface Code {
  person: Person;
  nonce: string;
  challenge: string;
  redirectUri: string;
  /** When the person was asked for a password, s; null if it is not told. */
  authTime: number | null;
}

const client = { id: "gatepost", secret: "a secret of the provider" };

/** A provider of OpenID Connect on this machine. Its keys rotate, and it can be made to fail in each way. */
export class OidcProvider {
  readonly client = client;
  issuer = "";
  /** Whether it names itself with a slash at the end. */
  isSlashed = false;
  fault: Fault | null = null;
  /** Whether user information, and not the ID token, has the name and the groups. */
  hasUserInfo = false;
  person: Person = { sub: "1", name: "陈敏", email: "chen.min@example.com", groups: ["managers"] };
  /** Its clock, and when the person was asked last for a password, ms. */
  clock = Date.now;
  askedAt = 0;
  /** Requests by path. */
  readonly asked: string[] = [];
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens = new Map<string, string>();
  readonly #people = new Map<string, Person>();
  #keys = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  rotateKeys(): void {
    this.#keys++;
  }

  get #key(): SigningKey {
    return keyOf(this.#keys);
  }

  /** Ends the sign-in of a person: refresh tokens are refused. */
  forget(): void {
    this.#refreshTokens.clear();
  }

  /** Signs the person in at the provider, and returns the address to which the browser is sent back. */
  approve(address: string): URL {
    const { searchParams: asked } = new URL(address);
    const code = randomUUID();
    const [redirectUri, challenge] = [asked.get("redirect_uri") ?? "", asked.get("code_challenge") ?? ""];
    const isAgain = asked.get("max_age") === "0";
    if (isAgain && this.fault !== "asks no one again") this.askedAt = this.clock();
    const authTime = isAgain && this.fault !== "tells no auth_time" ? Math.floor(this.askedAt / 1000) : null;
    const nonce = asked.get("nonce") ?? "";
    this.#codes.set(code, { person: this.person, nonce, challenge, redirectUri, authTime });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state") ?? "");
    back.searchParams.set("session_state", "of the provider");
    return back;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.issuer);
    this.asked.push(pathname);
    if (this.#fails(response)) return;
    // A browser is sent back at once.
    if (pathname === "/authorize") {
      const back = this.approve(`${this.issuer}${request.url}`);
      return void response.writeHead(302, { location: back.href }).end();
    }
    const body = new URLSearchParams(await textOf(request));
    if (pathname === "/.well-known/openid-configuration")
      return void end(response, 200, JSON.stringify(this.#metadata()));
    if (pathname === "/keys") return void end(response, 200, JSON.stringify({ keys: [this.#key.jwk] }));
    if (pathname === "/userinfo") return this.#tellUserInfo(response);
    if (pathname !== "/token") return void end(response, 404, "");
    if (this.fault?.startsWith("refuses the client")) {
      if (this.fault.endsWith("challenge")) response.setHeader("www-authenticate", 'Basic realm="provider"');
      return void end(response, 401, JSON.stringify({ error: "invalid_client" }));
    }
    const tokens = body.get("grant_type") === "refresh_token" ? this.#refreshed(body) : this.#redeemed(body);
    end(response, tokens === null ? 400 : 200, JSON.stringify(tokens ?? { error: "invalid_grant" }));
  }

  /** Whether each request fails now. It is then answered, or hangs. */
  #fails(response: ServerResponse): boolean {
    switch (this.fault) {
      case "hangs":
        return true;
      case "is down":
        return end(response, 503, "out of order");
      case "is busy":
        return end(response, 429, JSON.stringify({ error: "slow_down" }));
      case "redirects":
        response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
        return true;
      case "answers no JSON":
        response.writeHead(200, { "content-type": "text/html" }).end("<p>");
        return true;
      case "answers huge":
        return end(response, 200, JSON.stringify({ issuer: "x".repeat(2_000_000) }));
      default:
        return false;
    }
  }

  #tellUserInfo(response: ServerResponse): void {
    const isTold = this.fault !== "has no user information";
    end(response, isTold ? 200 : 502, isTold ? JSON.stringify(this.person) : "out of order");
  }

  #metadata() {
    const { issuer } = this;
    return {
      issuer: this.fault === "names another issuer" ? "https://evil.example" : this.#named(),
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      userinfo_endpoint: `${issuer}/userinfo`,
      id_token_signing_alg_values_supported: ["RS256", "HS256"],
      response_types_supported: ["code"],
    };
  }

  #named(): string {
    return `${this.issuer}${this.isSlashed ? "/" : ""}`;
  }

  #redeemed(body: URLSearchParams): object | null {
    const id = body.get("code") ?? "";
    const code = this.#codes.get(id);
    this.#codes.delete(id);
    const challenge = createHash("sha256")
      .update(body.get("code_verifier") ?? "")
      .digest("base64url");
    if (code === undefined || code.challenge !== challenge || code.redirectUri !== body.get("redirect_uri"))
      return null;
    return this.#tokens(code.person, code.nonce, code.authTime);
  }

  /** A refresh token works once, and gives the next one. */
  #refreshed(body: URLSearchParams): object | null {
    const token = body.get("refresh_token") ?? "";
    const sub = this.#refreshTokens.get(token);
    this.#refreshTokens.delete(token);
    return sub === undefined ? null : this.#tokens({ ...this.#people.get(sub), ...this.person, sub }, null);
  }

  #tokens(person: Person, nonce: string | null, authTime: number | null = null): object {
    const refreshToken = randomUUID();
    this.#refreshTokens.set(refreshToken, person.sub);
    this.#people.set(person.sub, person);
    const idToken = this.fault === "no ID token" ? {} : { id_token: this.#idToken(person, nonce, authTime) };
    return {
      access_token: randomUUID(),
      token_type: "Bearer",
      expires_in: 60,
      refresh_token: refreshToken,
      ...idToken,
    };
  }

  #idToken({ name, groups, ...person }: Person, nonce: string | null, authTime: number | null): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...person,
      ...(name === undefined || this.hasUserInfo ? {} : { name }),
      ...(groups === undefined || this.hasUserInfo ? {} : { groups }),
      ...(authTime === null ? {} : { auth_time: authTime }),
      iss: this.fault === "other issuer" ? "https://evil.example" : this.#named(),
      aud: this.fault === "other audience" ? "another client" : client.id,
      iat: this.fault === "expired" ? now - 7200 : now,
      exp: this.fault === "expired" ? now - 3600 : now + 300,
      ...(nonce === null ? {} : { nonce: this.fault === "other nonce" ? "replayed" : nonce }),
    };
    const algs: Partial<Record<Fault, string>> = { "alg none": "none", "signed with the client secret": "HS256" };
    const alg = (this.fault && algs[this.fault]) ?? "RS256";
    const head = { alg, kid: this.#key.jwk.kid, typ: "JWT" };
    const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    if (this.fault === "encrypted") return `${signed}.cipher.tag.iv`.split(".").slice(0, 5).join(".");
    return `${signed}.${this.#signature(alg, signed)}`;
  }

  #signature(alg: string, signed: string): string {
    if (alg === "none") return "";
    if (alg === "HS256") return createHmac("sha256", client.secret).update(signed).digest("base64url");
    const key = this.fault === "signed with a foreign key" ? keyOf(this.#keys + 1).key : this.#key.key;
    return sign("sha256", Buffer.from(signed), key).toString("base64url");
  }
}

interface SigningKey {
  key: KeyObject;
  jwk: { kid: string } & Record<string, unknown>;
}

/** The keys of all providers of this process: to make one takes longer than most tests. */
const keys: SigningKey[] = [];

function keyOf(number: number): SigningKey {
  const key = keys[number] ?? newKey();
  keys[number] = key;
  return key;
}

function newKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    key: privateKey,
    jwk: { ...publicKey.export({ format: "jwk" }), kid: randomUUID(), alg: "RS256", use: "sig" },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

function end(response: ServerResponse, status: number, body: string): true {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
  return true;
}
