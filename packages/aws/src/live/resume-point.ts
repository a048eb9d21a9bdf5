import { type ApiPorts, findResumePoint, type ResumePoint } from "@gatepost/query";
import { sequenceAt, timeOf } from "../dynamo/monotonic-clock.ts";
import type { DeliveryGaps, Resuming } from "./delivery-gaps.ts";

/** Where a client continues. Events reach clients nearly, but not exactly, in the order in which they were made. */
export type GapResumePoint = ResumePoint & Resuming;

export interface ResumePorts {
  reads: Pick<ApiPorts, "events" | "feed">;
  gaps: DeliveryGaps;
}

/**
 * Finds where a client continues, and from when it may have missed events; null where the event no longer exists, or
 * its box is not in `seen`.
 */
export async function findGapResumePoint(
  { seen, ...resuming }: Resuming & { seen: readonly string[] | null },
  { reads, gaps }: ResumePorts,
): Promise<GapResumePoint | null> {
  const point = await findResumePoint({ eventId: resuming.eventId, seen }, reads);
  return point === null ? null : widen({ ...point, ...resuming }, gaps);
}

/** The same with the gaps that were noted meanwhile; null where none concerns it. */
export async function widened(since: GapResumePoint, gaps: DeliveryGaps): Promise<GapResumePoint | null> {
  const now = await widen(since, gaps);
  return now.overlapMs > since.overlapMs ? now : null;
}

async function widen(since: GapResumePoint, gaps: DeliveryGaps): Promise<GapResumePoint> {
  const madeAt = timeOf(since.made);
  const { from, cursor } = await gaps.positionOf(madeAt, since);
  return { ...since, from: sequenceAt(from), cursor, overlapMs: madeAt - from };
}
