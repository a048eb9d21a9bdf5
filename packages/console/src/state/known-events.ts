import type { Event } from "@gatepost/client";
import { onErased } from "./erased.ts";

/** Events that were seen in this page lately: an opened one is shown from here at once, and completed. */
const known = new Map<string, Event>();
const most = 500;

export function remember(event: Event): void {
  known.delete(event.id);
  known.set(event.id, event);
  for (const id of known.keys()) {
    if (known.size <= most) return;
    known.delete(id);
  }
}

export const recall = (id: string) => known.get(id) ?? null;

onErased((isErased) => {
  for (const [id, event] of known) if (isErased(event)) known.delete(id);
});

export const forgetAll = () => known.clear();

/** Names of boxes and devices that were seen, for the filters. */
export function seenNames(): { boxes: string[]; devices: string[] } {
  const boxes = new Set<string>();
  const devices = new Set<string>();
  for (const { box, device } of known.values()) {
    boxes.add(box.id);
    const name = device.id ?? device.endpoint ?? device.ip;
    if (name !== null) devices.add(name);
  }
  return { boxes: [...boxes].sort(), devices: [...devices].sort() };
}
