import { instant, instantOrNull, type JsonObject, type ShownBox } from "@gatepost/protocol";
import type { BoxActivity } from "./activity.ts";
import { type NoticedDevice, noticedDevices } from "./noticed-devices.ts";
import type { BoxRecord } from "./record.ts";

type ShownDevice = ShownBox["devices"][number];

type Heard = BoxActivity["devices"][string] & { id: string };

/** The devices that reports came from and that notices name. */
export function showDevices(record: BoxRecord, notices: readonly JsonObject[]): ShownDevice[] {
  const heard = Object.entries(record.activity?.devices ?? {}).map(([id, device]): Heard => ({ ...device, id }));
  const named = new Map<string, NoticedDevice>();
  // The newest notice about a device counts; what it leaves out is taken from older ones.
  for (const device of notices.flatMap(noticedDevices)) named.set(device.id, over(named.get(device.id), device));
  const said = paired(heard, named);
  const shown = heard.map((device) => showHeard(device, said.get(device.id), record));
  const taken = new Set([...said.values()].map(({ id }) => id));
  const unheard = [...named.values()].filter(({ id }) => !taken.has(id)).map(showUnheard);
  return [...shown, ...unheard].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What notices say of each device that was heard, by its id. Sure matches are made before unsure ones. */
function paired(heard: readonly Heard[], named: ReadonlyMap<string, NoticedDevice>): Map<string, NoticedDevice> {
  const [said, taken] = [new Map<string, NoticedDevice>(), new Set<string>()];
  const byEndpoint = new Map([...named.values()].map((one) => [one.endpoint, one]));
  // Several devices may share an address, as the cameras of a recorder: then it does not identify one.
  const namedAt = Map.groupBy(named.values(), ({ ip }) => ip);
  const heardAt = Map.groupBy(heard, ({ ip }) => ip);
  const aloneAt = ({ ip }: Heard) => {
    const [one, another] = namedAt.get(ip) ?? [];
    return ip !== null && another === undefined && heardAt.get(ip)?.length === 1 ? one : undefined;
  };
  // The surest way to match is tried for all devices first.
  for (const find of [
    ({ id }: Heard) => named.get(id),
    ({ endpoint }: Heard) => (endpoint === null ? undefined : (named.get(endpoint) ?? byEndpoint.get(endpoint))),
    ({ id }: Heard) => byEndpoint.get(id),
    aloneAt,
  ]) {
    for (const device of heard) {
      const one = find(device);
      if (one === undefined || said.has(device.id) || taken.has(one.id)) continue;
      said.set(device.id, one);
      taken.add(one.id);
    }
  }
  return said;
}

function showHeard(device: Heard, said: NoticedDevice | undefined, { devices }: BoxRecord): ShownDevice {
  const { id, name, ip, type, last } = device;
  const silentSince = devices[id]?.silentSince ?? null;
  return {
    id,
    name: name ?? said?.name ?? null,
    ip: ip ?? said?.ip ?? null,
    type: type ?? said?.type ?? null,
    direction: said?.direction ?? null,
    isOnline: said?.isOnline ?? null,
    state: silentSince === null ? "reports" : "silent",
    since: instantOrNull(silentSince),
    lastSeen: instant(last),
  };
}

function showUnheard({ endpoint: _, ...device }: NoticedDevice): ShownDevice {
  return { ...device, state: "silent", since: null, lastSeen: null };
}

function over(newer: NoticedDevice | undefined, older: NoticedDevice): NoticedDevice {
  if (newer === undefined) return older;
  const { id, endpoint, name, ip, type, direction, isOnline } = newer;
  return {
    id,
    endpoint: endpoint ?? older.endpoint,
    name: name ?? older.name,
    ip: ip ?? older.ip,
    type: type ?? older.type,
    direction: direction ?? older.direction,
    isOnline: isOnline ?? older.isOnline,
  };
}
