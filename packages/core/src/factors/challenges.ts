import { hash, randomBytes } from "node:crypto";
import { jsonIn, minuteMs } from "@gatepost/protocol";
import { absent, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { seal, unseal } from "../sealing/seal.ts";

/** ms that a browser has to sign a challenge with a passkey. */
export const challengeMs = 5 * minuteMs;

const bytes = 32;

/** `challenge HASH`: a challenge that was signed, for as long as it counts. One that nobody signed leaves no record. */
const used = new RecordKind("challenge ", z.object({ expiresAt: z.number() }));

/** A text that a passkey has to sign. The browser that asked for it keeps it sealed in a cookie. */
const challenge = z.object({ text: z.string(), expiresAt: z.number() });

export type Challenge = z.output<typeof challenge>;

export function newChallenge(now: number): Challenge {
  return { text: randomBytes(bytes).toString("base64url"), expiresAt: now + challengeMs };
}

/** @param boundTo the hash of the token in whose sign-in or session alone it counts; empty for a sign-in without one */
export function sealChallenge(given: Challenge, secret: Buffer, boundTo: string): string {
  return seal(JSON.stringify(given), secret, purposeOf(boundTo));
}

/** Null if it was not sealed here for the same token, or has ended by `now` (ms), or the clock was set back since. */
export function openChallenge(sealed: string, secret: Buffer, asked: { boundTo: string; now: number }) {
  const text = unseal(sealed, secret, purposeOf(asked.boundTo));
  const read = z.safeParse(challenge, text === null ? null : jsonIn(text));
  const leftMs = read.success ? read.data.expiresAt - asked.now : 0;
  return read.success && leftMs > 0 && leftMs <= challengeMs ? read.data : null;
}

/**
 * Uses a challenge. If several callers do, exactly one gets true.
 *
 * @param believed the time by which records end, ms: the clock of the challenge may be behind it, after it was set back
 */
export async function useChallenge(
  { text, expiresAt }: Challenge,
  { items, believed }: { items: Rows; believed: number },
): Promise<boolean> {
  const ttl = ttlAt(believed + challengeMs);
  return (await items.write(used.record(hash("sha256", text), { expiresAt, ttl }, absent()))).applied;
}

function purposeOf(boundTo: string): string {
  return `gatepost challenge of a passkey ${boundTo}`;
}
