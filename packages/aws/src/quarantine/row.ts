import type { QuarantineRecord } from "@gatepost/ingest";
import * as z from "zod/mini";
import { ttlOver } from "../dynamo/expiry.ts";
import { indexKey, lists, shardFor } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import type { ItemUpdate } from "../dynamo/item-update.ts";
import { sha256Of } from "../s3/objects.ts";

const json = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text): unknown => JSON.parse(text)),
    ),
    schema,
  );

/** The event that a record is of. Rows call its fingerprint "signature". */
const storedEvent = z.pipe(
  z.object({ id: z.string(), signature: z.string() }),
  z.transform(({ id, signature }) => ({ id, fingerprint: signature })),
);

function eventText(event: QuarantineRecord["event"]): string {
  return JSON.stringify(event && { id: event.id, signature: event.fingerprint });
}

const quarantineRow = z.pipe(
  z.object({
    pk: z.string(),
    box: z.string(),
    path: z.string(),
    reason: z.string(),
    receivedAt: z.number(),
    headers: json(z.record(z.string(), z.string())),
    event: json(z.nullable(storedEvent)),
    bytes: z.number(),
    ttl: z.number(),
  }),
  z.transform(({ pk, ttl: _, ...facts }) => ({ id: pk, ...facts })),
);

export type QuarantineListing = Omit<QuarantineRecord, "body"> & { bytes: number };

/** A record without its body, or null where the row is none. */
export function listingOf(row: Item): QuarantineListing | null {
  return quarantineRow.safeParse(row).data ?? null;
}

interface Times {
  /** When the record expires, in seconds since 1970. */
  ttl: number;
  /** ms since 1970. */
  now: number;
}

/** A record that is kept already only takes the new reason and event. Refused where that has expired. */
export function putRecord(record: QuarantineRecord, { ttl, now }: Times) {
  const { id, box, path, reason, receivedAt, headers, body, event } = record;
  return {
    pk: id,
    // An erasure of the event finds it so.
    set: { reason, event: eventText(event), ...(event && { byPerson: lists.quarantineOfEvent(event.id) }) },
    remove: event === null ? ["byPerson"] : [],
    setIfAbsent: {
      box,
      path,
      receivedAt,
      ttl,
      headers: JSON.stringify(headers),
      bytes: body.length,
      byTime: shardFor(lists.quarantine, id),
      byBox: shardFor(lists.quarantineOf(box), id),
      at: indexKey(receivedAt, id),
    },
    condition: "attribute_not_exists(#ttl) OR #ttl > :now",
    values: { now: ttlOver(now) },
  } satisfies ItemUpdate;
}

/** Writes a record in the place of one that has expired and is still there. */
export function putRecordAnew(record: QuarantineRecord, times: Times): ItemUpdate {
  const { setIfAbsent, set, ...change } = putRecord(record, times);
  return { ...change, set: { ...setIfAbsent, ...set }, condition: "#ttl <= :now" };
}

/**
 * Where the body of a record is. The receive time is in it because a record that went out of a full quarantine may come
 * again while its body is being removed: the new one has another key.
 */
export function bodyKey({ id, box, receivedAt }: Pick<QuarantineRecord, "id" | "box" | "receivedAt">): string {
  return `quarantine/${sha256Of(box).slice(0, 16)}/${id}.${receivedAt}`;
}

const droppedRow = z.object({ box: z.string(), dropped: z._default(z.number(), 0) });

/** How many of a box's records went out of a full quarantine, as the row of its count has it. */
export function droppedOf(row: Item): { box: string; dropped: number } {
  return droppedRow.parse(row);
}
