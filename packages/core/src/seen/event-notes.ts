import { storedJson } from "@gatepost/protocol";
import { absent, equals, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import type { NewsWriter } from "../events/index.ts";
import { RecordKind } from "../records/record-kind.ts";
import type { MarkedEvents } from "./seen-marks.ts";

/** A note of a person about an event. It is never changed. */
const note = z.object({
  /** `not_…` */
  id: z.string(),
  /** At most 500 characters. */
  text: z.string(),
  /** ms since 1970. */
  at: z.number(),
  /** `acc_…` or `key_…` */
  by: z.string(),
  /** The name of the account, or the note of the key, at that time. */
  byName: z.nullable(z.string()),
});
export type EventNote = z.output<typeof note>;

/** `notes EVENT`: the notes about an event as JSON, the oldest first. `rev` rises by 1 with each. */
const records = new RecordKind(
  "notes ",
  z.object({ box: z.string(), rev: z.number(), notes: storedJson(z.array(note)) }),
);

/** Most notes about an event. */
export const maxNotes = 50;

interface Deps {
  items: Pick<Rows, "get">;
  events: MarkedEvents;
  /** Tells readers of the feed. */
  news: NewsWriter;
}

/** What people noted about events. Notes are no part of their event, and are removed with it. */
export class EventNotes {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The notes about an event, the oldest first. */
  async list(eventId: string): Promise<readonly EventNote[]> {
    const item = await this.#deps.items.get(eventNotes(eventId));
    return item === null ? [] : records.read(item).notes;
  }

  /**
   * Adds a note; one with the same id is added once.
   *
   * @returns the note as it is stored; `full` if the event has 50 already; null if there is no such event
   */
  async add(eventId: string, added: EventNote): Promise<EventNote | "full" | null> {
    const { items, events, news } = this.#deps;
    const toldOf = (box: string) => ({
      told: { kind: "noted" as const, event: eventId },
      at: added.at,
      box,
      site: null,
    });
    for (;;) {
      const item = await items.get(eventNotes(eventId));
      const { notes, rev, box: of } = item === null ? { notes: [], rev: 0, box: "" } : records.read(item);
      const held = notes.find(({ id }) => id === added.id);
      if (held !== undefined) {
        // The request may be sent again because this has failed.
        await news.tell([toldOf(of)]);
        return held;
      }
      if (notes.length >= maxNotes) return "full";
      const text = JSON.stringify([...notes, added]);
      const written = await events.write(eventId, ({ box, ttl }) =>
        records.record(eventId, { box, rev: rev + 1, notes: text, ttl }, rev === 0 ? absent() : equals("rev", rev)),
      );
      if (written === null) return null;
      if (!written.applied) continue;
      await news.tell([toldOf(written.box)]);
      return added;
    }
  }
}

/** The key of the notes about an event. */
export function eventNotes(eventId: string): string {
  return records.pk(eventId);
}
