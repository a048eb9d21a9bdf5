import { GatepostError } from "@gatepost/core/errors";
import { findKey, type Key, looksLikeToken, possibleTokens } from "@gatepost/core/keys";
import type { LimitedKey } from "@gatepost/core/quarantine";
import type { RequestHead } from "../deliver/request.ts";
import type { Ports, Terminals } from "../ports.ts";
import type { KeyMeter } from "./key-meter.ts";

export interface Admission {
  box: string;
  /** The path after the key. */
  path: readonly string[];
  /** Present if the key has limits. */
  meter?: KeyMeter;
  /** Present if its rate is limited. */
  key?: LimitedKey;
}

/**
 * Finds the box that a request is from. The first candidate that is a live key decides, so that a box may use its own
 * query parameter `token`. A terminal of another maker may show its key in another way. Throws 401 without a live key, 429 after too many tries from one address and for a key that has used
 * up its limits, 403 for a key of another scope.
 */
export async function authenticate(
  request: RequestHead,
  deps: Pick<Ports, "keys" | "authRateLimiter" | "keyMeters" | "settings"> & { terminals?: Pick<Terminals, "keyOf"> },
): Promise<Admission> {
  for (const token of possibleTokens(request)) {
    const key = await findKey(token, deps.keys);
    if (key !== null) return admit(key, pathAfterKey(request, token), deps);
  }
  const ofTerminal = (await deps.terminals?.keyOf(request)) ?? null;
  if (ofTerminal !== null) return admit(ofTerminal, request.segments, deps);
  if (deps.settings.openBox !== null && !request.candidates.some(looksLikeToken)) {
    return { box: deps.settings.openBox, path: request.segments };
  }
  deps.authRateLimiter.fail(request.address);
  throw new GatepostError("unauthorized", "no live key in this URL; post to /KEY/HistoryEvent with the key of the box");
}

/** Lets a key deliver that was found already. Throws 429 and 403 as `authenticate` does. */
export async function admit(
  key: Key,
  path: readonly string[],
  deps: Pick<Ports, "keys" | "keyMeters">,
): Promise<Admission> {
  const box = boxOf(key);
  await deps.keys.noteUse(key);
  const meter = await deps.keyMeters?.of(key);
  meter?.admit();
  return { box, path, ...(meter ? { meter } : {}), ...limitedKey(key) };
}

function limitedKey({ id, rate, dailyBytes }: Key): Pick<Admission, "key"> {
  if (rate === undefined) return {};
  return { key: { id, rate, ...(dailyBytes === undefined ? {} : { dailyBytes }) } };
}

function boxOf(key: Key): string {
  if (key.scope === "ingest" && key.box !== null) return key.box;
  throw new GatepostError("forbidden", `this is a key to ${key.scope}, not to deliver; make one with --scope ingest`);
}

function pathAfterKey({ segments }: RequestHead, token: string): readonly string[] {
  const [first = "", ...rest] = segments;
  return first === token || looksLikeToken(first) ? rest : segments;
}
