import { scopes } from "@gatepost/ingest";
import * as z from "zod";
import { sha256Of } from "./objects.ts";

export const keyRow = z.object({
  pk: z.string(),
  tokenHash: z.string(),
  scope: z.enum(scopes),
  box: z.string().optional(),
  createdAt: z.number(),
  lastUsedAt: z.number().optional(),
  revokedAt: z.number().optional(),
});

export type KeyRow = z.output<typeof keyRow>;

/** The id of a key follows from the hash of its token, so that both find its row; it does not lead back to it. */
export function keyIdOf(tokenHash: string): string {
  return `key_${sha256Of(tokenHash).slice(0, 18)}`;
}
