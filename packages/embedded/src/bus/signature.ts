import { createHmac } from "node:crypto";

const prefix = "whsec_";

/**
 * The signing key of a rule's secret: the base64 after `whsec_`, else the bytes of the text. Null if the base64 is
 * invalid.
 */
export function secretKey(secret: string): Buffer | null {
  if (!secret.startsWith(prefix)) return Buffer.from(secret);
  const encoded = secret.slice(prefix.length);
  const key = Buffer.from(encoded, "base64");
  const isBase64 = key.length > 0 && key.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  return isBase64 ? key : null;
}

/**
 * The headers of Standard Webhooks. `at` is in ms. There is one signature for each key, in their order; a receiver
 * accepts any of them, so that its secret can be changed without a gap.
 */
export function webhookHeaders(
  { id, at, body }: { id: string; at: number; body: string },
  keys: readonly Buffer[],
): Record<string, string> {
  const timestamp = `${Math.floor(at / 1000)}`;
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (keys.length === 0) return headers;
  const content = `${id}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`);
  return { ...headers, "webhook-signature": signatures.join(" ") };
}
