import {
  actionId,
  type BoxStatus,
  type BytesOf,
  type Interpretation,
  interpret,
  monthOf,
  type Passing,
  requestedAction,
} from "@gatepost/protocol";
import { announce } from "../announce/announce.ts";
import type { Masking } from "../auth/mask.ts";
import { free } from "../decode/cut-pictures.ts";
import type { Part } from "../decode/decode.ts";
import { lifetimeOf } from "../lifetime.ts";
import type { Upsert, Written } from "../ports/event-index.ts";
import type { Ports } from "../ports/ports.ts";
import type { QuarantineRecord } from "../ports/quarantine.ts";
import { asJson, keptOfPart, withoutKeys } from "./kept.ts";
import { type Origin, type Quarantined, type QuarantineShares, quarantine } from "./quarantine.ts";

/**
 * What became of one report: an event, a quarantine record, or both; neither where it was a box status, or is kept with
 * its whole batch.
 */
export interface Outcome {
  event: { id: string; outcome: Written["outcome"] } | null;
  quarantined: Quarantined | null;
}

/** A part of a body that was understood, or not, and whose pictures are durable. */
interface Prepared {
  part: Part;
  masking: Masking;
  origin: Origin;
  understood: Interpretation;
  /** Why it is kept as it came, by itself; null where it is not. */
  keepFor: string | null;
}

/** Where the parts of a body come from, and what share of the quarantine they have. */
interface Batch {
  origin: Origin;
  shares: QuarantineShares;
}

/** Stores one part of a body as an event, as a box status or in quarantine. Once it resolves, the part is durable. */
export async function record(part: Part, batch: Batch, deps: Ports): Promise<Outcome> {
  return commit(await prepare(part, batch, deps), deps);
}

/**
 * Records the parts of one batch at the same time. Those that tell of one passing are written in the order in which the
 * batch lists them, whichever has its pictures stored sooner: of two that contradict each other the first is believed.
 */
export async function recordBatch(parts: readonly Part[], batch: Batch, deps: Ports): Promise<Outcome[]> {
  const prepared = await all(parts.map((part) => prepare(part, batch, deps)));
  const lastOf = new Map<string, Promise<Outcome>>();
  return all(
    prepared.map((one) => {
      if (!("passing" in one.understood)) return commit(one, deps);
      const { eventId } = one.understood.passing;
      const written = (lastOf.get(eventId) ?? Promise.resolve()).then(() => commit(one, deps));
      lastOf.set(eventId, written);
      return written;
    }),
  );
}

/** Waits for every one before it throws what failed: nothing may still be at work when a box has its answer. */
async function all<T>(started: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}

async function prepare(sent: Part, { origin: delivered, shares }: Batch, deps: Ports): Promise<Prepared> {
  const origin = sent.isOfBatch ? { ...delivered, headers: asJson(delivered.headers) } : delivered;
  const { part, masking, understood, release } = taken(sent, origin, deps);
  const reason = reasonToKeep(understood, part);
  // Said before anything is awaited: which parts are kept by themselves does not depend on a store's speed.
  const keepFor = reason !== null && shares.take() ? reason : null;
  if ("passing" in understood) {
    const month = monthOf(origin.receivedAt);
    const { pictures } = understood.passing;
    await all([...pictures].map(([kind, picture]) => deps.pictures.put(month, kind, picture)));
    release();
  }
  return { part, masking, origin, understood, keepFor };
}

/** Why a report is kept as it came, instead of what was understood of it or besides; null where it is not. */
function reasonToKeep(understood: Interpretation, part: Part): string | null {
  if ("unreadable" in understood) return understood.unreadable;
  return "passing" in understood ? (understood.passing.keepWhole ?? part.keep ?? null) : null;
}

async function commit(prepared: Prepared, deps: Ports): Promise<Outcome> {
  const { origin, understood } = prepared;
  if ("unreadable" in understood) return { event: null, quarantined: await keep(prepared, null, deps) };
  if ("boxStatus" in understood) return putBoxStatus(understood.boxStatus, origin, deps);
  const { passing } = understood;
  const { entry, written } = await index(passing, origin, deps);
  await announce(entry, written, deps);
  const quarantined = await keep(prepared, { id: entry.eventId, fingerprint: passing.fingerprint }, deps);
  return { event: { id: entry.eventId, outcome: written.outcome }, quarantined };
}

/** Keeps a report with its keys masked, where it is to be kept by itself. */
async function keep(
  { part, masking, origin, keepFor }: Prepared,
  event: QuarantineRecord["event"],
  deps: Ports,
): Promise<Quarantined | null> {
  if (keepFor === null) return null;
  const { bytes, headers } = keptOfPart(part, masking, origin.headers);
  return quarantine(bytes, keepFor, { ...origin, headers }, { event }, deps);
}

interface Taken extends Pick<Prepared, "part" | "masking" | "understood"> {
  /** Gives back the memory of its pictures, once they are stored. */
  release(): void;
}

/** A part without its keys, and what it means. Where pictures were cut out of it, nothing but pictures is missing. */
function taken(sent: Part, origin: Origin, deps: Ports): Taken {
  const { part, masking } = withoutKeys(sent);
  const { read, cut } = part;
  if (cut === undefined || "unreadable" in read)
    return { part, masking, understood: understand(read, origin, deps), release() {} };
  const found = new Map<string, Buffer<ArrayBuffer>>();
  const bytesOf = (text: string) => {
    const bytes = cut.find(text);
    if (bytes !== null) found.set(text, bytes);
    return bytes;
  };
  const understood = understand(read, origin, deps, bytesOf);
  const areTaken = "passing" in understood && cut.countIn(understood.passing.report) === 0;
  if (areTaken && cut.countIn(read.value) === found.size && reasonToKeep(understood, part) === null) {
    return { part, masking, understood, release: () => free(found.values()) };
  }
  const whole = { ...part, read: { ...read, value: cut.restored(read.value) } };
  const again = withoutKeys(whole);
  again.masking.count += masking.count;
  return { ...again, understood: understand(again.part.read, origin, deps), release() {} };
}

function understand(
  read: Part["read"],
  { box, path, receivedAt }: Origin,
  { settings }: Ports,
  bytesOf?: BytesOf,
): Interpretation {
  if ("unreadable" in read) return read;
  const route = path.slice(path.lastIndexOf("/") + 1);
  const { keepFeatures } = settings;
  return interpret(read.value, {
    box,
    route,
    receivedAt,
    keepFeatures,
    flags: read.flags,
    ...(bytesOf && { bytesOf }),
  });
}

async function putBoxStatus({ kind, report }: BoxStatus, { box, receivedAt }: Origin, deps: Ports): Promise<Outcome> {
  await deps.boxStatus.put({ box, kind, receivedAt, report });
  return { event: null, quarantined: null };
}

/**
 * Writes the event. On a conflict, where its identity has another face by a report of this kind, writes an event of its
 * own.
 */
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
