import type { QuarantineRecord } from "@gatepost/ingest";
import * as z from "zod/mini";
import type { Change } from "./change.ts";
import { sha256Of } from "./objects.ts";
import { lists, placeAt, shardFor } from "./places.ts";
import type { Row } from "./row.ts";

const json = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text): unknown => JSON.parse(text)),
    ),
    schema,
  );

const quarantineRow = z.pipe(
  z.object({
    pk: z.string(),
    box: z.string(),
    path: z.string(),
    reason: z.string(),
    receivedAt: z.number(),
    headers: json(z.record(z.string(), z.string())),
    event: json(z.nullable(z.object({ id: z.string(), signature: z.string() }))),
    bytes: z.number(),
  }),
  z.transform(({ pk, ...facts }) => ({ id: pk, ...facts })),
);

export type QuarantineListing = Omit<QuarantineRecord, "body"> & { bytes: number };

/** A record without its body, or null where the row is none. */
export function listingOf(row: Row): QuarantineListing | null {
  return quarantineRow.safeParse(row).data ?? null;
}

/** A record that is kept already only takes the new reason and event. */
export function keeping({ id, box, path, reason, receivedAt, headers, body, event }: QuarantineRecord): Change {
  return {
    pk: id,
    // An erasure of the event finds it so.
    set: { reason, event: JSON.stringify(event), ...(event && { byPerson: lists.quarantineOfEvent(event.id) }) },
    remove: event === null ? ["byPerson"] : [],
    setIfAbsent: {
      box,
      path,
      receivedAt,
      headers: JSON.stringify(headers),
      bytes: body.length,
      byTime: shardFor(lists.quarantine, id),
      byBox: shardFor(lists.quarantineOf(box), id),
      at: placeAt(receivedAt, id),
    },
  };
}

/**
 * Where the body of a record is. The receive time is in it because a record that went out of a full quarantine may come
 * again while its body is being removed: the new one has another key.
 */
export function bodyKey({ id, box, receivedAt }: Pick<QuarantineRecord, "id" | "box" | "receivedAt">): string {
  return `quarantine/${sha256Of(box).slice(0, 16)}/${id}.${receivedAt}`;
}

const countRow = z.object({
  box: z.string(),
  records: z.number(),
  bytes: z.number(),
  dropped: z._default(z.number(), 0),
});

export type QuarantineCount = z.output<typeof countRow>;

export function countOf(row: Row): QuarantineCount {
  return countRow.parse(row);
}

/** Changes what is counted of a box. Whoever ever dropped something stands in the list of counts. */
export function counting(box: string, by: { records: number; bytes: number; dropped?: number }): Change {
  const isDropping = by.dropped !== undefined;
  return {
    pk: `quarantine ${box}`,
    setIfAbsent: { box, ...(isDropping ? { byBox: lists.quarantineCounts, at: placeAt(0, sha256Of(box)) } : {}) },
    add: { ...by },
  };
}
