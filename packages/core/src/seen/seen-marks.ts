import { parseStored } from "@gatepost/protocol";
import { absent, type Change, equals, type Item, type Rows, type Written } from "@gatepost/store";
import * as z from "zod/mini";
import { type NewsWriter, newsOfEvents, type Telling } from "../events/index.ts";
import { RecordKind } from "../records/record-kind.ts";

/** What a person may say an event was. */
export const reasons = ["known", "let-in", "sent-away", "false-alarm"] as const;
export type Reason = (typeof reasons)[number];

/** `seen EVENT`: the account or key `by` has seen the event, first at `seenAt` (ms), by the acknowledgement `ack`. */
const marks = new RecordKind(
  "seen ",
  z.object({
    box: z.string(),
    seenAt: z.number(),
    by: z.optional(z.string()),
    /** The name of the account, or the note of the key, at that time. */
    byName: z.optional(z.string()),
    /** Absent if the event was marked by itself. */
    ack: z.optional(z.string()),
    reason: z.optional(z.enum(reasons)),
    note: z.optional(z.string()),
  }),
);

/** An event that can be marked. */
interface MarkedEvent {
  box: string;
  /** When the mark expires, seconds since 1970. Left out: the mark is removed with the event. */
  ttl?: number;
}

/** Stored events, as marks need them. */
export interface MarkedEvents {
  /**
   * Writes the mark of an event, unless the event is missing or has expired; then it returns null.
   *
   * @returns the box of the event, and what the write has changed
   */
  write(eventId: string, markOf: (event: MarkedEvent) => Change): Promise<({ box: string } & Written) | null>;
}

/** The person or program that marks events. */
export interface Marker {
  /** `acc_…` or `key_…` */
  id: string;
  /** The name of the account, or the note of the key. */
  name: string | null;
}

/** What a person says about events that stand out. */
export interface Judgement {
  reason: Reason | null;
  /** At most 500 characters. */
  note: string | null;
}

/** When an event was first seen (ms), and the id of the account or key; null in marks that do not name it. */
export interface SeenMark extends Judgement {
  at: number;
  by: string | null;
  byName: string | null;
  /** `ack_…` */
  acknowledgement: string;
}

/** The mark of an event. */
interface MarkWritten {
  eventId: string;
  box: string;
  acknowledgement: string;
  mark: SeenMark;
}

interface Deps {
  items: Pick<Rows, "get" | "getAll" | "remove">;
  events: MarkedEvents;
  /** ms since 1970. */
  clock(): number;
  /** Tells readers of the feed. */
  news: NewsWriter;
}

/** How an event is marked. `acknowledgement` and its time `at` (ms) are left out if the event is marked by itself. */
type Marking = Judgement & { acknowledgement?: string; at?: number };

/**
 * The events that a person has seen. A mark is no part of its event: neither the revision of the event nor the feed of
 * changes shows it. It is removed with the event.
 */
export class SeenMarks {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Notes that an account or key has seen an event, by itself. To note it twice changes nothing: the first mark stays.
   *
   * @returns the acknowledgement that the event has now; null if there is no such event
   */
  async mark(eventId: string, by: Marker): Promise<string | null> {
    const [held] = await this.markAll([eventId], by);
    return held?.acknowledgement ?? null;
  }

  /** The same for several events. Returns the marks that they have now; an event that is gone has none. */
  async markAll(eventIds: readonly string[], by: Marker): Promise<MarkWritten[]> {
    const put = await Promise.all(eventIds.map((eventId) => this.put(eventId, by, { reason: null, note: null })));
    const held = put.filter((mark) => mark !== null);
    // Also those that were there: the request may be sent again because this has failed.
    const ownMarks = held.filter(({ eventId, acknowledgement }) => acknowledgement === ownAcknowledgement(eventId));
    await this.#deps.news.tell(acknowledgedNews(ownMarks));
    return held;
  }

  /**
   * Writes a mark without telling readers of the feed. The first mark stays.
   *
   * @returns the mark that the event has now; null if there is no such event
   */
  async put(
    eventId: string,
    by: Marker,
    { acknowledgement, at = this.#deps.clock(), reason, note }: Marking,
  ): Promise<MarkWritten | null> {
    const facts = { by: by.id, byName: by.name, reason, note };
    const written = await this.#deps.events.write(eventId, ({ box, ttl }) =>
      marks.record(eventId, { box, seenAt: at, ...facts, ack: acknowledgement, ttl }, absent()),
    );
    if (written === null) return null;
    const own = { at, ...facts, acknowledgement: acknowledgement ?? ownAcknowledgement(eventId) };
    const mark = written.applied ? own : markOf(eventId, written.previous ?? {});
    return { eventId, box: written.box, acknowledgement: mark.acknowledgement, mark };
  }

  /** Removes the mark of an event if it is of this acknowledgement. False if it is not, or there is none. */
  async unmark(eventId: string, acknowledgement: string): Promise<boolean> {
    const isByItself = acknowledgement === ownAcknowledgement(eventId);
    const when = isByItself ? absent("ack") : equals("ack", acknowledgement);
    return (await this.#deps.items.remove(seenMark(eventId), when)) !== null;
  }

  /** The marks of some events, by the id of the event. An event without a mark is missing. */
  among(eventIds: readonly string[]): Promise<ReadonlyMap<string, SeenMark>> {
    return marksAmong(eventIds, this.#deps.items);
  }
}

/** The same for a program that only reads. */
export async function marksAmong(
  eventIds: readonly string[],
  items: Pick<Rows, "getAll">,
): Promise<ReadonlyMap<string, SeenMark>> {
  const found = await items.getAll(eventIds.map(seenMark));
  return new Map([...found].map(([pk, item]) => [marks.id(pk), markOf(marks.id(pk), item)]));
}

/** The news of marks that are of one acknowledgement, or each by itself. */
export function acknowledgedNews(marked: readonly MarkWritten[]): Telling[] {
  const [first] = marked;
  if (first === undefined) return [];
  const { mark } = first;
  const acknowledgement = marked.every((one) => one.acknowledgement === first.acknowledgement)
    ? first.acknowledgement
    : null;
  const { at, reason, byName: name } = mark;
  const by = { name };
  return newsOfEvents(marked, at, (events) => ({ kind: "acknowledged", events, acknowledgement, reason, by }));
}

/** The key of the mark of an event. */
export function seenMark(eventId: string): string {
  return marks.pk(eventId);
}

/** The id of the acknowledgement of an event that was marked by itself. */
function ownAcknowledgement(eventId: string): string {
  return eventId.replace("evt_", "ack_");
}

/** A mark that cannot be read is one all the same. */
function markOf(eventId: string, item: Item): SeenMark {
  const { seenAt = 0, by = null, byName = null, ack, reason = null, note = null } = marks.readable(item) ?? {};
  return { at: seenAt, by, byName, reason, note, acknowledgement: ack ?? ownAcknowledgement(eventId) };
}

const marked = z.object({ pk: z.string(), box: z.string() });

/** The mark that an item is. */
export function markIn(item: Item): MarkWritten {
  const { pk, box } = parseStored(marked, item, String(item["pk"]));
  const mark = markOf(marks.id(pk), item);
  return { eventId: marks.id(pk), box, acknowledgement: mark.acknowledgement, mark };
}
