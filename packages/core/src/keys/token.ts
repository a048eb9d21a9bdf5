import { hash, randomBytes } from "node:crypto";
import { fewestRandom } from "../masking/key-run.ts";
import type { Key, KeyStore, Scope } from "./key.ts";

/** How many keys of one request are looked up: one from the query, one from Basic auth and one from the path. */
const maxLookups = 3;

/** The texts of a request that may be keys, at most three: a request with a thousand tokens costs no more look-ups. */
export function possibleTokens(
  { candidates }: { candidates: readonly string[] },
  hasForm: (text: string) => boolean = hasTokenForm,
): string[] {
  return [...new Set(candidates.filter(hasForm))].slice(0, maxLookups);
}

/** The live key for a token, or null. A text that does not have the form of a key is not looked up. */
export function findKey(token: string, keys: Pick<KeyStore, "find">): Promise<Key | null> {
  return hasTokenForm(token) ? keys.find(hashToken(token)) : Promise.resolve(null);
}

const prefixes: Record<Scope, string> = { ingest: "gpi_", read: "gpr_", settle: "gpo_", admin: "gpa_" };
/** 20 random bytes in base64url have so many characters. */
const newRandom = 27;
/** The beginning of a token. The rest is not checked: it may be 20 MB long. */
const tokenStart = new RegExp(`^gp[irao]_[\\w-]{${newRandom}}`);

/** Makes a bearer token of 160 random bits. Its prefix shows people its scope. */
export function newToken(scope: Scope): string {
  return prefixes[scope] + randomBytes(20).toString("base64url");
}

/** The hash of a token, which is stored. A token has so many random bits that a slow hash would add nothing. */
export function hashToken(token: string): string {
  return hash("sha256", token);
}

/**
 * Only texts of this form are looked up: the prefix of a key, then letters, digits, `_` and `-`, no more than a store
 * accepts. Fewer than in a new token are accepted: an operator may have put another key into the store.
 */
const knownForm = new RegExp(`^gp[irao]_[\\w-]{${fewestRandom},124}$`);

/** Whether a text has the form of a key. Other texts open nothing and are not looked up. */
export function hasTokenForm(text: string): boolean {
  return knownForm.test(text);
}

/** Whether a text begins as a key does: a user of a proxy does not. */
export function beginsAsToken(text: string): boolean {
  return /^gp[irao]_/.test(text);
}

export function looksLikeToken(text: string): boolean {
  return tokenStart.test(text);
}
