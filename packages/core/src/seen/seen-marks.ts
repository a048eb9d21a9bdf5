import { parseStored } from "@gatepost/protocol";
import { absent, type Change, type Item, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** `seen EVENT`: the account or key `by` has seen the event, first at `seenAt` (ms). */
const marks = new RecordKind("seen ", z.object({ box: z.string(), seenAt: z.number(), by: z.optional(z.string()) }));

const marked = z.object({ pk: z.string(), box: z.string() });

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
   * @returns the box of the event, and whether the change was applied
   */
  write(eventId: string, markOf: (event: MarkedEvent) => Change): Promise<{ box: string; applied: boolean } | null>;
}

/** When an event was first seen (ms), and the id of the account or key; null in marks that do not name it. */
export interface SeenMark {
  at: number;
  by: string | null;
}

interface Deps {
  items: Pick<Rows, "getAll">;
  events: MarkedEvents;
  /** ms since 1970. */
  clock(): number;
  /** Gets each event that was not seen before, once that is durable. */
  seen?(event: { eventId: string; box: string }): void;
}

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
   * Notes that an account or key has seen an event. False if there is no such event. To note it twice changes nothing:
   * the first one stays.
   */
  async mark(eventId: string, by: string): Promise<boolean> {
    const { events, clock, seen } = this.#deps;
    const seenAt = clock();
    const written = await events.write(eventId, ({ box, ttl }) =>
      marks.record(eventId, { box, seenAt, by, ...(ttl === undefined ? {} : { ttl }) }, absent()),
    );
    if (written?.applied === true) seen?.({ eventId, box: written.box });
    return written !== null;
  }

  /** The marks of some events, by the id of the event. An event without a mark is missing. */
  async among(eventIds: readonly string[]): Promise<ReadonlyMap<string, SeenMark>> {
    const found = await this.#deps.items.getAll(eventIds.map(seenMark));
    return new Map(
      [...found].map(([pk, item]) => {
        // A mark that cannot be read is one all the same.
        const { seenAt = 0, by = null } = marks.readable(item) ?? {};
        return [marks.id(pk), { at: seenAt, by }];
      }),
    );
  }
}

/** The key of the mark of an event. */
export function seenMark(eventId: string): string {
  return marks.pk(eventId);
}

/** The event of a mark; null if the item is not a mark. */
export function markedIn(item: Item): { eventId: string; box: string } | null {
  if (!String(item["pk"]).startsWith(marks.pk(""))) return null;
  const { pk, box } = parseStored(marked, item, String(item["pk"]));
  return { eventId: marks.id(pk), box };
}
