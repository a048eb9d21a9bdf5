import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod/mini";

const ivBytes = 12;
const tagBytes = 16;

/** Encrypts a text by a key that follows from a secret. Each use of one secret has another `purpose`. */
function seal(text: string, secret: string | Buffer, purpose: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", keyOf(secret, purpose), iv);
  const content = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), content]).toString("base64url");
}

/** The text that was sealed; null if it was not sealed by this secret for this purpose. */
function open(sealed: string, secret: string | Buffer, purpose: string): string | null {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < ivBytes + tagBytes) return null;
  try {
    const iv = bytes.subarray(0, ivBytes);
    const decipher = createDecipheriv("aes-256-gcm", keyOf(secret, purpose), iv, { authTagLength: tagBytes });
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString();
  } catch {
    return null;
  }
}

function keyOf(secret: string | Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));
}

const ofRefresh = "gatepost refresh token of a session";
const ofFlow = "gatepost sign-in under way";

/** Encrypts a refresh token by the token of its session, which only the browser of the person has. */
export function sealRefresh(refreshToken: string, sessionToken: string): string {
  return seal(refreshToken, sessionToken, ofRefresh);
}

export function openRefresh(sealed: string, sessionToken: string): string | null {
  return open(sealed, sessionToken, ofRefresh);
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
  expiresAt: z.number(),
});

/** A sign-in that is under way at the provider. It is in a cookie of the browser that began it. */
export type Flow = z.output<typeof flow>;

export function sealFlow(under: Flow, secret: Buffer): string {
  return seal(JSON.stringify(under), secret, ofFlow);
}

/** Null if it was not sealed here, or has ended by `now` (ms). */
export function openFlow(sealed: string, secret: Buffer, now: number): Flow | null {
  const text = open(sealed, secret, ofFlow);
  const read = z.safeParse(flow, text === null ? null : jsonIn(text));
  return read.success && read.data.expiresAt > now ? read.data : null;
}
