import type { Event } from "@gatepost/client";
import { results } from "../events/results.ts";
import { askWhetherGone } from "../state/erased.ts";
import { readPages } from "../state/read-pages.ts";
import { address } from "../state/route.ts";
import { recent } from "./arrivals.ts";
import { eventsAndSeen } from "./events-and-seen.ts";

/** Events that are asked for at most: a few more than Live shows. */
const most = 600;
const pageSize = 200;

/**
 * Takes off what was erased while there was no connection: nobody was told of it. Each event that the list has no more
 * is asked for by itself, as it may be missing there for another reason, and so is the one whose page is open, however
 * old it is. `fillStanding` does the same for those who stand out.
 */
export async function forgetErasedMeanwhile(): Promise<void> {
  const { page, id } = address.peek();
  if (page === "event" && id !== null) await askWhetherGone([{ id }]);
  const shown = [...recent.peek(), ...results.peek().events];
  if (shown.length === 0) return;
  const oldest = Math.min(...shown.map(({ timestamp }) => timestamp));
  const since = new Date(oldest - 1).toISOString();
  const { items, isWhole } = await readPages<Event>(
    (read) => read.length >= most,
    async (from) => {
      const { events, next } = await eventsAndSeen({ from: since, limit: pageSize, ...from });
      return { items: events, next };
    },
  );
  const there = new Set(items.map(({ id }) => id));
  const reached = isWhole ? oldest : (items.at(-1)?.timestamp ?? Number.POSITIVE_INFINITY);
  await askWhetherGone(shown.filter(({ id, timestamp }) => timestamp >= reached && !there.has(id)));
}
