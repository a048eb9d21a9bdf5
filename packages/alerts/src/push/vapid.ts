import { createPrivateKey, sign } from "node:crypto";
import type { VapidKeys } from "@gatepost/core/push";
import { hourMs } from "@gatepost/protocol";

/** ms for which a token is valid; push services refuse one that is valid for over a day. */
const validMs = 12 * hourMs;

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

interface Claims {
  endpoint: string;
  /** Who sends, as a URL of https or mailto; null if no contact is known. */
  contact: string | null;
  /** ms since 1970. */
  now: number;
}

/** The header `authorization` by which a push service knows who sends (VAPID, RFC 8292). */
export function vapidHeader({ publicKey, privateKey }: VapidKeys, { endpoint, contact, now }: Claims): string {
  const exp = Math.floor((now + validMs) / 1000);
  const claims = { aud: new URL(endpoint).origin, exp, sub: contact ?? undefined };
  const text = `${encoded({ typ: "JWT", alg: "ES256" })}.${encoded(claims)}`;
  const point = Buffer.from(publicKey, "base64url");
  const [x, y] = [point.toString("base64url", 1, 33), point.toString("base64url", 33)];
  const key = createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y, d: privateKey } });
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `vapid t=${text}.${signature.toString("base64url")}, k=${publicKey}`;
}
