import type { Key, KeyStore } from "@gatepost/core/keys";
import { hashToken, hasTokenForm } from "./token.ts";

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
