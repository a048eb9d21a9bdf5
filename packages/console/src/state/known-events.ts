import type { Event } from "@gatepost/client";
import { deviceNameOf, visible } from "../format/event.ts";
import { onErased } from "./erased.ts";

/** Events that were seen in this page lately: an opened one is shown from here at once, and completed. */
const known = new Map<string, Event>();
const maxEvents = 500;

export function remember(event: Event): void {
  known.delete(event.id);
  known.set(event.id, event);
  for (const id of known.keys()) {
    if (known.size <= maxEvents) return;
    known.delete(id);
  }
}

export const recall = (id: string) => known.get(id) ?? null;

onErased((isErased) => {
  for (const [id, event] of known) if (isErased(event)) known.delete(id);
});

export const forgetAll = () => known.clear();

/** Seen boxes and devices to filter by: their ids, and their names for people. */
export interface Seen {
  id: string;
  name: string | null;
}

/** Boxes and devices that were seen, for the filters: first those that have a name, by it, and then the others. */
export function seenNames(): { boxes: Seen[]; devices: Seen[] } {
  const boxes = new Map<string, string | null>();
  const devices = new Map<string, string | null>();
  for (const { box, device } of known.values()) {
    boxes.set(box.id, visible(box.name));
    const id = device.id ?? device.endpoint ?? device.ip;
    if (id !== null) devices.set(id, deviceNameOf(device) ?? devices.get(id) ?? null);
  }
  const seen = (names: typeof boxes) => [...names].map(([id, name]) => ({ id, name })).sort(namesFirst);
  return { boxes: seen(boxes), devices: seen(devices) };
}

/** gate-2 is before gate-10. */
const inOrder = new Intl.Collator(undefined, { numeric: true });

function namesFirst(a: Seen, b: Seen): number {
  if ((a.name === null) !== (b.name === null)) return a.name === null ? 1 : -1;
  return inOrder.compare(a.name ?? "", b.name ?? "") || inOrder.compare(a.id, b.id);
}
