import { boxRecordSchema } from "@gatepost/core/boxes";
import {
  actionStates,
  boxStatusKinds,
  decisions,
  isObject,
  type JsonObject,
  reportSchema,
  storedJson,
} from "@gatepost/protocol";
import * as z from "zod";

/* The rows that are read of a data folder when a store elsewhere takes it over. */

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
  is_told: z.int(),
});
export const changeRow = z.object({
  state: z.enum(actionStates),
  at: z.int(),
  reason: z.string().nullable(),
  key_id: z.string().nullable(),
  decision: z.enum(decisions).nullable(),
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
  id: z.string(),
  box: z.string(),
  path: z.string(),
  reason: z.string(),
  received_at: z.int(),
  event_id: z.string().nullable(),
  event_fingerprint: z.string().nullable(),
  body: z.instanceof(Uint8Array),
  bytes: z.int(),
  headers: storedJson(z.record(z.string(), z.string())),
});
export const numberRow = z.object({ n: z.int() });
export const idRow = z.object({ id: z.string() });
