import { createHash } from "node:crypto";
import {
  alarmNotAcknowledged,
  dayMs,
  type FaceEvent,
  instant,
  isCheckBox,
  merge,
  minuteMs,
  type StoredEvent,
} from "@gatepost/protocol";
import { absent, all, type Items, type List, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { ActionBus } from "../actions/index.ts";
import type { ChangeFeed, EventReader } from "../events/reader.ts";
import { RecordKind } from "../records/record-kind.ts";
import { type SeenMarks, standingGroups } from "../seen/index.ts";
import type { Libraries } from "../sites/index.ts";
import type { AlarmRecords } from "./settings.ts";

/** `alarm-watch`: the cursor up to which the feed of changes was looked at. */
const watches = new RecordKind("alarm-watch", z.object({ cursor: z.string() }));

/**
 * `alarm HASH`: a passing of the blacklist, by the SHA-256 of its event's id. Until it is settled it is listed at the
 * time of its receipt, with the id. Then the rest of the record keeps it from being announced a second time.
 */
const alarms = new RecordKind("alarm ", z.object({ event: z.optional(z.string()) }));
const open: List = { index: "byTime", name: "alarms" };

/** ms since its receipt after which an event is no alarm any more. */
const tooOldMs = dayMs;

/** Changes of a page of the feed, and pages of one check, which has 50 s on AWS. */
const [pageSize, maxPages] = [200, 50];
/** Alarms that one check looks at: the others are looked at by the next one. */
const maxOpen = 1000;
/** Ids of events in an entry of the bus. */
const maxIds = 200;

interface Deps {
  items: Items;
  settings: AlarmRecords;
  feed: Pick<ChangeFeed, "read" | "end">;
  events: Pick<EventReader, "getAll">;
  marks: Pick<SeenMarks, "among">;
  libraries(): Promise<Pick<Libraries, "of">>;
  bus: ActionBus;
  /** Whether entries contain the event. */
  announcesEvents: boolean;
  /** ms since 1970. */
  clock(): number;
}

/** Tells subscribers once of each passing of the blacklist that no person has acknowledged in time. */
export class AlarmWatch {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Looks at the passings since the last check, and puts an entry on the bus for each person whose passings were not
   * acknowledged in time. Call it each minute. If the bus takes an entry and the process ends, the next check puts the
   * same entry there again.
   */
  async check(): Promise<void> {
    const { settings, items } = this.#deps;
    const { tellAfterMinutes: minutes } = await settings.read();
    if (minutes === null) {
      await items.remove(watches.pk(""), present());
      return;
    }
    await this.#note();
    await this.#tell(minutes);
  }

  /** Notes the passings of the blacklist since the last check; the first check begins with the next change. */
  async #note(): Promise<void> {
    const { items, feed } = this.#deps;
    const item = await items.get(watches.pk(""));
    let cursor = item === null ? await feed.end() : watches.read(item).cursor;
    if (item === null) await this.#keep(cursor);
    for (let pages = 0; pages < maxPages; pages++) {
      const page = await feed.read(cursor, pageSize);
      for (const { event } of page.items) await this.#noteOne(event);
      if (page.next !== cursor) await this.#keep(page.next);
      cursor = page.next;
      if (page.isEnd) return;
    }
  }

  async #keep(cursor: string): Promise<void> {
    await this.#deps.items.write(watches.record("", { cursor }, all()));
  }

  async #noteOne(stored: StoredEvent): Promise<void> {
    const event = merge(stored);
    const at = receivedAt(event);
    const isAlarm = event.person.type === "blacklist" && !isCheckBox(event.box.id);
    if (!isAlarm || this.#deps.clock() - at > tooOldMs) return;
    const id = createHash("sha256").update(event.id).digest("hex");
    const placed = { byTime: open.name, at: placeAt(at, id), ttl: ttlAt(at + 2 * tooOldMs) };
    await this.#deps.items.write(alarms.record(id, { event: event.id, ...placed }, absent()));
  }

  async #tell(minutes: number): Promise<void> {
    const due = this.#deps.clock() - minutes * minuteMs;
    const waiting = await this.#open();
    const unseen = await this.#unseenOf(waiting, due);
    if (!unseen.some((event) => receivedAt(event) <= due)) return;
    const { of } = await this.#deps.libraries();
    for (const { events } of standingGroups(unseen, of)) {
      const since = Math.min(...events.map(receivedAt));
      if (since > due) continue;
      await this.#announce(events, { since, minutes });
      for (const { id } of events) await this.#settle(waiting.get(id));
    }
  }

  /** The events that no person has acknowledged. The other ones are settled, once they cannot be taken back in time. */
  async #unseenOf(waiting: ReadonlyMap<string, string>, due: number): Promise<FaceEvent[]> {
    const { events, marks } = this.#deps;
    const ids = [...waiting.keys()];
    const [stored, acknowledged] = await Promise.all([events.getAll(ids), marks.among(ids)]);
    const unseen: FaceEvent[] = [];
    for (const [id, pk] of waiting) {
      const found = stored.get(id);
      const event = found === undefined ? null : merge(found);
      const isOver = event?.person.type !== "blacklist" || (acknowledged.has(id) && receivedAt(event) <= due);
      if (isOver) await this.#settle(pk);
      else if (!acknowledged.has(id)) unseen.push(event);
    }
    return unseen;
  }

  async #announce(events: readonly FaceEvent[], { since, minutes }: { since: number; minutes: number }): Promise<void> {
    const { bus, announcesEvents } = this.#deps;
    const announced = events.slice(0, maxIds);
    await bus.put(
      alarmNotAcknowledged(
        { events: announced.map(({ id }) => id), since: instant(since), minutes },
        announcesEvents ? (announced[0] ?? null) : null,
      ),
    );
  }

  /** The events that are not settled, the oldest first, with the keys of their records. */
  async #open(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for await (const { pk, item } of this.#deps.items.list({ lists: [open], order: "ascending" })) {
      const { event } = alarms.read(item);
      if (event !== undefined) found.set(event, pk);
      if (found.size === maxOpen) break;
    }
    return found;
  }

  async #settle(pk: string | undefined): Promise<void> {
    if (pk === undefined) return;
    const change = { remove: ["event", "byTime", "at"] as const, when: present() };
    await this.#deps.items.write(alarms.change(alarms.id(pk), change));
  }
}

const receivedAt = (event: FaceEvent) => Date.parse(event.receivedAt);
