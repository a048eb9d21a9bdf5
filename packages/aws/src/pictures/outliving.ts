import type { Upsert } from "@gatepost/core/events";
import { dayMs, parseStored } from "@gatepost/protocol";
import type { Change, Item } from "@gatepost/store";
import * as z from "zod/mini";
import { sha256Of } from "../s3/objects.ts";
import { enqueueErasure } from "./erasure-work.ts";
import { ownRefsOf } from "./own.ts";
import { refsIn } from "./refs.ts";

/*
 * The bucket removes an object by its age, and an event ends by its first receipt. Where a report comes later than that,
 * as the history of a passing weeks after its real-time report, or a replay, its objects would outlive the event by as
 * much, and no erasure would find them there. So the sweep of erasures is asked to remove them once the event has ended.
 */

const expiringRow = z.lazy(() => z.object({ pk: z.string(), ttl: z.number() }));

/**
 * ms by which an object may outlive its event without a note: nearly always, the reports of a passing come within a
 * day.
 */
const toleratedMs = dayMs;

/**
 * The note about the objects of a report; null where they expire with their event anyway.
 *
 * @param lifetime ms for which the bucket keeps an object
 */
export function outliving(row: Item, { report, now }: Upsert, lifetime: number): Change | null {
  const [own, pictures] = [ownRefsOf(report), refsIn(report)];
  if (own.length + pictures.length === 0) return null;
  const { pk: event, ttl } = parseStored(expiringRow, row, `event ${row["pk"]}`);
  const endsAt = ttl * 1000;
  if (now + lifetime - endsAt <= toleratedMs) return null;
  // No record of quarantine came before time 0, so none is removed: they expire on their own.
  const work = { event, own, pictures, bodies: [], before: 0 };
  // A repeat writes the same row again.
  return enqueueErasure(`${event} ${sha256Of(JSON.stringify(work))}`, endsAt, work);
}
