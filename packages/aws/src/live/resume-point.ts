import type { Report } from "@gatepost/protocol";
import type { ApiPorts, Change } from "@gatepost/query";
import { sequenceAt, timeOf } from "../dynamo/monotonic-clock.ts";
import type { DeliveryGaps, Resuming } from "./delivery-gaps.ts";

/** Where a reader goes on. All times in ms. */
export interface ResumePoint extends Resuming {
  /** When the event was made and received that it has seen last. */
  madeAt: number;
  receivedAt: number;
  /** It may lack what was made after that: events reach readers almost, but not quite, in the order in which they were made. */
  from: number;
}

export interface ResumePorts {
  reads: Pick<ApiPorts, "events" | "feed">;
  gaps: DeliveryGaps;
}

/** Finds where a reader left off; null where the event is not there any more. */
export async function findResumePoint(
  subscriber: Resuming,
  { reads: { events, feed }, gaps }: ResumePorts,
): Promise<ResumePoint | null> {
  const [event, made] = await Promise.all([events.get(subscriber.eventId), feed.madeAt(subscriber.eventId)]);
  if (event === null || made === null) return null;
  const madeAt = timeOf(made);
  const receivedAt = Math.min(...event.reports.map((report) => report.receivedAt));
  return { ...subscriber, madeAt, receivedAt, from: await gaps.before(madeAt, subscriber) };
}

/** The same by the gaps that were noted meanwhile; null where none of them matters to it. */
export async function widened(since: ResumePoint, gaps: DeliveryGaps): Promise<ResumePoint | null> {
  const from = await gaps.before(since.madeAt, since);
  return from < since.from ? { ...since, from } : null;
}

/** The reports of an event that a reader has not been told of, or may not have been. */
export function isMissed({ event, made }: Change, since: ResumePoint): (report: Report) => boolean {
  const hasSeen = event.id === since.eventId;
  if (!hasSeen && made > sequenceAt(since.from)) return () => true;
  const until = hasSeen ? since.receivedAt : since.receivedAt - (since.madeAt - since.from);
  return (report) => report.receivedAt > until;
}
