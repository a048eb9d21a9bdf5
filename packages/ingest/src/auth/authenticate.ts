import type { RequestHead } from "../deliver/request.ts";
import { GatepostError } from "../errors.ts";
import type { Key, KeyStore } from "../ports/key-store.ts";
import type { Ports } from "../ports/ports.ts";
import { hashToken, looksLikeToken } from "./token.ts";

/** A longer text is not a token, and is not hashed. */
const maxTokenLength = 128;

export interface Admission {
  box: string;
  /** The token that was accepted, or null for an open server. */
  token: string | null;
  /** The path after the key. */
  path: readonly string[];
}

/**
 * Finds the box that a request is from. The first candidate that is a live key decides, so that a box may carry a query
 * parameter `token` of its own. Throws 401 without a live key, 429 after too many tries from one address, 403 for a key
 * of another scope.
 */
export async function authenticate(
  request: RequestHead,
  deps: Pick<Ports, "keys" | "authRateLimiter" | "settings">,
): Promise<Admission> {
  for (const token of request.candidates) {
    const key = await findKey(token, deps.keys);
    if (key === null) continue;
    const box = boxOf(key);
    await deps.keys.noteUse(key);
    return { box, token, path: pathAfterKey(request, token) };
  }
  if (deps.settings.openBox !== null && !request.candidates.some(looksLikeToken)) {
    return { box: deps.settings.openBox, token: null, path: request.segments };
  }
  deps.authRateLimiter.fail(request.address);
  throw new GatepostError("unauthorized", "no live key in this URL; post to /KEY/HistoryEvent with the key of the box");
}

/** The live key behind a token, or null. */
export function findKey(token: string, keys: Pick<KeyStore, "find">): Promise<Key | null> {
  return token.length > maxTokenLength ? Promise.resolve(null) : keys.find(hashToken(token));
}

function boxOf(key: Key): string {
  if (key.scope === "ingest" && key.box !== null) return key.box;
  throw new GatepostError("forbidden", `this is a key to ${key.scope}, not to deliver; make one with --scope ingest`);
}

function pathAfterKey({ segments }: RequestHead, token: string): readonly string[] {
  const [first = "", ...rest] = segments;
  return first === token || looksLikeToken(first) ? rest : segments;
}
