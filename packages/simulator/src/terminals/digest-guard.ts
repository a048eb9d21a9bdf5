import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

interface Options {
  realm: string;
  user: string;
  password: string;
}

/** The digest authentication of a simulated terminal. */
export class DigestGuard {
  readonly #options: Options;
  readonly #nonce = randomBytes(16).toString("hex");
  /** The number of logins that were refused. */
  refused = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Whether a request may pass. Another one is answered with a challenge. */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#isLoggedIn(request)) return true;
    if (request.headers.authorization !== undefined) this.refused += 1;
    const { realm } = this.#options;
    const challenge = `Digest qop="auth", realm="${realm}", nonce="${this.#nonce}", stale="FALSE"`;
    response.writeHead(401, { "www-authenticate": challenge }).end();
    return false;
  }

  #isLoggedIn({ method = "", headers: { authorization = "" } }: IncomingMessage): boolean {
    const { realm, user, password } = this.#options;
    const sent = new Map([...authorization.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name, value]) => [name, value]));
    const digest = (...parts: string[]) => createHash("md5").update(parts.join(":")).digest("hex");
    const [secret, asked] = [digest(user, realm, password), digest(method, sent.get("uri") ?? "")];
    const challenge = [this.#nonce, sent.get("nc") ?? "", sent.get("cnonce") ?? "", "auth"];
    return sent.get("username") === user && sent.get("response") === digest(secret, ...challenge, asked);
  }
}
