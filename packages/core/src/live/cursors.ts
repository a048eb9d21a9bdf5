import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import type { ChangeFeed, EventReader } from "../events/reader.ts";
import { cursorSeal } from "../lists/cursors.ts";
import { findResumePoint, type ResumePoint } from "./resume-point.ts";

const sealedPoint = z.object({
  eventId: z.string(),
  made: z.string(),
  receivedAt: z.number(),
  from: z.string(),
  cursor: z.string(),
  overlapMs: z.number(),
}) satisfies z.ZodType<ResumePoint>;

/**
 * The cursors of live messages. Each contains the point at which a client continues after its message. They are
 * encrypted, because a place in the feed shows changes at boxes that a key may not see.
 */
export class LiveCursors {
  readonly #seal: ReturnType<typeof cursorSeal>;

  constructor(secret: Buffer) {
    this.#seal = cursorSeal(secret);
  }

  /** @param point members of an adapter's own are left out */
  of({ eventId, made, receivedAt, from, cursor, overlapMs }: ResumePoint): string {
    return this.#seal.seal(JSON.stringify({ eventId, made, receivedAt, from, cursor, overlapMs }));
  }

  /** Null if the cursor was not made with this secret. */
  read(cursor: string): ResumePoint | null {
    try {
      return sealedPoint.safeParse(jsonIn(this.#seal.open(cursor))).data ?? null;
    } catch {
      return null;
    }
  }
}

/** The refusal of a `since` by which a subscriber cannot continue. */
export const noResumePoint =
  "since: there is no such event, or it has expired, and it is no cursor of this feed; leave it out";

/** True if `since` names an event, false if it is a cursor. */
export function isEventId(since: string): boolean {
  return since.startsWith("evt_");
}

/**
 * Finds the point from which a subscriber continues: after a named event, or at a cursor. Null as for
 * `findResumePoint`, or if the cursor was not made with this secret.
 */
export async function resumePointOf(
  since: string,
  seen: readonly string[] | null,
  { cursors, reads }: { cursors: LiveCursors; reads: { events: EventReader; feed: ChangeFeed } },
): Promise<ResumePoint | null> {
  return isEventId(since) ? findResumePoint({ eventId: since, seen }, reads) : cursors.read(since);
}
