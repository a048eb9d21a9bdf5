import { idOf, limits, shortName } from "@gatepost/protocol";
import type { BoxRecord, DeviceSettings } from "./record.ts";

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

/**
 * Finds settings in a record. They are stored by the name that the device had then; later reports and notices may name
 * it by another. An address finds settings only if one device of the box has it.
 *
 * @param noticed the devices that the box's notices name
 */
export function settingsIn(
  { box, activity, deviceSettings }: BoxRecord,
  noticed: readonly DeviceNames[],
): FindSettings {
  if (Object.keys(deviceSettings).length === 0) return () => null;
  const heard = Object.entries(activity?.devices ?? {}).map(([id, device]): DeviceNames => ({ ...device, id }));
  const shared = new Set([...sharedAddresses(heard), ...sharedAddresses(noticed)]);
  const namesOf = ({ id, endpoint, ip }: DeviceNames) => {
    const names = [id, endpoint, ip !== null && shared.has(ip) ? null : ip];
    return names.flatMap((name) => (name === null ? [] : [shortName(name)]));
  };
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

/** The addresses that several devices have, as the cameras of a recorder. */
function sharedAddresses(devices: readonly DeviceNames[]): string[] {
  const at = Map.groupBy(devices, ({ ip }) => ip);
  return [...at].flatMap(([ip, among]) => (ip !== null && new Set(among.map(({ id }) => id)).size > 1 ? [ip] : []));
}
