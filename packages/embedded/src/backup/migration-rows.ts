import { scopes } from "@gatepost/ingest";
import {
  actionStates,
  boxStatusKinds,
  decisions,
  isObject,
  type JsonObject,
  reportSchema,
  storedJson,
} from "@gatepost/protocol";
import { boxRecordSchema, type ImportedKey } from "@gatepost/query";
import * as z from "zod";

/* What is read of a data folder that a store elsewhere takes over, row by row. */

export const eventRow = z.object({
  id: z.string(),
  box: z.string(),
  is_twin: z.literal([0, 1]),
  expires_at: z.int(),
  revision: z.int(),
});
export const reportRow = z.object({ fingerprint: z.string(), report: storedJson(reportSchema) });
export const actionRow = z.object({
  id: z.string(),
  want_action: z.enum(["1001", "1002"]),
  state: z.enum(actionStates),
  reason: z.string().nullable(),
  at: z.int(),
});
export const changeRow = z.object({
  state: z.enum(actionStates),
  at: z.int(),
  reason: z.string().nullable(),
  key_id: z.string().nullable(),
  decision: z.enum(decisions).nullable(),
});
export const keyRow = z.object({
  ...{ id: z.string(), token_hash: z.string(), scope: z.enum(scopes), box: z.string().nullable() },
  ...{ created_at: z.int(), last_used_at: z.int().nullable(), revoked_at: z.int().nullable() },
  ...{ rate: z.number().nullable(), burst: z.int().nullable(), daily_bytes: z.int().nullable() },
  ...{ note: z.string().nullable(), expires_at: z.int().nullable(), site: z.string().nullable() },
  boxes: z.nullable(storedJson(z.array(z.string()))),
});
export const erasedRow = z.object({ name: z.string(), box: z.string().nullable(), at: z.int() });
export const secretRow = z.object({ value: z.instanceof(Uint8Array) });
export const statusRow = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  received_at: z.int(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});
export const boxRow = z.object({ record: storedJson(boxRecordSchema) });
export const recordRow = z.object({
  ...{ id: z.string(), box: z.string(), path: z.string(), reason: z.string(), received_at: z.int() },
  ...{ event_id: z.string().nullable(), event_fingerprint: z.string().nullable(), body: z.instanceof(Uint8Array) },
  bytes: z.int(),
  headers: storedJson(z.record(z.string(), z.string())),
});
export const numberRow = z.object({ n: z.int() });
export const idRow = z.object({ id: z.string() });

export function keyOf(row: z.output<typeof keyRow>): ImportedKey {
  const { id, token_hash: tokenHash, scope, box, rate, burst, daily_bytes: dailyBytes, note, boxes, site } = row;
  return {
    ...{ id, tokenHash, scope, box },
    ...{ createdAt: row.created_at, lastUsedAt: row.last_used_at, revokedAt: row.revoked_at },
    ...(rate === null || burst === null ? {} : { rate: { perSecond: rate, burst } }),
    ...(dailyBytes === null ? {} : { dailyBytes }),
    ...(note === null ? {} : { note }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(boxes === null ? {} : { boxes }),
    ...(site === null ? {} : { site }),
  };
}
