import type { Report } from "@gatepost/protocol";
import type { Change, ChangeFeed, EventReader } from "../ports.ts";

/** Where a subscriber goes on. */
export interface ResumePoint {
  /** The event that it has seen last, at which place of the feed it was made, and when it was received first, ms. */
  eventId: string;
  made: string;
  receivedAt: number;
  /** The place of the feed behind which the subscriber may lack events: where `made` is, or before it. */
  from: string;
  /** The time between `from` and `made`, ms. */
  overlapMs: number;
}

/**
 * Finds where a subscriber left off that has seen an event; null where the event is not there any more. It lacks what was
 * made behind that event, unless the adapter knows that events may have overtaken each other on their way.
 */
export async function findResumePoint(
  eventId: string,
  { events, feed }: { events: EventReader; feed: ChangeFeed },
): Promise<ResumePoint | null> {
  const [event, made] = await Promise.all([events.get(eventId), feed.madeAt(eventId)]);
  if (event === null || made === null) return null;
  const receivedAt = Math.min(...event.reports.map((report) => report.receivedAt));
  return { eventId, made, receivedAt, from: made, overlapMs: 0 };
}

/** The reports of an event that a subscriber has not been told of, or may not have been. */
export function missedReports({ event, made }: Change, since: ResumePoint): (report: Report) => boolean {
  const hasSeen = event.id === since.eventId;
  if (!hasSeen && made > since.from) return () => true;
  const until = hasSeen ? since.receivedAt : since.receivedAt - since.overlapMs;
  return (report) => report.receivedAt > until;
}
