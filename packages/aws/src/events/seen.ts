import { parseStored } from "@gatepost/protocol";
import type { EventOfBox, SeenMarks } from "@gatepost/query";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, ttlOver } from "../dynamo/expiry.ts";
import type { Item } from "../dynamo/item.ts";

/*
 * That a person has seen an event is a row beside that of the event, with its ttl. An erasure of the event removes it,
 * and so does the sweep after it, for one that was written meanwhile.
 */

const prefix = "seen ";

export function seenRow(eventId: string): string {
  return `${prefix}${eventId}`;
}

const ofEvent = z.object({ box: z.string(), ttl: z.number() });
const row = z.object({ pk: z.string(), box: z.string() });

/** The seen event in a row, and its box; null where the row is of another kind. */
export function seenIn(item: Item): EventOfBox | null {
  if (!String(item["pk"]).startsWith(prefix)) return null;
  const { pk, box } = parseStored(row, item, String(item["pk"]));
  return { eventId: pk.slice(prefix.length), box };
}

export class DynamoSeenMarks implements SeenMarks {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async mark(eventId: string): Promise<boolean> {
    const event = eventId.startsWith("evt_") ? await this.#dynamo.get(eventId) : null;
    const now = this.#clock();
    if (event === null || isExpired(event, now)) return false;
    const { box, ttl } = parseStored(ofEvent, event, `event ${eventId}`);
    await this.#dynamo.update({
      pk: seenRow(eventId),
      set: { box, ttl, seenAt: now },
      // The event may have expired and come again.
      condition: "attribute_not_exists(#pk) OR #ttl <= :now",
      values: { now: ttlOver(now) },
    });
    return true;
  }

  async among(eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#dynamo.getAll(eventIds.map(seenRow));
    const live = [...rows].filter(([, row]) => !isExpired(row, this.#clock()));
    return new Set(live.map(([pk]) => pk.slice(prefix.length)));
  }
}
