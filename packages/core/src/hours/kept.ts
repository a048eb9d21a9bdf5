import { dayMs } from "@gatepost/protocol";
import { type Item, type Items, present, ttlAt } from "@gatepost/store";
import { listOfPeople } from "../people/settings.ts";
import { dayNumber } from "./schedule.ts";

/** When a record about a day expires (s since 1970): some days after it, in every zone. */
export function expiryOfDay(day: string, keptDays: number): number {
  return ttlAt((dayNumber(day) + 2 + keptDays) * dayMs);
}

interface KeptDays {
  days: number;
  /** The last day that a record is about; null if it is not meant. */
  lastDayOf(pk: string, item: Item): string | null;
}

/** Keeps stored records for so many days after their last days. A repeat changes nothing. */
export async function keepFor({ days, lastDayOf }: KeptDays, items: Pick<Items, "list" | "write">): Promise<void> {
  for await (const { pk, item } of items.list({ lists: [listOfPeople], order: "ascending" })) {
    const last = lastDayOf(pk, item);
    const ttl = last === null ? null : expiryOfDay(last, days);
    if (ttl !== null && item["ttl"] !== ttl) await items.write({ pk, set: { ttl }, when: present() });
  }
}
