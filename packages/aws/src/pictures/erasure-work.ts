import { parseStored, pictureKinds, storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";
import { indexKey, lists } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import type { ItemUpdate } from "../dynamo/item-update.ts";
import { ownRef } from "./own.ts";

const eventWork = z.lazy(() =>
  z.object({
    event: z.string(),
    pictures: z.array(z.object({ month: z.string(), kind: z.enum(pictureKinds), sha256: z.string() })),
    /** The keys of the bodies that quarantine had of the event. */
    bodies: z._default(z.array(z.string()), []),
    /** ms: what came to quarantine later is of a report that came after the erasure. Absent in rows of older versions. */
    before: z.exactOptional(z.number()),
    /** The objects of the event; absent in what an earlier version left. */
    own: z._default(z.array(ownRef), []),
    /** ms: the event itself was erased then, and goes again where a process that did not know of it has stored it since. */
    erasedAt: z.exactOptional(z.number()),
  }),
);

/**
 * All events of a person that were made before a sequence, and those of passings up to `erasedAt` (ms), which a process
 * that did not know of the erasure has stored since. Rows of older versions have no such time.
 */
const personWork = z.lazy(() =>
  z.object({
    person: z.string(),
    box: z.nullable(z.string()),
    before: z.string(),
    erasedAt: z.exactOptional(z.number()),
  }),
);

export type PersonErased = z.output<typeof personWork>;
export type EventErased = z.output<typeof eventWork>;

const erasureRow = z.lazy(() => z.object({ work: storedJson(z.union([eventWork, personWork])) }));

/** Stores what is left to do of an erasure, once every process has read the new epoch. */
export function enqueueErasure(name: string, due: number, work: EventErased | PersonErased): ItemUpdate {
  return {
    pk: `erasure ${name}`,
    set: { work: JSON.stringify(work), byTime: lists.erasures, at: indexKey(due, name) },
  };
}

export function workOf(row: Item): EventErased | PersonErased {
  const { work } = parseStored(erasureRow, row, `${row["pk"]}`);
  // What receives reports may write such rows of events, and is not to erase people by them.
  if ("person" in work && !`${row["pk"]}`.startsWith("erasure person "))
    throw new Error(`${row["pk"]} is to erase a person`);
  return work;
}
