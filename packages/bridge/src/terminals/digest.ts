import { createHash, randomBytes } from "node:crypto";

/** A challenge of HTTP digest authentication, as RFC 7616 has it. */
interface Challenge {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  /** As it was sent, for example `MD5-sess`. */
  algorithm: string | undefined;
  hash: "md5" | "sha256";
  isSession: boolean;
  /** Whether it offers `qop=auth`. Old firmware offers none. */
  hasQop: boolean;
  isStale: boolean;
}

const hashes: Record<string, Challenge["hash"]> = { md5: "md5", "sha-256": "sha256" };

/** Most characters of a header that are read. */
const maxHeader = 4096;

const schemes = /(?:^|,)[ \t]{0,8}Digest[ \t]{1,8}/i;
const parameters = /\b([a-z]{1,20})[ \t]{0,8}=[ \t]{0,8}(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** The first challenge of a `WWW-Authenticate` header that can be answered; null if there is none. */
function challengeIn(header: string): Challenge | null {
  if (header.length > maxHeader) return null;
  for (const text of header.split(schemes).slice(1)) {
    const challenge = readChallenge(text);
    if (challenge !== null) return challenge;
  }
  return null;
}

function readChallenge(text: string): Challenge | null {
  const sent = new Map<string, string>();
  for (const [, name = "", quoted, bare = ""] of text.matchAll(parameters)) {
    const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
    // Another scheme may follow with a realm as well: the first one is of this challenge.
    if (!sent.has(name.toLowerCase())) sent.set(name.toLowerCase(), value);
  }
  const [realm, nonce, algorithm] = [sent.get("realm"), sent.get("nonce"), sent.get("algorithm")];
  const [, name = "", session] = /^(md5|sha-256)(-sess)?$/i.exec(algorithm ?? "md5") ?? [];
  const hash = hashes[name.toLowerCase()];
  const qop = sent.get("qop");
  const hasQop = qop?.split(",").some((one) => one.trim().toLowerCase() === "auth") ?? false;
  // Without `auth` among what it offers, it wants the body hashed: no terminal is known to.
  if (realm === undefined || nonce === undefined || hash === undefined || (qop !== undefined && !hasQop)) return null;
  const isStale = sent.get("stale")?.toLowerCase() === "true";
  return {
    realm,
    nonce,
    opaque: sent.get("opaque"),
    algorithm,
    hash,
    isSession: session !== undefined,
    hasQop,
    isStale,
  };
}

/** Logs in to a terminal. The password is never sent: only a hash that the terminal's challenge is a part of. */
export class DigestLogin {
  readonly #user: string;
  readonly #password: string;
  #challenge: Challenge | null = null;
  #count = 0;

  constructor({ user, password }: { user: string; password: string }) {
    this.#user = user;
    this.#password = password;
  }

  /** Takes the header of a 401. Returns whether it can be answered, and whether only the last nonce was too old. */
  challenged(header: string | null): "no challenge" | "stale" | "challenge" {
    this.#challenge = challengeIn(header ?? "");
    this.#count = 0;
    if (this.#challenge === null) return "no challenge";
    return this.#challenge.isStale ? "stale" : "challenge";
  }

  /** The value of `Authorization` for a request. Null before the first challenge. */
  authorization(method: string, uri: string): string | null {
    const challenge = this.#challenge;
    if (challenge === null) return null;
    this.#count += 1;
    const count = this.#count.toString(16).padStart(8, "0");
    const response = this.#responseTo(challenge, { method, uri, count, own: randomBytes(12).toString("hex") });
    return `Digest ${response}`;
  }

  #responseTo(
    { realm, nonce, opaque, algorithm, hash, isSession, hasQop }: Challenge,
    { method, uri, count, own }: { method: string; uri: string; count: string; own: string },
  ): string {
    const digest = (...parts: string[]) => createHash(hash).update(parts.join(":")).digest("hex");
    const user = digest(this.#user, realm, this.#password);
    const secret = isSession ? digest(user, nonce, own) : user;
    const asked = digest(method, uri);
    const response = hasQop ? digest(secret, nonce, count, own, "auth", asked) : digest(secret, nonce, asked);
    const texts = { username: this.#user, realm, nonce, uri, response, ...(opaque === undefined ? {} : { opaque }) };
    const quoted = Object.entries(texts).map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`);
    const bare = algorithm === undefined ? [] : [`algorithm=${algorithm}`];
    const counted = hasQop || isSession ? [`cnonce="${own}"`] : [];
    return [...quoted, ...bare, ...(hasQop ? ["qop=auth", `nc=${count}`] : []), ...counted].join(", ");
  }
}
