import { jsonIn } from "@gatepost/protocol";
import * as z from "zod/mini";
import { seal, unseal } from "../sealing/seal.ts";

const ofRefresh = "gatepost refresh token of a session";
const ofFlow = "gatepost sign-in under way";

/** Encrypts a refresh token by the token of its session, which only the browser of the person has. */
export function sealRefresh(refreshToken: string, sessionToken: string): string {
  return seal(refreshToken, sessionToken, ofRefresh);
}

export function openRefresh(sealed: string, sessionToken: string): string | null {
  return unseal(sealed, sessionToken, ofRefresh);
}

/** ms that a person may take at the provider. */
export const flowMs = 10 * 60_000;

const flow = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  /** The address within the console at which the sign-in ends. */
  next: z.string(),
  invitation: z.nullable(z.string()),
  /** The session whose person proves once more who they are, and since when, ms; null for a sign-in. */
  again: z.nullable(z.object({ session: z.string(), since: z.number() })),
  expiresAt: z.number(),
});

/** A sign-in that is under way at the provider. It is in a cookie of the browser that began it. */
export type Flow = z.output<typeof flow>;

export function sealFlow(under: Flow, secret: Buffer): string {
  return seal(JSON.stringify(under), secret, ofFlow);
}

/** Null if it was not sealed here, or has ended by `now` (ms). */
export function openFlow(sealed: string, secret: Buffer, now: number): Flow | null {
  const text = unseal(sealed, secret, ofFlow);
  const read = z.safeParse(flow, text === null ? null : jsonIn(text));
  return read.success && read.data.expiresAt > now ? read.data : null;
}
