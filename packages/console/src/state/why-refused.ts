import type { Me } from "@gatepost/client";

/**
 * Why a key opens nothing, or nothing any more.
 *
 * @param code what the server says of it
 * @param known what it said of the key while that still worked; null where it never did
 */
export function whyRefused(
  code: string | null,
  known: Pick<Me, "key"> | null,
  now: number,
): "revoked" | "expired" | "unknown" {
  if (code === "revoked" || code === "expired") return code;
  if (known === null) return "unknown";
  const { expiresAt } = known.key;
  return expiresAt !== undefined && Date.parse(expiresAt) <= now ? "expired" : "revoked";
}
