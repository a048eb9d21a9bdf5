import { scopes, type NewKey as WantedKey } from "@gatepost/core/keys";
import * as z from "zod";
import type { Api } from "./client.ts";

const key = z.object({ id: z.string(), scope: z.enum(scopes), box: z.string().nullable() });
const newKey = key.extend({ token: z.string() });
export type NewKey = z.output<typeof newKey>;

/** The wanted scope and limits of a new key. */
export type Wanted = Partial<Omit<WantedKey, "tokenHash" | "expiresAt">> &
  Pick<WantedKey, "scope"> & {
    /** ISO instant. */
    expiresAt?: string;
  };

const keyList = z.object({
  keys: z.array(
    key.extend({
      createdAt: z.string(),
      lastUsedAt: z.string().nullable(),
      revokedAt: z.string().nullable(),
      rate: z.object({ perSecond: z.number(), burst: z.int() }).exactOptional(),
      dailyBytes: z.int().exactOptional(),
      note: z.string().exactOptional(),
      expiresAt: z.string().exactOptional(),
      boxes: z.array(z.string()).exactOptional(),
      site: z.string().exactOptional(),
      people: z.literal(true).exactOptional(),
      serials: z.array(z.string()).exactOptional(),
    }),
  ),
});

/** Makes a key. Its token is in this answer and never again. */
export function createKey(api: Api, wanted: Wanted) {
  return api.ask("POST /v1/keys", { body: wanted, answer: newKey });
}

export function allKeys(api: Api) {
  return api.ask("GET /v1/keys", { answer: keyList });
}
