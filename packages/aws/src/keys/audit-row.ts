import { type AuditRecord, auditKeptMs, auditRecord, hourOf } from "@gatepost/core/audit";
import { hourMs, parseStored, storedJson } from "@gatepost/protocol";
import { type Item, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod";
import * as lists from "../dynamo/lists.ts";

/** The row of the end of the chain. Its record is the last entry, which may have no row of its own yet. */
export const headRow = "audit";

const row = z.object({ record: storedJson(auditRecord) });

const countRow = z.object({ keyId: z.string(), hour: z.number(), pictures: z.number() });

export function entryRow(seq: number): string {
  return `audit ${seq}`;
}

/** The row of an entry. */
export function rowOf(record: AuditRecord): Item {
  const ttl = ttlAt(Date.parse(record.at) + auditKeptMs);
  return { pk: entryRow(record.seq), record: JSON.stringify(record), ttl };
}

export function recordOf(item: Item): AuditRecord {
  return parseStored(row, item, String(item["pk"])).record;
}

/** The row that counts the pictures that a key reads in an hour, with its place in the list of counts. */
export function countOf(keyId: string, pictures: number, now: number) {
  const hour = hourOf(now);
  const pk = `pictures-read ${keyId} ${hour}`;
  const listed = { byTime: lists.pictureReads, at: placeAt(hour * hourMs, `${keyId}`) };
  return { pk, set: { keyId, hour, ttl: ttlAt(now + auditKeptMs), ...listed }, add: { pictures } };
}

export function countIn(item: Item): z.output<typeof countRow> {
  return parseStored(countRow, item, String(item["pk"]));
}
