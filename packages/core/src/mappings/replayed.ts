import { dayMs, type MappingId, storedJson } from "@gatepost/protocol";
import { absent, any, type Item, type Items, type List, listOf, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { QuarantineRecord } from "../quarantine/ports.ts";
import { RecordKind } from "../records/record-kind.ts";

/** ms for which the replay of a record by a mapping can be undone. */
export const undoableMs = 7 * dayMs;

/** `replayed qrt_ID`: a record that a mapping has read in a replay. */
const replayed = new RecordKind(
  "replayed ",
  z.object({
    mapping: z.string(),
    events: storedJson(z.array(z.string())),
    receivedAt: z.int(),
    reason: z.string(),
    keptFor: z.optional(z.string()),
    undoneAt: z.optional(z.int()),
  }),
);

const ofMapping = (mapping: string): List => ({ index: "byBox", name: listOf("replayed", mapping) });

/** A record of quarantine from which a mapping has made events in a replay. */
export interface ReplayedRecord extends Pick<QuarantineRecord, "id" | "receivedAt"> {
  events: readonly string[];
  /** Why it was kept before. */
  reason: string;
  /** Why it is still kept; null if it was set aside. */
  keptFor: string | null;
  isUndone: boolean;
}

/** The records from which mappings have made events in replays of the last seven days. */
export class ReplayedRecords {
  readonly #items: Items;
  readonly #clock: () => number;

  constructor(items: Items, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /** Notes a record. If it is noted already, its first reason stays. */
  async note(
    mapping: MappingId,
    { id, events, receivedAt, reason, keptFor }: Omit<ReplayedRecord, "isUndone">,
  ): Promise<void> {
    const set = { mapping, events: JSON.stringify(events), receivedAt, ...(keptFor !== null && { keptFor }) };
    const listed = {
      byBox: ofMapping(mapping).name,
      at: placeAt(receivedAt, id),
      ttl: ttlAt(this.#clock() + undoableMs),
    };
    await this.#items.write(
      replayed.change(id, {
        set: { ...set, ...listed },
        setIfAbsent: { reason },
        remove: ["undoneAt", ...(keptFor === null ? ["keptFor" as const] : [])],
        when: any(absent(), present()),
      }),
    );
  }

  /** The records of a mapping. */
  async *of(mapping: MappingId, order: "ascending" | "descending"): AsyncGenerator<ReplayedRecord> {
    for await (const { pk, item } of this.#items.list({ lists: [ofMapping(mapping)], order })) {
      const record = readRecord(replayed.id(pk), item);
      if (record !== null) yield record;
    }
  }

  /** A record; null if no mapping has read it. */
  async get(id: string): Promise<ReplayedRecord | null> {
    const item = await this.#items.get(replayed.pk(id));
    return item === null ? null : readRecord(id, item);
  }

  /** Notes that the replay of a record is undone. */
  async undone(id: string): Promise<void> {
    await this.#items.write(replayed.change(id, { set: { undoneAt: this.#clock() }, when: present() }));
  }
}

function readRecord(id: string, item: Item): ReplayedRecord | null {
  const record = replayed.readable(item);
  if (record === null) return null;
  const { events, receivedAt, reason, keptFor = null, undoneAt } = record;
  return { id, events, receivedAt, reason, keptFor, isUndone: undoneAt !== undefined };
}
