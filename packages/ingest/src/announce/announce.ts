import { actionRequested, type BusEntry, eventRecorded, type PictureKind } from "@gatepost/protocol";
import type { EnqueuedAction } from "../ports/action-outbox.ts";
import type { Upsert, Written } from "../ports/event-index.ts";
import type { Ports } from "../ports/ports.ts";

/** ms that the bus may keep a report waiting. */
const inlineTimeoutMs = 1000;

/**
 * Announces what a write enqueued, and what it made where the deployment asks for that. Never throws: an action that could
 * not be announced stays pending, and the sweep takes it.
 */
export async function announce({ action }: Upsert, { outcome, enqueued, event }: Written, deps: Ports): Promise<void> {
  if (event === null) return;
  const announcements: Promise<void>[] = [];
  if (enqueued && action?.state === "pending") announcements.push(announceAction({ action, event }, deps));
  if (outcome === "created" && deps.settings.announceEvents) {
    announcements.push(put(eventRecorded(event, addressOf(deps)), deps));
  }
  for (const result of await Promise.allSettled(announcements)) {
    if (result.status === "rejected") deps.log.warn("not announced", { cause: result.reason, event: event.id });
  }
}

/** Puts one action on the bus and notes that it was. Whoever fails between the two announces it again. */
export async function announceAction({ action, event }: EnqueuedAction, deps: Ports): Promise<void> {
  await put(actionRequested(event, action, addressOf(deps)), deps);
  await deps.actions.markAnnounced(action.id);
}

async function put(entry: BusEntry, { bus }: Ports): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`the bus took longer than ${inlineTimeoutMs} ms`)),
    inlineTimeoutMs,
  );
  try {
    await Promise.race([bus.put(entry), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function addressOf({ pictures }: Ports) {
  return (month: string, kind: PictureKind, sha256: string) => pictures.address(month, kind, sha256);
}
