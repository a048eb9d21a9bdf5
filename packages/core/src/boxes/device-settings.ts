import { deviceName, idOf, limits, shortName } from "@gatepost/protocol";
import type { BoxActivity, BoxRecord, DeviceSettings } from "./record.ts";

/** Characters of the key of a device that follow from its box. */
const boxPart = "dev_".length + 10;

/**
 * The key of a device in addresses: `dev_` and 26 characters. The first ten follow from the box alone, so that the box
 * of a key is found among the names of all boxes.
 */
export function deviceKey(box: string, id: string): string {
  return idOf("dev", [box]).slice(0, boxPart) + idOf("dev", [box, id]).slice(boxPart);
}

/** Whether a key may be the key of a device of this box. */
export function mayBeOf(box: string, key: string): boolean {
  return key.startsWith(idOf("dev", [box]).slice(0, boxPart));
}

export const unset: DeviceSettings = { label: null, direction: null, counts: true };

/** A change of the settings of a device; absent members stay. */
export interface DeviceChange extends Partial<DeviceSettings> {
  key: string;
}

type Settings = BoxRecord["deviceSettings"];

/** The settings after a change. Beyond the number of devices of a box, the settings that were changed first go. */
export function withDeviceChange(settings: Settings, { key, ...change }: DeviceChange): Settings {
  const { [key]: before = unset, ...others } = settings;
  const after = { ...before, ...change };
  if (after.label === null && after.direction === null && after.counts) return others;
  return Object.fromEntries([...Object.entries(others), [key, after] as const].slice(-limits.devicesOfBox));
}

/** The names of a device: a report may have only some of them. */
export interface DeviceNames {
  id: string | null;
  endpoint: string | null;
  ip: string | null;
}

/** Finds the settings of a device by any of its names. */
export type FindSettings = (names: DeviceNames) => DeviceSettings | null;

/** The names by which a device is found: its own, and each other that no second device of the box has. */
export type NamesOf = (device: DeviceNames) => string[];

/**
 * Finds the names of the devices of a box. Cameras of a recorder may share its address, and its ep_id as well.
 *
 * @param heard the devices of its reports
 * @param noticed the devices that its notices name
 */
export function namesIn(heard: readonly DeviceNames[], noticed: readonly DeviceNames[]): NamesOf {
  const shared = new Set(
    [heard, noticed].flatMap((devices) => [...sharedIn(devices, "endpoint"), ...sharedIn(devices, "ip")]),
  );
  return (device) => {
    const names = [device.id, device.endpoint, device.ip].flatMap((name) => (name === null ? [] : [shortName(name)]));
    const own = deviceName(device);
    return names.filter((name) => name === own || !shared.has(name));
  };
}

/** A device of the reports of a box. */
export type HeardDevice = BoxActivity["devices"][string] & { id: string };

export function heardIn({ activity }: Pick<BoxRecord, "activity">): HeardDevice[] {
  return Object.entries(activity?.devices ?? {}).map(([id, device]) => ({ ...device, id }));
}

/**
 * Finds settings in a record. They are stored by the name that the device had then; later reports and notices may name
 * it by another.
 *
 * @param noticed the devices that the box's notices name
 */
export function settingsIn(record: BoxRecord, noticed: readonly DeviceNames[]): FindSettings {
  const { box, deviceSettings } = record;
  if (Object.keys(deviceSettings).length === 0) return () => null;
  const heard = heardIn(record);
  const namesOf = namesIn(heard, noticed);
  const settingsOf = (name: string) => deviceSettings[deviceKey(box, name)];
  const byName = new Map<string, DeviceSettings>();
  for (const device of [...heard, ...noticed]) {
    const names = namesOf(device);
    const found = names.map(settingsOf).find((settings) => settings !== undefined);
    for (const name of names) if (found !== undefined && !byName.has(name)) byName.set(name, found);
  }
  return (device) => {
    const names = namesOf(device);
    return names.map((name) => settingsOf(name) ?? byName.get(name)).find((settings) => settings !== undefined) ?? null;
  };
}

/** The names of a kind that several devices have. One that has no other name may be any of them. */
function sharedIn(devices: readonly DeviceNames[], kind: "endpoint" | "ip"): string[] {
  const named = Map.groupBy(devices, (device) => device[kind]);
  return [...named].flatMap(([name, among]) => {
    const ids = new Set(among.flatMap(({ id }) => (id === name ? [] : [id])));
    return name !== null && ids.size > 1 ? [shortName(name)] : [];
  });
}
