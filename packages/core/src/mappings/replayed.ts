import { type MappingId, minuteMs, secondMs, storedJson } from "@gatepost/protocol";
import {
  absent,
  any,
  type Item,
  type Items,
  type List,
  listOf,
  placeAt,
  present,
  timeText,
  ttlAt,
} from "@gatepost/store";
import * as z from "zod/mini";
import { type QuarantineRecord, undoableMs } from "../quarantine/ports.ts";
import { RecordKind } from "../records/record-kind.ts";

/** Events in one part: a row has room for 400 KB. */
const maxEvents = 500;

/** ms after which a replay counts as ended, if its process has ended: no function runs for longer. */
const maxReplayMs = 15 * minuteMs;

/** `replayed qrt_ID`: a record that mappings have read in a replay. An earlier build has its only part in the same row. */
const replayed = new RecordKind(
  "replayed ",
  z.object({
    receivedAt: z.int(),
    reason: z.string(),
    keptFor: z.optional(z.string()),
    event: z.optional(z.string()),
    events: z.optional(storedJson(z.array(z.string()))),
  }),
);

/** `replayed qrt_ID map_ID N`: some of the events that a mapping has made of a record, or none. */
const parts = new RecordKind(
  "replayed ",
  z.object({
    mapping: z.string(),
    events: storedJson(z.array(z.string())),
    receivedAt: z.int(),
    undoneAt: z.optional(z.int()),
  }),
);

/**
 * The replays that are going on, each with the time at which it began (`r_NAME`), and the mappings that are undone
 * (`u_map_ID`). One row, which is read as it is: a list may lag behind.
 */
const going = "replayed going";

const ofMapping = (mapping: string): List => ({ index: "byBox", name: listOf("replayed", mapping) });

/** A record of quarantine that mappings have read in a replay. */
export interface ReplayedRecord extends Pick<QuarantineRecord, "id" | "receivedAt"> {
  /** One of its events, or of those that it has repeated; null if there is none. */
  event: string | null;
  /** Why it was kept before. */
  reason: string;
  /** Why it is still kept; null if it was set aside. */
  keptFor: string | null;
}

/** A part of the events that a mapping has made of a record; without any if it has only repeated some, or is a sign. */
export interface ReplayedPart {
  /** The id of the part, and its place among those of the mapping. */
  name: string;
  place: string;
  record: ReplayedRecord;
  events: readonly string[];
  isFirst: boolean;
  isUndone: boolean;
}

/** A part as it is noted, in the order of its number. */
interface NotedPart extends Pick<ReplayedPart, "events" | "isUndone"> {
  mapping: string;
  number: number;
  /** When it is forgotten, ms since 1970. */
  until: number;
}

/** A record with its parts, as another store takes it over. */
export interface NotedReplay extends ReplayedRecord {
  until: number;
  parts: readonly NotedPart[];
}

/** The records that mappings have read in replays of the last seven days. */
export class ReplayedRecords {
  readonly #items: Items;
  readonly #clock: () => number;

