import { actionRequested, type BusEntry, eventRecorded, type PictureKind } from "@gatepost/protocol";
import type { ArmedAction, Ports, Upsert, Written } from "../ports/ports.ts";

/** ms that the bus may keep a report waiting. */
const inlineAtMost = 1000;

/**
 * Announces what a write armed, and what it made where the deployment asks for that. Never throws: an action that could
 * not be announced stays pending, and the sweep takes it.
 */
export async function announce({ action }: Upsert, { outcome, armed, event }: Written, on: Ports): Promise<void> {
  if (event === null) return;
  const announcements: Promise<void>[] = [];
  if (armed && action?.state === "pending") announcements.push(announceAction({ action, event }, on));
  if (outcome === "created" && on.settings.announceEvents) {
    announcements.push(put(eventRecorded(event, addressOf(on)), on));
  }
  for (const result of await Promise.allSettled(announcements)) {
    if (result.status === "rejected") on.log.warn("not announced", { cause: result.reason, event: event.id });
  }
}

/** Puts one action on the bus and notes that it was. Whoever fails between the two announces it again. */
export async function announceAction({ action, event }: ArmedAction, on: Ports): Promise<void> {
  await put(actionRequested(event, action, addressOf(on)), on);
  await on.actions.markAnnounced(action.id);
}

async function put(entry: BusEntry, { bus }: Ports): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`the bus took longer than ${inlineAtMost} ms`)), inlineAtMost);
  try {
    await Promise.race([bus.put(entry), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function addressOf({ pictures }: Ports) {
  return (month: string, kind: PictureKind, sha256: string) => pictures.address(month, kind, sha256);
}
