import type { KeyStore } from "@gatepost/ingest";
import {
  boxesSeen,
  caughtUpMessage,
  errorMessage,
  type LiveConfiguration,
  limitedTo,
  readConfiguration,
} from "@gatepost/query";
import * as z from "zod";
import { sequenceAt, skewMs } from "../dynamo/monotonic-clock.ts";
import { type CatchUpPorts, catchUp } from "./catch-up.ts";
import type { Connection } from "./connections.ts";
import type { LiveCountsPublisher } from "./counts.ts";
import { disconnect } from "./disconnect.ts";
import { findGapResumePoint } from "./resume-point.ts";

const messageEvent = z.object({
  requestContext: z.object({ connectionId: z.string() }),
  body: z.string().default(""),
});

/**
 * ms until the publisher takes over from catching up. Every process that publishes finds the connection in the index
 * within 2 s, and what they do not publish until then has no later sequence than this, whosever clock gave it.
 */
const handoverMs = 2000 + skewMs;

export interface SubscriberPorts extends CatchUpPorts {
  keys: Pick<KeyStore, "find">;
  counts: LiveCountsPublisher;
}

/** Takes the configuration that a client sends: the handler of `$default`. */
export async function onMessage(event: unknown, deps: SubscriberPorts): Promise<{ statusCode: number }> {
  const { requestContext, body } = messageEvent.parse(event);
  const id = requestContext.connectionId;
  const connection = await deps.connections.find(id);
  const key = connection === null ? null : await deps.keys.find(connection.tokenHash);
  if (connection === null || key === null) {
    await deps.sockets.end(id);
    return { statusCode: 200 };
  }
  const read = readConfiguration(body);
  const seen = boxesSeen(key);
  const problem = "error" in read ? read.error : await configure(connection, { body, seen, asked: read }, deps);
  if (problem !== null) await deps.sockets.send(id, errorMessage(problem));
  else if (!("error" in read) && read.counts) await deps.counts.welcome(id, seen);
  return { statusCode: 200 };
}

/** Returns what is wrong with the configuration, or null. */
async function configure(
  { id, keyId }: Connection,
  { body, seen, asked }: { body: string; seen: readonly string[] | null; asked: LiveConfiguration },
  deps: SubscriberPorts,
): Promise<string | null> {
  if (asked.since === null) {
    const message = caughtUpMessage(asked);
    const isOpen = (await deps.connections.configure(id, body, { after: "", upTo: "" })) !== null;
    if (isOpen && message !== null) await deps.sockets.send(id, message);
    return null;
  }
  const since = await findGapResumePoint({ keyId, eventId: asked.since, seen }, deps);
  if (since === null) return "since: there is no such event, or it has expired; leave it out";
  const until = deps.clock() + handoverMs;
  const caughtUp = { after: since.from, upTo: sequenceAt(until) };
  const connection = await deps.connections.configure(id, body, caughtUp);
  if (connection === null) return null;
  try {
    await catchUp(connection, { configuration: limitedTo(seen, asked), since, until }, deps);
  } catch (cause) {
    deps.log.error("a reader of the live feed could not be brought up to date", { cause });
    await disconnect(connection.id, deps);
  }
  return null;
}
