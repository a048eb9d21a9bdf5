import { createHash, randomBytes } from "node:crypto";
import { dayMs, storedJson } from "@gatepost/protocol";
import { absent, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { type NewsWriter, newsOfEvents } from "../events/index.ts";
import { RecordKind } from "../records/record-kind.ts";
import { acknowledgedNews, type Judgement, type Marker, markIn, type SeenMarks, seenMark } from "./seen-marks.ts";

const ids = storedJson(z.array(z.string()));

/**
 * `ack ID`: the account or key `by` has acknowledged events at `madeAt` (ms). `events` and `boxes` are JSON: the ids of the
 * events, and the box of each. Reasons and notes are in the marks of the events, and are removed with them.
 */
const records = new RecordKind("ack ", z.object({ by: z.string(), madeAt: z.number(), events: ids, boxes: ids }));

/** ms for which an acknowledgement can be taken back. */
const keptMs = 30 * dayMs;

/** Events that are marked at once. */
const batch = 16;

/** An acknowledgement that can be taken back. */
export interface AcknowledgementRecord {
  by: string;
  /** ms since 1970. */
  at: number;
  events: readonly string[];
  /** The box of each event. */
  boxes: readonly string[];
}

interface Deps {
  items: Pick<Rows, "get" | "write">;
  marks: SeenMarks;
  /** Tells readers of the feed. */
  news: NewsWriter;
  clock(): number;
}

interface AskedAcknowledgement extends Judgement {
  /** As of `newActId`. */
  id: string;
  /** Stored events: their ids, and the box of each. */
  events: ReadonlyMap<string, string>;
  by: Marker;
}

/** What people said about events that stand out. The first acknowledgement of an event stays until it is taken back. */
export class Acknowledgements {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Acknowledges events. Asked again with the same id, it continues where it was interrupted, and changes nothing else.
   *
   * @returns the ids of the events that it has marked, and of those that keep an earlier acknowledgement
   */
  async acknowledge({
    id,
    events,
    by,
    ...judgement
  }: AskedAcknowledgement): Promise<{ at: number; marked: string[]; kept: string[] }> {
    const { items, marks, news, clock } = this.#deps;
    const asked = [...events.keys()];
    const now = clock();
    const boxes = JSON.stringify([...events.values()]);
    const record = { by: by.id, madeAt: now, events: JSON.stringify(asked), boxes };
    // Before the marks: so that each of them can be taken back.
    const { previous } = await items.write(records.record(id, { ...record, ttl: ttlAt(now + keptMs) }, absent()));
    const at = previous === null ? now : records.read(previous).madeAt;
    const held = [];
    for (let from = 0; from < asked.length; from += batch) {
      const some = asked.slice(from, from + batch);
      const put = await Promise.all(
        some.map((event) => marks.put(event, by, { ...judgement, at, acknowledgement: id })),
      );
      // An event that was erased meanwhile has no mark.
      held.push(...put.filter((mark) => mark !== null));
    }
    const [marked, kept] = [held.filter(isOf(id)), held.filter((mark) => !isOf(id)(mark))];
    await news.tell(acknowledgedNews(marked));
    return { at, marked: marked.map(({ eventId }) => eventId), kept: kept.map(({ eventId }) => eventId) };
  }

  /** Null if there is none, or it is too old to be taken back. */
  async find(id: string): Promise<AcknowledgementRecord | null> {
    const item = await this.#deps.items.get(records.pk(id));
    if (item === null) return this.#findOfOne(id);
    const { by, madeAt: at, events, boxes } = records.read(item);
    return { by, at, events, boxes };
  }

  /** The acknowledgement of an event which was marked by itself: it has no record. */
  async #findOfOne(id: string): Promise<AcknowledgementRecord | null> {
    const item = await this.#deps.items.get(seenMark(id.replace("ack_", "evt_")));
    if (item === null) return null;
    const { eventId, box, acknowledgement, mark } = markIn(item);
    if (acknowledgement !== id) return null;
    return { by: mark.by ?? "", at: mark.at, events: [eventId], boxes: [box] };
  }

  /** Removes the marks of an acknowledgement. Its events stand out again. */
  async takeBack(id: string, { events, boxes }: Pick<AcknowledgementRecord, "events" | "boxes">): Promise<void> {
    const { marks, news, clock } = this.#deps;
    for (let from = 0; from < events.length; from += batch) {
      const some = events.slice(from, from + batch);
      await Promise.all(some.map((event) => marks.unmark(event, id)));
    }
    const others = await marks.among(events);
    // Also the events whose marks an earlier try has removed. One without a known box is named to no limited reader.
    const unmarked = events.map((eventId, place) => ({ eventId, box: boxes[place] ?? "" }));
    const free = unmarked.filter(({ eventId }) => !others.has(eventId));
    await news.tell(
      newsOfEvents(free, clock(), (some) => ({ kind: "unacknowledged", acknowledgement: id, events: some })),
    );
  }
}

const isOf = (id: string) => (mark: { acknowledgement: string }) => mark.acknowledgement === id;

/**
 * The id of a new record by a person, as an acknowledgement: always the same for a request with an `Idempotency-Key`.
 *
 * @param key the caller, its key, and the request; null makes a new id
 */
export function newActId(
  prefix: "ack_" | "not_" | "left_" | "cor_" | "rol_" | "cls_",
  key: readonly string[] | null,
): string {
  if (key === null) return prefix + randomBytes(16).toString("hex");
  return prefix + createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 32);
}
