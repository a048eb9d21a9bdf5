import type { Log } from "@gatepost/core/log";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { forEachLimit } from "../dynamo/groups.ts";
import { skewMs } from "../dynamo/monotonic-clock.ts";
import type { LiveConnections } from "./connections.ts";
import type { DeliveryGaps } from "./delivery-gaps.ts";
import { disconnect, type Sockets } from "./sockets.ts";

/**
 * What Lambda puts into the queue when it gives up a batch: the position of the batch in the stream, without its
 * events.
 */
const givenUp = z.object({
  DDBStreamBatchInfo: z.object({ approximateArrivalOfFirstRecord: z.iso.datetime({ offset: true }) }),
});

const queueEvent = z.object({ Records: z.array(z.object({ body: z.string() })).min(1) });

/**
 * ms by which the sequence of an event may be earlier than its arrival in the stream: a write with its retries,
 * rounding in the stream, and the difference between two clocks.
 */
const earlier = 5000 + skewMs;

export interface ResetPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: DeliveryGaps;
  log: Log;
}

/**
 * Disconnects all clients when the stream has given up a batch, which the publisher then never sends: the handler of
 * the queue. The gap is noted first. So a client that reconnects gets the missing events, even if its last event was
 * made after the gap. Throws if a client could not be disconnected: then all of it is repeated. Messages of other
 * senders are dropped: otherwise they would hold up their whole batch for as long as the queue keeps them.
 */
export async function disconnectAll(event: unknown, deps: ResetPorts): Promise<void> {
  const arrivals = queueEvent.parse(event).Records.flatMap(({ body }) => arrivalIn(body, deps) ?? []);
  if (arrivals.length === 0) return;
  await deps.gaps.note(Math.min(...arrivals) - earlier);
  const ids = await deps.connections.ids();
  deps.log.warn("the stream gave up a batch: all subscribers of the live feed are disconnected", {
    subscribers: ids.length,
  });
  const failures: unknown[] = [];
  await forEachLimit(ids, (id) => disconnect(id, deps).catch((reason: unknown) => void failures.push(reason)));
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} subscribers could not be disconnected`);
}

/** Null if another sender wrote the message. */
function arrivalIn(body: string, { log }: Pick<ResetPorts, "log">): number | null {
  const read = givenUp.safeParse(jsonIn(body));
  if (read.success) return Date.parse(read.data.DDBStreamBatchInfo.approximateArrivalOfFirstRecord);
  log.error("invalid message in queue LiveUntold, dropped", { cause: read.error });
  return null;
}
