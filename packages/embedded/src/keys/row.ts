import type { SQLInputValue } from "node:sqlite";
import { type Key, scopes } from "@gatepost/ingest";
import { instantOrNull, parseStored, storedJson } from "@gatepost/protocol";
import type { KeyListing, NewKey } from "@gatepost/query";
import * as z from "zod";

export const keyRow = z.object({
  id: z.string(),
  scope: z.enum(scopes),
  box: z.string().nullable(),
  rate: z.number().nullable(),
  burst: z.int().nullable(),
  daily_bytes: z.int().nullable(),
  expires_at: z.int().nullable(),
  boxes: z.nullable(storedJson(z.array(z.string()))),
  site: z.string().nullable(),
});
export const usageRow = z.object({ used_day: z.int(), used_bytes: z.int() });
const listedRow = keyRow.extend({
  note: z.string().nullable(),
  created_at: z.int(),
  last_used_at: z.int().nullable(),
  revoked_at: z.int().nullable(),
});
export const stateRow = listedRow.pick({ revoked_at: true, expires_at: true });

/** The values of a new row, in the order of the columns of its INSERT. */
export function insertValues(key: NewKey & { id: string; createdAt: number }): SQLInputValue[] {
  const { id, tokenHash, scope, box, createdAt, rate, dailyBytes, note, expiresAt, boxes, site } = key;
  return [
    ...[id, tokenHash, scope, box, createdAt, rate?.perSecond ?? null, rate?.burst ?? null, dailyBytes ?? null],
    ...[note ?? null, expiresAt ?? null, boxes === undefined ? null : JSON.stringify(boxes), site ?? null],
  ];
}

export function keyOf(row: z.output<typeof keyRow>): Key {
  const { id, scope, box, rate, burst, daily_bytes: dailyBytes, expires_at: expiresAt, boxes, site } = row;
  return {
    ...{ id, scope, box },
    ...(rate === null || burst === null ? {} : { rate: { perSecond: rate, burst } }),
    ...(dailyBytes === null ? {} : { dailyBytes }),
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(boxes === null ? {} : { boxes }),
    ...(site === null ? {} : { site }),
  };
}

export function listingOf(row: Record<string, unknown>): KeyListing {
  const { created_at, last_used_at, revoked_at, note, ...key } = parseStored(listedRow, row, `key ${row["id"]}`);
  const { expiresAt, ...facts } = keyOf(key);
  return {
    ...facts,
    ...(note === null ? {} : { note }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    createdAt: new Date(created_at).toISOString(),
    lastUsedAt: instantOrNull(last_used_at),
    revokedAt: instantOrNull(revoked_at),
  };
}
