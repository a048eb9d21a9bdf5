import { type Key, scopes } from "@gatepost/ingest";
import { storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";
import { sha256Of } from "../s3/objects.ts";

export const keyRow = z.lazy(() =>
  z.object({
    pk: z.string(),
    tokenHash: z.string(),
    scope: z.enum(scopes),
    box: z.optional(z.string()),
    createdAt: z.number(),
    lastUsedAt: z.optional(z.number()),
    revokedAt: z.optional(z.number()),
    note: z.optional(z.string()),
    expiresAt: z.optional(z.number()),
    boxes: z.optional(storedJson(z.array(z.string()))),
    site: z.optional(z.string()),
  }),
);

export type KeyRow = z.output<typeof keyRow>;

/** The key in a row. */
export function keyOf({ pk, scope, box, expiresAt, boxes, site }: KeyRow): Key {
  return {
    ...{ id: pk, scope, box: box ?? null },
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(site === undefined ? {} : { site }),
  };
}

/** Whether a key has expired. */
export function isOver({ expiresAt }: { expiresAt?: number | undefined }, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** The id of a key follows from the hash of its token, so either finds the row. The id does not reveal the token. */
export function keyIdOf(tokenHash: string): string {
  return `key_${sha256Of(tokenHash).slice(0, 18)}`;
}
