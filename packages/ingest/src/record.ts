import { actionId, interpret, monthOf, type Passing, wantedAction } from "@gatepost/protocol";
import { announce } from "./announce.ts";
import type { Part } from "./decode.ts";
import type { Ports, Upsert, Written } from "./ports.ts";
import { type Origin, type Quarantined, quarantine } from "./quarantine.ts";

/** What became of one report of a body: an event, a quarantine record, or both. */
export interface Outcome {
  event: { id: string; outcome: Written["outcome"] } | null;
  quarantined: Quarantined | null;
}

const millisecondsPerDay = 24 * 60 * 60 * 1000;

/** Takes one part of a report to its event or into quarantine. Once it resolves, what it was given is durable. */
export async function record(part: Part, origin: Origin, on: Ports): Promise<Outcome> {
  const { box, receivedAt } = origin;
  const route = origin.path.slice(origin.path.lastIndexOf("/") + 1);
  const understood = interpret(part.value, { box, route, receivedAt, keepFeatures: on.settings.keepFeatures });
  if ("unreadable" in understood) {
    return { event: null, quarantined: await quarantine(part.source(), understood.unreadable, origin, null, on) };
  }
  const { passing } = understood;
  const month = monthOf(receivedAt);
  await Promise.all([...passing.pictures].map(([kind, picture]) => on.pictures.put(month, kind, picture)));
  const { entry, written } = await index(passing, origin, on);
  await announce(entry, written, on);
  const event = { id: entry.eventId, outcome: written.outcome };
  if (passing.keepWhole === null) return { event, quarantined: null };
  const kept = { id: entry.eventId, signature: passing.signature };
  return { event, quarantined: await quarantine(part.source(), passing.keepWhole, origin, kept, on) };
}

/** Writes the event; where its identity holds another face by a report of this kind, an event of its own. */
async function index(passing: Passing, origin: Origin, on: Ports): Promise<{ entry: Upsert; written: Written }> {
  const entry = entryOf(passing, { eventId: origin.event?.id ?? passing.eventId, isTwin: false }, origin, on);
  const written = await on.index.upsert(entry);
  if (written.outcome !== "another-face") return { entry, written };
  const twin = entryOf(passing, { eventId: passing.twinId, isTwin: true }, origin, on);
  return { entry: twin, written: await on.index.upsert(twin) };
}

function entryOf(
  { report, signature }: Passing,
  { eventId, isTwin }: Pick<Upsert, "eventId" | "isTwin">,
  { box, receivedAt, event }: Origin,
  on: Ports,
): Upsert {
  const wanted = wantedAction(report);
  const at = new Date(receivedAt).toISOString();
  return {
    eventId,
    box,
    isTwin,
    report,
    signature,
    replaces: event?.signature ?? null,
    action: wanted && { id: actionId(eventId, wanted.wantAction), at, ...wanted },
    now: on.clock(),
    expiresAt: receivedAt + on.settings.retentionDays * millisecondsPerDay,
  };
}
