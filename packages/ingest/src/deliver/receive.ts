import { setImmediate as nextTurn } from "node:timers/promises";
import type { Admission } from "../auth/authenticate.ts";
import { masked } from "../auth/mask.ts";
import { Body } from "../decode/body.ts";
import { type Decoded, decode, type Part, type Parts } from "../decode/decode.ts";
import { openBody } from "../decode/open.ts";
import type { ReceiverPorts } from "../ports/ports.ts";
import type { Held } from "../room.ts";
import { asJson, keptOfBody } from "./kept.ts";
import type { Outcome } from "./outcome.ts";
import { type Origin, QuarantineShares, quarantine } from "./quarantine.ts";
import { type Batch, recordBatch } from "./record.ts";
import type { BoxRequest } from "./request.ts";

/** How many reports of one batch are handled at the same time. */
const batchSize = 100;

/** Stores what a box delivered. Once it resolves, all of it is durable. */
export async function receive(
  request: Pick<BoxRequest, "headers" | "body">,
  { box, path }: Admission,
  deps: ReceiverPorts,
): Promise<Outcome[]> {
  const { headers, body } = request;
  return recordBody(
    body,
    { box, path: masked(`/${path.join("/")}`), headers, receivedAt: deps.clock(), event: null },
    deps,
  );
}

/** Records a body as events and quarantine records. Returns one outcome for each report in it. */
export async function recordBody(body: Body, origin: Origin, deps: ReceiverPorts): Promise<Outcome[]> {
  using held = deps.room.hold(origin.box);
  using suppressed = await deps.suppression.of(origin.box);
  return await recordDecoded(body, await read(body, origin, held), { origin, ...suppressed }, deps);
}

/** Reads a body. Throws 503 where there is no room for its unpacked bytes. */
export async function read(body: Body, { headers }: Pick<Origin, "headers">, held: Held): Promise<Decoded> {
  const opened = await openBody(body, headers["content-encoding"], held);
  return "unreadable" in opened ? opened : decode(opened, headers);
}

/** Where a body comes from, and which passings must not be stored. */
export type Delivered = Pick<Batch, "origin" | "erasures">;

/** Records what was read of a body. */
export async function recordDecoded(
  body: Body,
  decoded: Decoded,
  delivered: Delivered,
  deps: ReceiverPorts,
): Promise<Outcome[]> {
  const { origin } = delivered;
  if ("unreadable" in decoded) return [await recordWhole(body, decoded.unreadable, origin, deps)];
  const batch = { ...delivered, shares: new QuarantineShares() };
  const outcomes = await recordParts(body, decoded, batch, deps);
  if (!batch.shares.areSpent) return outcomes;
  return [...outcomes, await recordLeft(body, batch.shares.reason, batch, deps, outcomes)];
}

/**
 * Records the reports of a body. The body is also kept as a whole where it has more than its reports, and where an event
 * is stored in a way that cannot be read: a box that is told to try again repeats that report, and may send no other.
 */
export async function recordParts(
  body: Body,
  { parts, keep }: Parts,
  batch: Batch,
  deps: ReceiverPorts,
): Promise<Outcome[]> {
  const outcomes = await recordEach(parts, batch, deps);
  const broken = new Map(outcomes.flatMap(({ broken: one }) => (one ? [[one.eventId, one.cause]] : [])));
  // The rest of the body may be about a person who was erased, as one of its reports is.
  const isAboutErased = outcomes.some(({ isSuppressed }) => isSuppressed);
  for (const cause of broken.values()) {
    // A quarantine record of an event that is known stays as it is: with what it knows, it can be replayed later.
    if (isAboutErased || batch.origin.event !== null) throw cause;
    deps.log.error("an event is broken: mend it and replay what came for it, or erase it", { cause });
  }
  const reason = broken.size === 0 ? keep : "event-broken";
  if (reason === undefined || isAboutErased) return outcomes;
  return [...outcomes, await recordWhole(body, reason, batch.origin, deps, outcomes)];
}

/** Records a hundred reports at the same time. */
async function recordEach(parts: readonly Part[], batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let next = 0; next < parts.length; next += batchSize) {
    const taken = parts.slice(next, next + batchSize);
    outcomes.push(...(await recordBatch(taken, batch, deps)));
    // Where none of them had to be stored, nothing was awaited, and other requests have had no turn.
    if (next + batchSize < parts.length) await nextTurn();
  }
  return outcomes;
}

/** Keeps a batch as a whole. Where passings in it were erased, keeps only the parts that are not kept by themselves. */
export async function recordLeft(
  body: Body,
  reason: string,
  { origin, shares }: Batch,
  deps: ReceiverPorts,
  outcomes: readonly Outcome[],
): Promise<Outcome> {
  if (!outcomes.some(({ isSuppressed }) => isSuppressed)) return recordWhole(body, reason, origin, deps, outcomes);
  const rest = { ...origin, headers: asJson(origin.headers) };
  return recordWhole(new Body(shares.rest), reason, rest, deps, outcomes);
}

/** @param others what became of its reports so far */
export async function recordWhole(
  body: Body,
  reason: string,
  origin: Origin,
  deps: ReceiverPorts,
  others: readonly Outcome[] = [],
): Promise<Outcome> {
  const { bytes, headers } = await keptOfBody(body, reason, origin, deps);
  const events = new Set(others.flatMap(({ event, broken }) => event?.id ?? broken?.eventId ?? []));
  const of = { event: null, ...(events.size === 0 ? {} : { eventsOfBatch: [...events] }) };
  const quarantined = await quarantine(bytes, reason, { ...origin, headers }, of, deps);
  return { event: null, quarantined, isWholeBody: true };
}
