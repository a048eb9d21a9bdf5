import {
  actionId,
  type Interpretation,
  interpret,
  monthOf,
  type Notice,
  type Passing,
  wantedAction,
} from "@gatepost/protocol";
import { announce } from "../announce/announce.ts";
import type { Part } from "../decode/decode.ts";
import { lifetimeOf } from "../lifetime.ts";
import type { Ports, Upsert, Written } from "../ports/ports.ts";
import { type Origin, type Quarantined, quarantine } from "./quarantine.ts";

/** What became of one report of a body: an event, a quarantine record, or both. Neither where it was a notice, which is kept for the box's health. */
export interface Outcome {
  event: { id: string; outcome: Written["outcome"] } | null;
  quarantined: Quarantined | null;
}

/** Takes one part of a report to its event, to the box's health or into quarantine. Once it resolves, what it was given is durable. */
export async function record(part: Part, delivered: Origin, on: Ports): Promise<Outcome> {
  const origin = part.isOfBatch ? { ...delivered, headers: asJson(delivered.headers) } : delivered;
  const understood = understand(part.read, origin, on);
  if ("unreadable" in understood) {
    return { event: null, quarantined: await quarantine(part.source(), understood.unreadable, origin, null, on) };
  }
  if ("notice" in understood) return keepNotice(understood.notice, { part, origin }, on);
  const { passing } = understood;
  const { entry, written } = await store(passing, origin, on);
  const event = { id: entry.eventId, outcome: written.outcome };
  if (passing.keepWhole === null) return { event, quarantined: null };
  const kept = { id: entry.eventId, signature: passing.signature };
  return { event, quarantined: await quarantine(part.source(), passing.keepWhole, origin, kept, on) };
}

function understand(read: Part["read"], { box, path, receivedAt }: Origin, { settings }: Ports): Interpretation {
  if ("unreadable" in read) return read;
  const route = path.slice(path.lastIndexOf("/") + 1);
  const { keepFeatures } = settings;
  return interpret(read.value, { box, route, receivedAt, keepFeatures, flags: read.flags });
}

async function store(passing: Passing, origin: Origin, on: Ports): Promise<{ entry: Upsert; written: Written }> {
  const month = monthOf(origin.receivedAt);
  await Promise.all([...passing.pictures].map(([kind, picture]) => on.pictures.put(month, kind, picture)));
  const indexed = await index(passing, origin, on);
  await announce(indexed.entry, indexed.written, on);
  return indexed;
}

/** Where nobody keeps the health of boxes, a notice is kept as what cannot be understood. */
async function keepNotice(
  { kind, report }: Notice,
  { part, origin }: { part: Part; origin: Origin },
  on: Ports,
): Promise<Outcome> {
  if (on.health === undefined) {
    return { event: null, quarantined: await quarantine(part.source(), `notice:${kind}`, origin, null, on) };
  }
  await on.health.keep({ box: origin.box, kind, receivedAt: origin.receivedAt, report });
  return { event: null, quarantined: null };
}

/** The headers of one report of a batch: it is kept as JSON, however the batch was wrapped. */
function asJson({ "content-encoding": _, "content-length": __, ...headers }: Origin["headers"]): Origin["headers"] {
  return { ...headers, "content-type": "application/json" };
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
    expiresAt: receivedAt + lifetimeOf(on.settings),
  };
}
