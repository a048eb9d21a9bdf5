import type { Upsert } from "@gatepost/core/events";
import { dayMs, parseStored, storedJson } from "@gatepost/protocol";
import { type Change, type Item, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import * as lists from "../dynamo/lists.ts";
import { sha256Of } from "../s3/objects.ts";
import { expiringRow, type PictureRef } from "./refs.ts";

const eventWork = z.lazy(() =>
  z.object({
    event: z.string(),
    /** The box of an erased event; absent if the event has not been erased. */
    box: z.exactOptional(z.string()),
    /** The ids of the actions that an erased event had. */
    actions: z.exactOptional(z.array(z.string())),
    /** The first month that may have objects of the event, as `2026-11`. */
    from: z.string(),
    /** The event of the first face, under which pictures of this event may have been stored before. */
    firstFace: z.exactOptional(z.string()),
    /** Pictures that other events may show, too. */
    pictures: z.array(
      z.object({ month: z.string(), sha256: z.string(), contentType: z.enum(["image/jpeg", "image/png"]) }),
    ),
    /** The keys of the bodies that quarantine had of the event. */
    bodies: z._default(z.array(z.string()), []),
    /** ms since 1970: later records in quarantine are of reports after the erasure. */
    before: z.exactOptional(z.number()),
    /**
     * ms since 1970 when the event itself was erased. It is erased again if a process that did not know of that has
     * stored it since.
     */
    erasedAt: z.exactOptional(z.number()),
  }),
);

/**
 * All events of a person that were made before a sequence. Also events of passings up to `erasedAt` (ms since 1970)
 * that were stored since by a process that did not know of the erasure.
 */
const personWork = z.lazy(() =>
  z.object({
    person: z.string(),
    box: z.nullable(z.string()),
    before: z.string(),
    erasedAt: z.exactOptional(z.number()),
    /** Whether the events were gone when it was stored, so that it is the last step if it finds none. */
    isLast: z.exactOptional(z.boolean()),
  }),
);

export type PersonErased = z.output<typeof personWork>;
export type EventErased = z.output<typeof eventWork>;

const erasureRow = z.lazy(() => z.object({ work: storedJson(z.union([eventWork, personWork])) }));

/** Stores the remaining work of an erasure. It is due once every process has read the new epoch. */
export function enqueueErasure(name: string, due: number, work: EventErased | PersonErased): Change {
  return {
    pk: `erasure ${name}`,
    set: { work: JSON.stringify(work), byTime: lists.erasures, at: placeAt(due, name) },
  };
}

export function workOf(row: Item): EventErased | PersonErased {
  const { work } = parseStored(erasureRow, row, `${row["pk"]}`);
  // The functions that receive reports may write such rows for events. They must not be able to erase people by them.
  if ("person" in work && !`${row["pk"]}`.startsWith("erasure person "))
    throw new Error(`${row["pk"]} is to erase a person`);
  return work;
}

/*
 * The bucket removes an object by its age, and an event ends by its first receipt. If a report arrives later than that,
 * its objects would outlive the event by as much, and no erasure would find them there. Such a report is the history of
 * a passing weeks after its real-time report, or a replay. So the sweep of erasures is asked to remove them once the
 * event has ended.
 */

/**
 * ms by which an object may outlive its event without a note: nearly always, the reports of a passing arrive within a
 * day.
 */
const toleratedMs = dayMs;

/**
 * The note about the objects of a report; null if they expire with their event anyway.
 *
 * @param lifetime ms for which the bucket keeps an object
 * @param pictures those that the report has put there and that other events may show
 */
export function outliving(
  row: Item,
  { report, now }: Upsert,
  { lifetime, from, pictures }: { lifetime: number; from: string; pictures: PictureRef[] },
): Change | null {
  if (report.pictures === undefined) return null;
  const { pk: event, ttl } = parseStored(expiringRow, row, `event ${row["pk"]}`);
  const endsAt = ttl * 1000;
  if (now + lifetime - endsAt <= toleratedMs) return null;
  // No record of quarantine was received before time 0, so none is removed: they expire on their own.
  const work = { event, from, pictures, bodies: [], before: 0 };
  // A repeat writes the same row again.
  return enqueueErasure(`${event} ${sha256Of(JSON.stringify(work))}`, endsAt, work);
}
