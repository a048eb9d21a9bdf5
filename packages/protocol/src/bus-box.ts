import type { ShownBox } from "./box.ts";
import { type BoxEntry, bytesOf, freeEntryBytes } from "./bus-entry.ts";
import { idOf } from "./digest.ts";
import { instant } from "./instant.ts";

/** A box, or one of its devices, that became silent or was heard again. */
export function boxHeard(
  type: "silent" | "recovered",
  { box, device, since, at }: { box: ShownBox; device: string | null; since: number; at: number },
): BoxEntry {
  const entry = {
    ...({ source: "gatepost", id: idOf("box", [type, box.id, device, since]) } as const),
    detailType: type === "silent" ? ("Box Silent" as const) : ("Box Recovered" as const),
    time: instant(at),
  };
  const detail = { box: { ...box, devices: [] }, device, since: instant(since) };
  const room = freeEntryBytes - bytesOf({ ...entry, detail });
  return { ...entry, detail: { ...detail, box: { ...box, devices: devicesThatFit(box.devices, device, room) } } };
}

type ShownDevice = ShownBox["devices"][number];

/**
 * The devices that fit into `room` bytes: first the one that the entry is about, then those that reported, then the
 * others.
 */
function devicesThatFit(devices: readonly ShownDevice[], about: string | null, room: number): ShownDevice[] {
  const rank = ({ id, lastSeen }: ShownDevice) => (id === about ? 0 : lastSeen === null ? 2 : 1);
  const kept = new Set<ShownDevice>();
  let left = room;
  for (const device of devices.toSorted((a, b) => rank(a) - rank(b))) {
    left -= bytesOf(device) + 1;
    if (left < 0) break;
    kept.add(device);
  }
  return devices.filter((device) => kept.has(device));
}
