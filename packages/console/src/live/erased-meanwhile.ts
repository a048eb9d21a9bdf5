import type { Event } from "@gatepost/client";
import { answeredOf, isGone } from "../state/erased.ts";
import { readPages } from "../state/read-pages.ts";
import { gatepost } from "../state/session.ts";
import { recent } from "./arrivals.ts";
import { eventsAndSeen } from "./events-and-seen.ts";
import { standing } from "./standing.ts";

/** Events that are asked for at most: a few more than Live shows. */
const most = 600;
const pageSize = 200;

/**
 * Takes off what was erased while there was no connection: nobody was told of it. Each event that the list has no more
 * is asked for by itself, as it may be missing there for another reason.
 */
export async function forgetErasedMeanwhile(): Promise<void> {
  const shown = [...recent.peek(), ...standing.peek()];
  const oldest = Math.min(...recent.peek().map(({ timestamp }) => timestamp));
  if (!Number.isFinite(oldest)) return;
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
  const missing = shown.filter(({ id, timestamp }) => timestamp >= reached && !there.has(id));
  for (const { id } of missing) {
    await answeredOf(id, gatepost().ask("GET /v1/events/{id}", { path: { id } })).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }
}
