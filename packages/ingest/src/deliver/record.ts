import {
  actionId,
  type BoxStatus,
  type Interpretation,
  interpret,
  monthOf,
  type Passing,
  requestedAction,
} from "@gatepost/protocol";
import { announce } from "../announce/announce.ts";
import type { Part } from "../decode/decode.ts";
import { lifetimeOf } from "../lifetime.ts";
import type { Upsert, Written } from "../ports/event-index.ts";
import type { Ports } from "../ports/ports.ts";
import { type Origin, type Quarantined, quarantine } from "./quarantine.ts";

/** What became of one report of a body: an event, a quarantine record, or both. Neither where it was a notice, which is kept for the box's health. */
export interface Outcome {
  event: { id: string; outcome: Written["outcome"] } | null;
  quarantined: Quarantined | null;
}

/** Takes one part of a report to its event, to the box's health or into quarantine. Once it resolves, what it was given is durable. */
export async function record(part: Part, delivered: Origin, deps: Ports): Promise<Outcome> {
  const origin = part.isOfBatch ? { ...delivered, headers: asJson(delivered.headers) } : delivered;
  const understood = understand(part.read, origin, deps);
  if ("unreadable" in understood) {
    return { event: null, quarantined: await quarantine(part.source(), understood.unreadable, origin, null, deps) };
  }
  if ("boxStatus" in understood) return putBoxStatus(understood.boxStatus, { part, origin }, deps);
  const { passing } = understood;
  const { entry, written } = await store(passing, origin, deps);
  const event = { id: entry.eventId, outcome: written.outcome };
  if (passing.keepWhole === null) return { event, quarantined: null };
  const kept = { id: entry.eventId, fingerprint: passing.fingerprint };
  return { event, quarantined: await quarantine(part.source(), passing.keepWhole, origin, kept, deps) };
}

function understand(read: Part["read"], { box, path, receivedAt }: Origin, { settings }: Ports): Interpretation {
  if ("unreadable" in read) return read;
  const route = path.slice(path.lastIndexOf("/") + 1);
  const { keepFeatures } = settings;
  return interpret(read.value, { box, route, receivedAt, keepFeatures, flags: read.flags });
}

async function store(passing: Passing, origin: Origin, deps: Ports): Promise<{ entry: Upsert; written: Written }> {
  const month = monthOf(origin.receivedAt);
  await Promise.all([...passing.pictures].map(([kind, picture]) => deps.pictures.put(month, kind, picture)));
  const indexed = await index(passing, origin, deps);
  await announce(indexed.entry, indexed.written, deps);
  return indexed;
}

/** Where nobody keeps the health of boxes, a notice is kept as what cannot be understood. */
async function putBoxStatus(
  { kind, report }: BoxStatus,
  { part, origin }: { part: Part; origin: Origin },
  deps: Ports,
): Promise<Outcome> {
  if (deps.boxStatus === undefined) {
    return { event: null, quarantined: await quarantine(part.source(), `notice:${kind}`, origin, null, deps) };
  }
  await deps.boxStatus.put({ box: origin.box, kind, receivedAt: origin.receivedAt, report });
  return { event: null, quarantined: null };
}

/** The headers of one report of a batch: it is kept as JSON, however the batch was wrapped. */
function asJson({ "content-encoding": _, "content-length": __, ...headers }: Origin["headers"]): Origin["headers"] {
  return { ...headers, "content-type": "application/json" };
}

/** Writes the event; where its identity holds another face by a report of this kind, an event of its own. */
async function index(passing: Passing, origin: Origin, deps: Ports): Promise<{ entry: Upsert; written: Written }> {
  const entry = entryOf(passing, { eventId: origin.event?.id ?? passing.eventId, isSecondFace: false }, origin, deps);
  const written = await deps.index.upsert(entry);
  if (written.outcome !== "conflict") return { entry, written };
  const twin = entryOf(passing, { eventId: passing.twinId, isSecondFace: true }, origin, deps);
  return { entry: twin, written: await deps.index.upsert(twin) };
}

function entryOf(
  { report, fingerprint }: Passing,
  { eventId, isSecondFace }: Pick<Upsert, "eventId" | "isSecondFace">,
  { box, receivedAt, event }: Origin,
  deps: Ports,
): Upsert {
  const wanted = requestedAction(report);
  const at = new Date(receivedAt).toISOString();
  return {
    eventId,
    box,
    isSecondFace,
    report,
    fingerprint,
    replaces: event?.fingerprint ?? null,
    action: wanted && { id: actionId(eventId, wanted.wantAction), at, ...wanted },
    now: deps.clock(),
    expiresAt: receivedAt + lifetimeOf(deps.settings),
  };
}
