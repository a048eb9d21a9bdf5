import { deviceTypes, limits } from "@gatepost/protocol";
import * as z from "zod/mini";
import { joinedLife, joinedPauses, type Life, lifeSchema } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import type { DeviceSign } from "./sign.ts";

export const deviceSchema = z.object({
  ...lifeSchema.shape,
  endpoint: z.nullable(z.string()),
  name: z.nullable(z.string()),
  ip: z.nullable(z.string()),
  type: z.nullable(z.enum(deviceTypes)),
});
type DeviceActivity = z.output<typeof deviceSchema>;

type Devices = Record<string, DeviceActivity>;

/** Whether a pause must not count, because Gatepost did not receive then, or the box was silent. */
export type IsInterrupted = (from: number, to: number, device: string | null) => boolean;

export function devicesOf(devices: readonly DeviceSign[], life: Pick<Life, "first" | "last">): Devices {
  return Object.fromEntries(
    devices
      .slice(0, limits.devicesOfBox)
      .map((device): [string, DeviceActivity] => [device.id, deviceOf(device, life)]),
  );
}

/** A device of which only one sign is known. */
export function deviceOf(
  { endpoint, name, ip, type }: DeviceSign,
  { first, last }: Pick<Life, "first" | "last">,
): DeviceActivity {
  return { first, last, pauses: {}, endpoint, name, ip, type };
}

export function joinedDevices(
  known: Devices,
  heard: Devices,
  hours: LocalHours,
  isInterrupted: IsInterrupted,
): Devices {
  const devices = new Map(Object.entries(known));
  for (const [sent, device] of Object.entries(heard)) {
    const id = knownAs(devices, sent, device);
    const before = devices.get(id) ?? null;
    if (before === null && devices.size >= limits.devicesOfBox) continue;
    devices.set(
      id,
      joinedDevice(before, device, hours, (from, to) => isInterrupted(from, to, id)),
    );
  }
  return Object.fromEntries(devices);
}

export function joinedDevice(
  known: DeviceActivity | null,
  heard: DeviceActivity,
  hours: LocalHours,
  isInterrupted?: (from: number, to: number) => boolean,
): DeviceActivity {
  const life = joinedLife(known, heard, hours, isInterrupted) ?? heard;
  return { ...life, ...factsOf(heard, known) };
}

/** The facts of a device, from `preferred`, completed from `other`. */
function factsOf(preferred: DeviceActivity, other: DeviceActivity | null) {
  return {
    endpoint: preferred.endpoint ?? other?.endpoint ?? null,
    name: preferred.name ?? other?.name ?? null,
    ip: preferred.ip ?? other?.ip ?? null,
    type: preferred.type ?? other?.type ?? null,
  };
}

/**
 * A notice names a device by its ep_id, a real-time report by its address alone, a history report by an id beside them:
 * one device, whichever came first. Where several have the ep_id or the address, it is not known which of them it is.
 */
function knownAs(devices: Map<string, DeviceActivity>, id: string, { ip, endpoint }: DeviceActivity): string {
  if (endpoint !== null && endpoint !== id) rename(devices, endpoint, id);
  if (devices.has(id)) return id;
  const called = onlyOne(devices, (device) => device.endpoint === id);
  if (called !== null) return called;
  if (ip === null) return id;
  if (id === ip) return onlyOne(devices, (device) => device.ip === ip) ?? id;
  rename(devices, ip, id);
  return id;
}

function onlyOne(devices: Map<string, DeviceActivity>, isIt: (device: DeviceActivity) => boolean): string | null {
  const [found, another] = [...devices].filter(([, device]) => isIt(device));
  return found !== undefined && another === undefined ? found[0] : null;
}

/** Moves what was heard under another name of a device to its id. */
function rename(devices: Map<string, DeviceActivity>, from: string, id: string): void {
  const [lesser, device] = [devices.get(from), devices.get(id)];
  if (lesser === undefined) return;
  devices.delete(from);
  devices.set(id, device === undefined ? lesser : both(device, lesser));
}

function both(device: DeviceActivity, lesser: DeviceActivity): DeviceActivity {
  return {
    first: Math.min(device.first, lesser.first),
    last: Math.max(device.last, lesser.last),
    pauses: joinedPauses(device.pauses, lesser.pauses),
    ...factsOf(device, lesser),
  };
}
