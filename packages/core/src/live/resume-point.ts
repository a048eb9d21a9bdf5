import type { Report, StoredEvent } from "@gatepost/protocol";
import type { Change, ChangeFeed, EventReader } from "../events/reader.ts";

/** The place where a subscriber continues. */
export interface ResumePoint {
  /**
   * The last event that it has seen, the cursor at which that event was made, and the time of its first receipt (ms).
   */
  eventId: string;
  made: string;
  receivedAt: number;
  /** The cursor after which the subscriber may have missed events: `made`, or before it. */
  from: string;
  /**
   * The cursor after which the feed is read: `from`, or a later one if the subscriber already has the events in
   * between.
   */
  cursor: string;
  /** The time between `from` and `made`, ms. */
  overlapMs: number;
}

/**
 * The point at which a subscriber continues after an event, once it has every change up to `cursor`.
 *
 * @param isNew true if it was sent the event when that was made, and not when it changed
 */
export function resumePointAfter(
  { id, reports }: StoredEvent,
  { cursor, isNew }: { cursor: string; isNew: boolean },
): ResumePoint {
  const times = reports.map((report) => report.receivedAt);
  const receivedAt = isNew ? Math.min(...times) : Math.max(...times);
  return { eventId: id, made: cursor, receivedAt, from: cursor, cursor, overlapMs: 0 };
}

/**
 * Finds the place where a subscriber continues after an event that it has seen; null if the event does not exist any
 * more, or is not of a box in `seen`. An adapter that knows that events overtook each other may let it begin earlier.
 *
 * @param seen the boxes that the key of the subscriber sees; null if it sees every box
 */
export async function findResumePoint(
  { eventId, seen }: { eventId: string; seen: readonly string[] | null },
  { events, feed }: { events: EventReader; feed: ChangeFeed },
): Promise<ResumePoint | null> {
  const [event, made] = await Promise.all([events.get(eventId), feed.madeAt(eventId)]);
  if (event === null || made === null || seen?.includes(event.box) === false) return null;
  const receivedAt = Math.min(...event.reports.map((report) => report.receivedAt));
  return { eventId, made, receivedAt, from: made, cursor: made, overlapMs: 0 };
}

/** The reports of an event that were not, or may not have been, sent to a subscriber. */
export function missedReports(change: Change, since: ResumePoint): (report: Report) => boolean {
  const { event, made, isUpdate = false } = change;
  const hasSeen = event.id === since.eventId;
  if (!hasSeen && made > since.from) {
    // The event was sent where it was made, maybe with its first report only.
    const [first] = event.reports.toSorted((one, other) => one.receivedAt - other.receivedAt);
    return (report) => !(isUpdate && report === first);
  }
  const until = hasSeen ? since.receivedAt : since.receivedAt - since.overlapMs;
  return (report) => report.receivedAt > until;
}
