import type { KeyStore } from "@gatepost/ingest";
import { type LiveConfiguration, readConfiguration } from "@gatepost/query";
import * as z from "zod";
import { momentAt } from "../dynamo/monotonic-clock.ts";
import { type CatchUpPorts, catchUp } from "./catch-up.ts";
import type { Connection } from "./connections.ts";
import { letGo } from "./disconnect.ts";
import { findSince } from "./resume-point.ts";

const messageEvent = z.object({
  requestContext: z.object({ connectionId: z.string() }),
  body: z.string().default(""),
});

/**
 * ms until the push takes over from whoever catches up: by then each process that pushes finds the connection in the
 * index.
 */
const handover = 2000;

export interface ReaderPorts extends CatchUpPorts {
  keys: KeyStore;
}

/** Takes what a reader asks for: the handler of `$default`. */
export async function hearReader(event: unknown, on: ReaderPorts): Promise<{ statusCode: number }> {
  const { requestContext, body } = messageEvent.parse(event);
  const id = requestContext.connectionId;
  const connection = await on.connections.find(id);
  if (connection === null || (await on.keys.find(connection.tokenHash)) === null) {
    await on.sockets.end(id);
    return { statusCode: 200 };
  }
  const read = readConfiguration(body);
  const problem = "error" in read ? read.error : await configure(connection, { body, asked: read }, on);
  if (problem !== null) await on.sockets.send(id, JSON.stringify({ error: { status: 400, message: problem } }));
  return { statusCode: 200 };
}

/** Returns what is wrong, or null. */
async function configure(
  { id, keyId }: Connection,
  { body, asked }: { body: string; asked: LiveConfiguration },
  on: ReaderPorts,
): Promise<string | null> {
  if (asked.since === null) {
    await on.connections.configure(id, body, { after: "", upTo: "" });
    return null;
  }
  const since = await findSince({ keyId, eventId: asked.since }, on);
  if (since === null) return "since: there is no such event, or it has expired; leave it out";
  const until = on.clock() + handover;
  const caughtUp = { after: momentAt(since.from), upTo: momentAt(until) };
  const connection = await on.connections.configure(id, body, caughtUp);
  if (connection === null) return null;
  try {
    await catchUp(connection, { configuration: asked, since, until }, on);
  } catch (cause) {
    on.log.error("a reader of the live feed could not be brought up to date", { cause });
    await letGo(connection.id, on);
  }
  return null;
}
