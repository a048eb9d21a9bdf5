import { createHash } from "node:crypto";
import type { Viewers } from "@gatepost/core/accounts";
import { boxesSeen } from "@gatepost/core/keys";
import {
  caughtUpMessage,
  errorMessage,
  isPing,
  type LiveConfiguration,
  limitedTo,
  noResumePoint,
  pongMessage,
  readConfiguration,
} from "@gatepost/core/live";
import * as z from "zod";
import { skewMs } from "../dynamo/monotonic-clock.ts";
import { type CatchUpPorts, catchUp } from "./catch-up.ts";
import { type Connection, isAbandoned } from "./connections.ts";
import type { LiveCountsPublisher } from "./counts.ts";
import { findGapResumePoint } from "./resume-point.ts";
import { disconnect } from "./sockets.ts";

const messageEvent = z.object({
  requestContext: z.object({ connectionId: z.string() }),
  body: z.string().default(""),
});

export interface SubscriberPorts extends CatchUpPorts {
  viewers: Pick<Viewers, "find">;
  counts: LiveCountsPublisher;
}

/**
 * Handles the configuration that a client sends: the handler of `$default`. If that fails, the client is disconnected
 * and returns: otherwise it would stay connected, have its pings answered, and receive no event. A client sends a ping
 * again anyway.
 */
export async function onMessage(event: unknown, deps: SubscriberPorts): Promise<{ statusCode: number }> {
  const { requestContext, body } = messageEvent.parse(event);
  const id = requestContext.connectionId;
  try {
    await answer(id, body, deps);
  } catch (cause) {
    if (!isPing(body)) await disconnectOrSay(id, deps);
    throw cause;
  }
  return { statusCode: 200 };
}

async function answer(id: string, body: string, deps: SubscriberPorts): Promise<void> {
  const connection = await deps.connections.find(id);
  const viewer = connection === null ? null : await deps.viewers.find(connection.tokenHash);
  if (connection === null || viewer === null) return disconnect(id, deps);
  if (isPing(body)) {
    // The publisher would notice an abandoned one only with the next event, which may be hours away.
    if (isAbandoned(connection, deps.clock())) await disconnect(id, deps);
    else await deps.sockets.send(id, pongMessage);
    return;
  }
  const read = readConfiguration(body);
  const seen = boxesSeen(viewer);
  const problem = "error" in read ? read.error : await configure(connection, { body, seen, asked: read }, deps);
  if (problem !== null) await deps.sockets.send(id, errorMessage(problem));
  else if (!("error" in read) && read.counts) await deps.counts.welcome(id, seen);
}

/** A failure here is only logged, because the caller throws the first failure. */
async function disconnectOrSay(id: string, deps: SubscriberPorts): Promise<void> {
  try {
    await disconnect(id, deps);
  } catch (cause) {
    deps.log.warn("could not disconnect live-feed subscriber", { cause });
  }
}

/** Returns the fault of the configuration; null if there is none. */
async function configure(
  { id, keyId }: Connection,
  { body, seen, asked }: { body: string; seen: readonly string[] | null; asked: LiveConfiguration },
  deps: SubscriberPorts,
): Promise<string | null> {
  if (asked.since === null) {
    await listen(id, { body, asked }, deps);
    return null;
  }
  const [configuration, at] = [limitedTo(seen, asked), deps.clock()];
  const resuming = { keyId, since: asked.since, asked: digestOf({ ...configuration, since: null }) };
  const since = await findGapResumePoint({ ...resuming, seen }, deps);
  if (since === null) return noResumePoint;
  const connection = await deps.connections.configure(id, body, since.from);
  if (connection === null) return null;
  try {
    await catchUp(connection, { configuration, since, at }, deps);
  } catch (cause) {
    deps.log.error("could not bring live-feed subscriber up to date", { cause });
    await disconnect(connection.id, deps);
  }
  return null;
}

/**
 * Lets the publisher send it new events from now on. While the index of connections hides it, only some processes find
 * it, and it may get an event and not the next one. So it is disconnected then, and the time of possible gaps is noted.
 */
async function listen(
  id: string,
  { body, asked }: { body: string; asked: LiveConfiguration },
  deps: SubscriberPorts,
): Promise<void> {
  const { connections, sockets, gaps, log, clock } = deps;
  const now = clock();
  const connection = await connections.configure(id, body, null);
  if (connection === null) return;
  const shown = await connections.waitUntilListed(connection, now);
  if (shown === "hidden") {
    log.warn("live-feed subscriber not in the index of connections yet, disconnected");
    await gaps.note(now - skewMs);
    await disconnect(id, deps);
  }
  const message = caughtUpMessage(asked);
  if (shown === "listed" && message !== null) await sockets.send(id, message);
}

function digestOf(configuration: LiveConfiguration): string {
  const text = JSON.stringify(configuration, (_, value: unknown) => (value instanceof Set ? [...value] : value));
  return createHash("sha256").update(text).digest("hex");
}
