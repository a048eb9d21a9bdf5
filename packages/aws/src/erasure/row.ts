import { parseStored, pictureKinds, storedJson } from "@gatepost/protocol";
import * as z from "zod";
import { indexKey, lists } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import type { ItemUpdate } from "../dynamo/item-update.ts";
import { ownRef } from "../pictures/own.ts";

const eventWork = z.object({
  event: z.string(),
  pictures: z.array(z.object({ month: z.string(), kind: z.enum(pictureKinds), sha256: z.string() })),
  /** The keys of the bodies that quarantine had of the event. */
  bodies: z.array(z.string()).default([]),
  /** ms: what came to quarantine later is of a report that came after the erasure. Absent in rows of older versions. */
  before: z.number().exactOptional(),
  /** The objects of the event; absent in what an earlier version left. */
  own: z.array(ownRef).default([]),
  /** ms: the event itself was erased then, and goes again where a process that did not know of it has stored it since. */
  erasedAt: z.number().exactOptional(),
});

/**
 * All events of a person that were made before a sequence, and those of passings up to `erasedAt` (ms), which a process
 * that did not know of the erasure has stored since. Rows of older versions have no such time.
 */
const personWork = z.object({
  person: z.string(),
  box: z.string().nullable(),
  before: z.string(),
  erasedAt: z.number().exactOptional(),
});

export type PersonErased = z.output<typeof personWork>;
export type EventErased = z.output<typeof eventWork>;

const erasureRow = z.object({ work: storedJson(z.union([eventWork, personWork])) });

/** Stores what is left to do of an erasure, once every process has read the new epoch. */
export function enqueueErasure(name: string, due: number, work: EventErased | PersonErased): ItemUpdate {
  return {
    pk: `erasure ${name}`,
    set: { work: JSON.stringify(work), byTime: lists.erasures, at: indexKey(due, name) },
  };
}

export function workOf(row: Item): EventErased | PersonErased {
  return parseStored(erasureRow, row, `${row["pk"]}`).work;
}
