import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/ingest";
import { type ApiPorts, type Change, changeBy, type LiveConfiguration, newsOf } from "@gatepost/query";
import { momentAt } from "../moments.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import { LiveMessages } from "./messages.ts";
import type { Sockets } from "./sockets.ts";

const atOnce = 50;

/** ms between two looks at the end of the feed, and after the handover until what was written before it can be read. */
const again = 500;
const settlesIn = 1500;

/** ms for which a reader is caught up with: API Gateway takes a message for lost after 29 s. */
const longest = 24_000;

export interface CatchUpPorts {
  connections: LiveConnections;
  sockets: Sockets;
  reads: Pick<ApiPorts, "events" | "feed" | "pictures">;
  log: Log;
  clock(): number;
}

/** Where a reader left off: the place at which the event was made that it has seen last, and when that was received. */
export interface Since {
  made: string;
  receivedAt: number;
}

interface Asked {
  configuration: LiveConfiguration;
  since: Since;
  /** From when on (ms) the push tells it. */
  until: number;
}

/** Finds where a reader left off; null where the event is not there any more. */
export async function findSince(eventId: string, { events, feed }: CatchUpPorts["reads"]): Promise<Since | null> {
  const [event, made] = await Promise.all([events.get(eventId), feed.madeAt(eventId)]);
  if (event === null || made === null) return null;
  return { made, receivedAt: Math.min(...event.reports.map(({ receivedAt }) => receivedAt)) };
}

/**
 * Sends a reader what has come since and up to the moment from which on the push tells it. Who is so far behind that this
 * takes too long is let go: it comes again with the last event that it has.
 */
export async function catchUp(connection: Connection, asked: Asked, on: CatchUpPorts): Promise<void> {
  const began = on.clock();
  const told = new Map<string, string>();
  for (let place = asked.since.made; ; ) {
    const now = on.clock();
    if (now > began + longest) {
      on.log.warn("a reader of the live feed is too far behind to be brought up to date at once");
      return letGo(connection, on);
    }
    const { items, next, isEnd } = await on.reads.feed.read(place, atOnce);
    for (const item of items.filter(({ event, changed }) => told.get(event.id) !== changed)) {
      told.set(item.event.id, item.changed);
      const text = await textOf(item, asked, on);
      if (text !== null && !(await on.sockets.send(connection.id, text))) return on.connections.remove(connection.id);
    }
    const current = await on.connections.find(connection.id);
    if (current?.version !== connection.version || (isEnd && now > asked.until + settlesIn)) return;
    if (isEnd) await pause(again);
    place = next;
  }
}

/** Ends a connection that would have a gap. */
export async function letGo({ id }: Connection, { connections, sockets }: CatchUpPorts): Promise<void> {
  await sockets.end(id);
  await connections.remove(id);
}

/** What a change is to the reader; null where it is nothing, or the push's business. */
async function textOf(
  { event, made, changed }: Change,
  { configuration, since, until }: Asked,
  { reads }: CatchUpPorts,
): Promise<string | null> {
  const handedOver = momentAt(until);
  const isNew = made > since.made;
  if (made > handedOver || (!isNew && changed > handedOver)) return null;
  const change = changeBy(event, (report) => isNew || report.receivedAt > since.receivedAt);
  const news = newsOf(change, configuration);
  return news && new LiveMessages(event, change.event, reads.pictures).as(configuration.form, news.isUpdate);
}
