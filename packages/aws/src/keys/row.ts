import { scopes } from "@gatepost/ingest";
import * as z from "zod/mini";
import { sha256Of } from "../s3/objects.ts";

export const keyRow = z.object({
  pk: z.string(),
  tokenHash: z.string(),
  scope: z.enum(scopes),
  box: z.optional(z.string()),
  createdAt: z.number(),
  lastUsedAt: z.optional(z.number()),
  revokedAt: z.optional(z.number()),
});

export type KeyRow = z.output<typeof keyRow>;

/**
 * The id of a key is derived from the hash of its token, so that either leads to the row. It does not lead back to the
 * token.
 */
export function keyIdOf(tokenHash: string): string {
  return `key_${sha256Of(tokenHash).slice(0, 18)}`;
}
