import { createHmac } from "node:crypto";

const prefix = "whsec_";

/**
 * The signing key of a rule's secret: the base64 after `whsec_`, else the bytes of the text. Null where the base64 is
 * invalid.
 */
export function secretKey(secret: string): Buffer | null {
  if (!secret.startsWith(prefix)) return Buffer.from(secret);
  const encoded = secret.slice(prefix.length);
  const key = Buffer.from(encoded, "base64");
  const isBase64 = key.length > 0 && key.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  return isBase64 ? key : null;
}

/** The headers of Standard Webhooks. `at` is in ms. Without a key there is no signature. */
export function webhookHeaders(
  { id, at, body }: { id: string; at: number; body: string },
  key: Buffer | null,
): Record<string, string> {
  const timestamp = `${Math.floor(at / 1000)}`;
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (key === null) return headers;
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${mac}` };
}
