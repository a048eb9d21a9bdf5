import type { ApiPorts } from "@gatepost/api";
import { isEventId, type LiveCursors, type ResumePoint, resumePointOf } from "@gatepost/core/live";
import { sequenceAt, timeOf } from "../dynamo/monotonic-clock.ts";
import { type DeliveryGaps, maxOvertakingMs, type Resuming } from "./delivery-gaps.ts";

/**
 * The point at which a client continues. Events reach clients nearly, but not exactly, in the order in which they were
 * made.
 */
export type GapResumePoint = ResumePoint &
  Resuming & {
    /** The place of the cursor that the client sent; null if it named an event. */
    sentPlace: string | null;
  };

export interface ResumePorts {
  reads: Pick<ApiPorts, "events" | "feed">;
  gaps: DeliveryGaps;
  cursors: LiveCursors;
}

/**
 * Finds the point at which a client continues, and from when it may have missed events; null if the event no longer
 * exists, or its box is not in `seen`.
 */
export async function findGapResumePoint(
  { since, seen, ...resuming }: Omit<Resuming, "eventId"> & { since: string; seen: readonly string[] | null },
  deps: ResumePorts,
): Promise<GapResumePoint | null> {
  const point = await resumePointOf(since, seen, deps);
  if (point === null) return null;
  if (isEventId(since)) return widen({ ...point, ...resuming, sentPlace: null }, deps.gaps);
  const found = await widen({ ...point, ...resuming, sentPlace: point.cursor }, deps.gaps);
  const searched = await deps.gaps.searchedFrom({ ...resuming, place: point.cursor });
  return searched === null ? found : { ...found, cursor: searched };
}

/**
 * The point at which a client continues that got a change from the publisher: events may overtake each other by 8 s.
 */
export function resumePointAt(eventId: string, sequence: string, receivedAt: number): ResumePoint {
  const from = sequenceAt(timeOf(sequence) - maxOvertakingMs);
  return { eventId, made: sequence, receivedAt, from, cursor: from, overlapMs: maxOvertakingMs };
}

/** The same with the gaps that were noted meanwhile; null if none concerns it. */
export async function widened(since: GapResumePoint, gaps: DeliveryGaps): Promise<GapResumePoint | null> {
  const now = await widen(since, gaps);
  return now.overlapMs > since.overlapMs ? now : null;
}

async function widen(since: GapResumePoint, gaps: DeliveryGaps): Promise<GapResumePoint> {
  const madeAt = timeOf(since.made);
  if (since.sentPlace !== null) {
    const gapFrom = await gaps.gapAt(madeAt);
    const earlierMs = timeOf(since.from) - (gapFrom ?? timeOf(since.from));
    if (gapFrom === null || earlierMs <= 0) return since;
    const from = sequenceAt(gapFrom);
    return { ...since, from, cursor: from, overlapMs: since.overlapMs + earlierMs };
  }
  const { from, cursor } = await gaps.positionOf(madeAt, since);
  return { ...since, from: sequenceAt(from), cursor, overlapMs: madeAt - from };
}
