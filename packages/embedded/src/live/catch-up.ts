import type { LiveConfiguration } from "@gatepost/query";
import { type ApiPorts, type Change, changeBy, notificationFor } from "@gatepost/query";
import { Messages } from "./messages.ts";
import type { Subscriber } from "./subscriber.ts";

type Reads = Pick<ApiPorts, "events" | "feed" | "pictures">;

const pageSize = 50;

/** Where a reader left off. */
export interface ResumePoint {
  /** The place at which the event was made that it has seen last, and when that was received, ms. */
  made: string;
  receivedAt: number;
}

/** Finds where a reader left off; null where the event is not there any more. */
export async function findResumePoint(eventId: string, { events, feed }: Reads): Promise<ResumePoint | null> {
  const [event, made] = [await events.get(eventId), await feed.madeAt(eventId)];
  if (event === null || made === null) return null;
  return { made, receivedAt: Math.min(...event.reports.map((report) => report.receivedAt)) };
}

/**
 * Sends a reader what has come since, at its own pace. Returns the place up to which it did, once nothing is left, or
 * null where the reader went away or asked for something else.
 *
 * @param latest the place of the latest change that others were told of
 */
export async function catchUp(
  connection: Subscriber,
  configuration: LiveConfiguration,
  { since, reads, latest }: { since: ResumePoint; reads: Reads; latest: () => string },
): Promise<string | null> {
  const isAsked = () => connection.isOpen && connection.configuration === configuration;
  for (let cursor = since.made; ; ) {
    const { items, next, isEnd } = await reads.feed.read(cursor, pageSize);
    if (!isAsked()) return null;
    if (items.length === 0 && isEnd && latest() <= next) return next;
    for (const item of items) {
      await tell(connection, configuration, { item, since, reads });
      await connection.sendQueue.room();
      if (!isAsked()) return null;
    }
    cursor = next;
  }
}

async function tell(
  connection: Subscriber,
  configuration: LiveConfiguration,
  { item, since, reads }: { item: Change; since: ResumePoint; reads: Reads },
): Promise<void> {
  const isNew = item.made > since.made;
  const change = changeBy(item.event, (report) => isNew || report.receivedAt > since.receivedAt);
  const notification = notificationFor(change, configuration);
  if (notification === null) return;
  const messages = new Messages(item.event, change.event, reads.pictures);
  connection.sendQueue.send(await messages.as(configuration.form, notification.isUpdate));
}
