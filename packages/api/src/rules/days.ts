import { type CardWithHours, hasHours } from "@gatepost/core/cards";
import type { EventFilter } from "@gatepost/core/events";
import type { Rules } from "@gatepost/core/rules";
import { dayMs, instant, merge, omitAbsent, type StoredEvent } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import type { AskedPattern } from "./asked.ts";

/** Events that are counted by a filter, and that are looked at one by one, at most. */
const maxCounted = 100_000;
const maxTried = 5000;
const pageSize = 250;

/** How many events of some days a rule matches. */
export interface MatchedDays {
  /** Null if the rule is not about events. */
  matched: number | null;
  /** The beginning of the time in which they were counted, ISO. */
  since: string;
  /** Whether that is all of the days: there may be too many events. */
  isWhole: boolean;
}

type Ports = Pick<ApiPorts, "events" | "boxes" | "clock">;

/**
 * Counts the events of the last days that a pattern matches. A card without hours is counted by the filter of events
 * that says the same; else the newest events are tried, until too many were looked at.
 */
export async function toldInDays(
  { pattern, card }: AskedPattern,
  days: number,
  rules: Rules,
  deps: Ports,
): Promise<MatchedDays> {
  rules.warningOf(pattern);
  const from = deps.clock() - days * dayMs;
  const since = instant(from);
  if (card !== null && !("from" in card)) return { matched: null, since, isWhole: true };
  const filter = card === null ? { from } : await filterOf(card, from, deps);
  if (filter === null) return { matched: 0, since, isWhole: true };
  if (card !== null && !hasHours(card)) {
    const { count, isExact } = await deps.events.count(filter, maxCounted);
    return { matched: count, since, isWhole: isExact };
  }
  return tried(pattern, filter, { rules, since, ...deps });
}

async function tried(
  pattern: unknown,
  filter: EventFilter,
  { rules, since, events }: Pick<Ports, "events"> & { rules: Rules; since: string },
): Promise<MatchedDays> {
  let [matched, looked, oldest] = [0, 0, since];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof events.list>> = await events.list(filter, { limit: pageSize, cursor });
    matched += await rules.countMatching(pattern, page.items);
    looked += page.items.length;
    oldest = timeOfLast(page.items) ?? oldest;
    cursor = page.next;
  } while (cursor !== null && looked < maxTried);
  return { matched, since: cursor === null ? since : oldest, isWhole: cursor === null };
}

function timeOfLast(events: readonly StoredEvent[]): string | null {
  const last = events.at(-1);
  return last === undefined ? null : merge(last).time;
}

/** The filter of events that finds what a card matches, at any hour; null if no event can meet it. */
async function filterOf(
  card: CardWithHours,
  from: number,
  { boxes }: Pick<Ports, "boxes">,
): Promise<EventFilter | null> {
  const { gates } = card;
  const box = gates === null ? null : "site" in gates ? await boxes.reader.boxesOf(gates.site) : [gates.box];
  if (box?.length === 0) return null;
  return {
    from,
    ...omitAbsent({ box, device: gates !== null && "device" in gates ? gates.device : null }),
    ...(card.kind === "blacklist" && { type: card.kind }),
    ...(card.kind === "strangers" && { type: "stranger" }),
    ...(card.kind === "person" && { person: card.who }),
    ...(card.kind === "requests" && { action: card.wants }),
  };
}