  constructor(items: Items, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * Notes a record and the events that each mapping has made of it. If it is noted already, its first reason stays.
   *
   * @param made the events of each mapping that has read the record
   */
  async note(record: ReplayedRecord, made: ReadonlyMap<MappingId, readonly string[]>): Promise<void> {
    const until = this.#clock() + undoableMs;
    const parts: NotedPart[] = [];
    for (const [mapping, events] of made) {
      for (let number = 0; number === 0 || number * maxEvents < events.length; number++) {
        const some = events.slice(number * maxEvents, (number + 1) * maxEvents);
        parts.push({ mapping, number, events: some, isUndone: false, until });
      }
    }
    await this.take({ ...record, until, parts });
  }

  /** Notes a record with its parts, also as another store has them. */
  async take({ id, receivedAt, reason, event, keptFor, until, parts: noted }: NotedReplay): Promise<void> {
    const when = any(absent(), present());
    const set = { receivedAt, event, keptFor, ttl: ttlAt(until) };
    await this.#items.write(replayed.change(id, { set, setIfAbsent: { reason }, when }));
    for (const { mapping, number, events, isUndone, until: end } of noted) {
      const name = `${id} ${mapping} ${number}`;
      const undoneAt = isUndone ? this.#clock() : null;
      const listed = { byBox: ofMapping(mapping).name, at: placeAt(receivedAt, name), ttl: ttlAt(end) };
      const some = { mapping, events: JSON.stringify(events), receivedAt, undoneAt, ...listed };
      await this.#items.write(parts.change(name, { set: some, when }));
    }
  }

  /**
   * The parts of a mapping.
   *
   * @param from the place of a part, or a time as text
   */
  async *of(
    mapping: string,
    asked: { order: "ascending" | "descending"; from?: string | undefined; to?: string | undefined },
  ): AsyncGenerator<ReplayedPart> {
    const range = { lists: [ofMapping(mapping)], ...asked };
    let record: ReplayedRecord | null = null;
    for await (const { pk, item, at } of this.#items.list(range)) {
      const part = parts.readable(item);
      const [id = "", , number] = parts.id(pk).split(" ");
      if (record?.id !== id) record = await this.get(id);
      if (part === null || record === null) continue;
      const isUndone = part.undoneAt !== undefined;
      yield {
        name: parts.id(pk),
        place: at,
        record,
        events: part.events,
        isFirst: number === undefined || number === "0",
        isUndone,
      };
    }
  }

  /** The parts of a mapping that were made of reports received at a time (ms). */
  receivedAt(mapping: string, time: number): AsyncGenerator<ReplayedPart> {
    return this.of(mapping, { order: "ascending", from: timeText(time), to: `${timeText(time)}~` });
  }

  /** A record; null if no mapping has read it. */
  async get(id: string): Promise<ReplayedRecord | null> {
    const item = await this.#items.get(replayed.pk(id));
    return item === null ? null : readRecord(id, item);
  }

  /** Notes that a part is undone. */
  async undone({ name }: Pick<ReplayedPart, "name">): Promise<void> {
    await this.#items.write(parts.change(name, { set: { undoneAt: this.#clock() }, when: present() }));
  }

  /** Notes that a replay has begun. */
  async begin(name: string): Promise<void> {
    await this.#items.write({ pk: going, set: { [`r_${name}`]: this.#clock() } });
  }

  /** Notes that a replay has ended. Returns whether a mapping is undone, or was in the last 15 minutes. */
  async end(name: string): Promise<(mapping: MappingId) => boolean> {
    const { previous } = await this.#items.write({ pk: going, remove: [`r_${name}`] });
    return (mapping) => this.#isFresh(previous?.[`u_${mapping}`]);
  }

  /** Notes that a mapping is undone. */
  async beginUndo(mapping: MappingId): Promise<void> {
    const own = `u_${mapping}`;
    const row = (await this.#items.get(going)) ?? {};
    const old = Object.entries(row).filter(([name, at]) => /^[ru]_/.test(name) && name !== own && !this.#isFresh(at));
    await this.#items.write({ pk: going, set: { [own]: this.#clock() }, remove: old.map(([name]) => name) });
  }

  /** Whether a replay is going on that had begun before the undo of a mapping. */
  async isReplaying(mapping: MappingId): Promise<boolean> {
    const row = (await this.#items.get(going)) ?? {};
    const undoneAt = Number(row[`u_${mapping}`] ?? 0);
    return Object.entries(row).some(
      ([name, at]) => name.startsWith("r_") && Number(at) <= undoneAt && this.#isFresh(at),
    );
  }

  #isFresh(at: unknown): boolean {
    return typeof at === "number" && Math.abs(this.#clock() - at) < maxReplayMs;
  }
}

/** The records of a store that mappings have read, as far as that can be undone after a time (ms since 1970). */
export function* replaysIn(items: { withPrefix(prefix: string): Iterable<Item> }, now: number): Generator<NotedReplay> {
  for (const item of items.withPrefix(replayed.pk("qrt_"))) {
    const id = replayed.id(String(item["pk"]));
    const record = id.includes(" ") ? null : readRecord(id, item);
    if (record === null || endOf(item) <= now) continue;
    const rows = [item, ...items.withPrefix(parts.pk(`${id} `))];
    yield { ...record, until: endOf(item), parts: rows.flatMap(partIn).filter(({ until }) => until > now) };
  }
}

function partIn(item: Item): NotedPart[] {
  const part = parts.readable(item);
  if (part === null) return [];
  const [, , number = 0] = parts.id(String(item["pk"])).split(" ");
  const { mapping, events, undoneAt } = part;
  return [{ mapping, number: Number(number), events, isUndone: undoneAt !== undefined, until: endOf(item) }];
}

const endOf = ({ ttl }: Item) => Number(ttl) * secondMs;

function readRecord(id: string, item: Item): ReplayedRecord | null {
  const record = replayed.readable(item);
  if (record === null) return null;
  const { event, events: [first = null] = [], keptFor = null, ...facts } = record;
  return { ...facts, id, event: event ?? first, keptFor };
}
