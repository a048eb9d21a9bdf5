import {
  boxStatusKinds,
  dayMs,
  instant,
  instantOrNull,
  isObject,
  type JsonObject,
  reportKinds,
  type ShownBox,
  senderOf,
} from "@gatepost/protocol";
import { joinedPauses } from "./activity.ts";
import { deviceKey, type FindSettings, type HeardDevice, heardIn, settingsIn, unset } from "./device-settings.ts";
import type { BoxActivity, BoxRecord, DeviceSettings, Hours, NamedSerial, Pauses } from "./record.ts";
import { firstText, membersOf, type NoticedDevice, noticedDevices } from "./signs.ts";
import { silentAfter, usualPause } from "./silence.ts";

interface Shown {
  hours: Hours;
  now: number;
  /** The pauses of the box in the hours that decide now. */
  pauses: Pauses;
  /** Its last notices. */
  notices: readonly { receivedAt: number; report: JsonObject }[];
  rhythm: ShownBox["rhythm"];
  /** Whether reports and refusals are counted one by one; else their numbers are unknown. */
  isCounted: boolean;
}

/** A box as readers get it. */
export function showBox(record: BoxRecord, shown: Shown): ShownBox {
  const { activity, silentSince, recoveredAt, afterMs, isExpected } = record;
  const { hours, now, rhythm, isCounted } = shown;
  const life = activity?.life ?? null;
  const notices = newestFirst(shown.notices);
  const pauses = joinedPauses(shown.pauses, life?.pauses ?? {});
  const judged = { life: life ?? { first: now, last: now }, afterMs, pauses };
  return {
    id: record.box,
    name: record.name,
    site: record.site,
    zone: record.zone,
    state: life === null ? "new" : silentSince === null ? "reports" : "silent",
    since: life === null ? null : instant(silentSince ?? recoveredAt ?? life.first),
    firstSeen: life === null ? null : instant(life.first),
    lastSeen: life === null ? null : instant(life.last),
    kinds: kindsOf(activity, shown),
    silence: {
      afterMs: silentAfter(judged, now, hours),
      usualMs: usualPause(pauses, now, hours),
      isOverride: afterMs !== null,
      isExpected,
    },
    rhythm,
    clock: { skewMs: activity?.clock?.skewMs ?? null },
    flagged: { rate: flaggedRate(activity) },
    refused: isCounted ? refusedOf(activity) : null,
    unexpectedPaths: unexpectedOf(activity, now),
    about: aboutOf(notices, activity, now),
    devices: showDevices(record, shown.notices),
  };
}

function newestFirst(notices: Shown["notices"]): JsonObject[] {
  return notices.toSorted((a, b) => b.receivedAt - a.receivedAt).map(({ report }) => report);
}

function kindsOf(activity: BoxActivity | null, { hours, now, isCounted }: Shown): ShownBox["kinds"] {
  const today = hours.dayOf(now);
  return ([...reportKinds, ...boxStatusKinds, "unread"] as const).flatMap((kind) => {
    const known = activity?.kinds[kind];
    if (known === undefined) return [];
    const { dialect, last, lagMs, day, count } = known;
    const counted = day === today ? count : 0;
    return [{ kind, dialect, lastSeen: instant(last), today: isCounted ? counted : null, lagMs }];
  });
}

/** The share of flagged reports in the last days, from 0 to 1; null if there was no report. */
function flaggedRate(activity: BoxActivity | null): number | null {
  const days = Object.values(activity?.days ?? {});
  const [reports, flagged] = [total(days, ({ reports: n }) => n), total(days, ({ flagged: n }) => n)];
  return reports === 0 ? null : Math.round((flagged / reports) * 10_000) / 10_000;
}

function refusedOf(activity: BoxActivity | null): NonNullable<ShownBox["refused"]> {
  const days = Object.values(activity?.days ?? {});
  const refusedWith = (status: string) => total(days, ({ refused }) => refused[status] ?? 0);
  const senders = reportKinds.map((kind) => senderOf(activity?.kinds[kind]?.dialect ?? null));
  const turnOff = firstOf(senders, ({ pictureSwitch = null }) => pictureSwitch);
  return { "413": refusedWith("413"), "429": refusedWith("429"), turnOff: refusedWith("413") > 0 ? turnOff : null };
}

/** The unexpected dialects of the last day: a box that was set right has none the day after. */
function unexpectedOf(activity: BoxActivity | null, now: number): ShownBox["unexpectedPaths"] {
  const recent = activity?.unexpected.filter(({ last }) => now - last < dayMs) ?? [];
  return recent.map(({ last, ...one }) => ({ ...one, lastSeen: instant(last) }));
}

function total<Of>(all: readonly Of[], count: (one: Of) => number): number {
  return all.reduce((sum, one) => sum + count(one), 0);
}

/*
 * The facts in a box's own last notices: docs/formats.md §4.2. The formats contradict each other, so numbers that are
 * not plausible are left out.
 */

const names = {
  name: ["gateway_name", "deviceName"],
  ip: ["gateway_ip"],
  serial: ["dev_sno", "mq_license_key", "reporter_id", "devSno", "deviceId", "gateway_sn", "deviceSN"],
  firmware: ["sw_version", "swVersion"],
  temperature: ["temperature", "core_temperature", "board_temperature"],
  diskFree: ["disk_free_size", "diskFreeSize"],
  memoryUsed: ["memory_usage", "memoryUsage"],
  freeOfDisk: ["free", "disk_free", "free_size", "avail", "available"],
  memoryRate: ["memory_rate", "rate", "usage", "used_rate", "percent"],
} as const;

/** The facts of a box, by its notices, the newest first, and its reports (null: none was received). */
function aboutOf(notices: readonly JsonObject[], activity: BoxActivity | null, now: number): ShownBox["about"] {
  const { kinds = {}, serials = [] } = activity ?? {};
  const said = notices.map((notice) => {
    const root = membersOf(notice);
    return { ...root, ...inner(root["gateway_ext_data"]) };
  });
  const text = (among: readonly string[]) => firstOf(said, (members) => firstText(members, among));
  const reported = Object.values(kinds)
    .toSorted((a, b) => b.last - a.last)
    .flatMap(({ dialect }) => (dialect === null ? [] : [senderOf(dialect)]));
  return {
    model: firstOf(reported, ({ model = null }) => model),
    firmware: text(names.firmware) ?? firstOf(reported, ({ firmware = null }) => firmware),
    name: text(names.name),
    // One text may contain several addresses.
    ip: text(names.ip)?.split(" ")[0] ?? null,
    serial: text(names.serial) ?? serials[0]?.serial ?? null,
    alternatingSerials: alternatingSerials(serials, now),
    via: reported.length === 0 ? null : (firstOf(reported, ({ via = null }) => via) ?? "direct"),
    temperature: firstOf(said, (members) => plausible(numberIn(firstText(members, names.temperature)), -60, 200)),
    diskFreeBytes: firstOf(said, diskFree),
    memoryRate: firstOf(said, memoryRate),
  };
}

function inner(value: unknown): JsonObject {
  return isObject(value) ? membersOf(value) : {};
}

function firstOf<Of, Found>(all: readonly Of[], find: (one: Of) => Found | null): Found | null {
  for (const item of all) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function diskFree(members: JsonObject): number | null {
  const sent =
    firstText(members, names.diskFree) ??
    firstText(inner(members["disk_info"]), names.freeOfDisk) ??
    firstText(inner(members["hdd"]), names.freeOfDisk);
  return sent === null ? null : bytesIn(sent);
}

/** From 0 to 1: sent as such, as a percentage, or as used and total bytes. */
function memoryRate(members: JsonObject): number | null {
  const info = inner(members["memory_info"]);
  const sent = firstText(members, names.memoryUsed) ?? firstText(info, names.memoryRate);
  const rate = sent === null ? usedOf(info) : numberIn(sent);
  if (rate === null) return null;
  return plausible(rate > 1 ? rate / 100 : rate, 0, 1);
}

function usedOf(info: JsonObject): number | null {
  const [used, total] = [firstText(info, ["used"]), firstText(info, ["total"])];
  if (used === null || total === null) return null;
  const [usedBytes, totalBytes] = [bytesIn(used), bytesIn(total)];
  return usedBytes === null || totalBytes === null || totalBytes === 0 ? null : usedBytes / totalBytes;
}

/** The number that a text begins with, as `61` of `61 °C` and `38` of `38%`. */
function numberIn(text: string | null): number | null {
  const digits = /^[+-]?\d+(?:\.\d+)?/.exec(text ?? "")?.[0];
  return digits === undefined ? null : Number(digits);
}

const units: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes: a number is GB, as the formats table them; a text may have a unit, as `10.46G`. */
function bytesIn(text: string): number | null {
  const [, digits, unit = "g"] = /^(\d+(?:\.\d+)?)\s*([kmgt])?(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.trunc(Number(digits) * (units[unit.toLowerCase()] ?? Number.NaN));
  return plausible(bytes, 0, 2 ** 52);
}

function plausible(value: number | null, from: number, to: number): number | null {
  return value !== null && value >= from && value <= to ? value : null;
}

/**
 * The serials that took turns within the last day: two boxes use one key. None if one box was replaced by another,
 * because the first is not heard again then.
 */
export function alternatingSerials(serials: readonly NamedSerial[], now: number): string[] {
  const recent = serials.filter(({ last }) => now - last < dayMs);
  const takesTurns = (one: NamedSerial) =>
    recent.some((other) => other !== one && one.first <= other.last && other.first <= one.last);
  return recent.flatMap((one) => (takesTurns(one) ? [one.serial] : [])).sort();
}

type ShownDevice = ShownBox["devices"][number];

/** The devices of reports, and the devices that notices name. */
export function showDevices(record: BoxRecord, sent: Shown["notices"]): ShownDevice[] {
  const notices = newestFirst(sent);
  const heard = heardIn(record);
  const named = new Map<string, NoticedDevice>();
  // The newest notice about a device counts; missing facts are taken from older ones.
  for (const device of notices.flatMap(noticedDevices)) named.set(device.id, over(named.get(device.id), device));
  const said = paired(heard, named);
  const find = settingsIn(record, [...named.values()]);
  const shown = heard.map((device) => showHeard(device, said.get(device.id), { record, find }));
  const taken = new Set([...said.values()].map(({ id }) => id));
  const unheard = [...named.values()]
    .filter(({ id }) => !taken.has(id))
    .map((device) => showUnheard(device, { record, find }));
  return [...shown, ...unheard].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The facts of notices about each device, by its id. Sure matches are made before unsure ones. */
function paired(heard: readonly HeardDevice[], named: ReadonlyMap<string, NoticedDevice>): Map<string, NoticedDevice> {
  const [said, taken] = [new Map<string, NoticedDevice>(), new Set<string>()];
  // Several devices may share an address or an ep_id, as the cameras of a recorder: then it does not identify one.
  const only = (kind: "endpoint" | "ip") => {
    // A platform has the ep_id of a camera as its id.
    const namedBy = Map.groupBy(named.values(), (one) => (kind === "ip" ? one.ip : (one.endpoint ?? one.id)));
    const heardBy = Map.groupBy(heard, (one) => one[kind]);
    return (name: string | null) => {
      const [first, another] = namedBy.get(name) ?? [];
      const isShared = name === null || another !== undefined || (heardBy.get(name)?.length ?? 0) > 1;
      return isShared ? undefined : first;
    };
  };
  const [byEndpoint, byAddress] = [only("endpoint"), only("ip")];
  // The surest way to match is tried for all devices first.
  for (const find of [
    ({ id }: HeardDevice) => named.get(id),
    ({ endpoint }: HeardDevice) => byEndpoint(endpoint),
    ({ id }: HeardDevice) => byEndpoint(id),
    ({ ip }: HeardDevice) => byAddress(ip),
  ]) {
    for (const device of heard) {
      const notice = find(device);
      if (notice === undefined || said.has(device.id) || taken.has(notice.id)) continue;
      said.set(device.id, notice);
      taken.add(notice.id);
    }
  }
  return said;
}

interface OfBox {
  record: BoxRecord;
  find: FindSettings;
}

function showHeard(device: HeardDevice, said: NoticedDevice | undefined, { record, find }: OfBox): ShownDevice {
  const { id, name, endpoint, ip, type, last } = device;
  const silentSince = record.devices[id]?.silentSince ?? null;
  const set = find({ id, endpoint, ip }) ?? (said === undefined ? null : find(said));
  return {
    id,
    key: deviceKey(record.box, id),
    name: name ?? said?.name ?? null,
    ip: ip ?? said?.ip ?? null,
    type: type ?? said?.type ?? null,
    ...settingsShown(set ?? unset, said?.direction ?? null),
    directionsSent: device.directions,
    isOnline: said?.isOnline ?? null,
    state: silentSince === null ? "reports" : "silent",
    since: instantOrNull(silentSince),
    lastSeen: instant(last),
  };
}

function showUnheard(device: NoticedDevice, { record, find }: OfBox): ShownDevice {
  const { id, name, ip, type, direction, isOnline } = device;
  return {
    id,
    key: deviceKey(record.box, id),
    name,
    ip,
    type,
    ...settingsShown(find(device) ?? unset, direction),
    directionsSent: [],
    isOnline,
    state: "silent",
    since: null,
    lastSeen: null,
  };
}

function settingsShown({ label, direction, counts }: DeviceSettings, said: NoticedDevice["direction"]) {
  return { label, direction: direction ?? said, directionSet: direction, directionSaid: said, counts };
}

/** Whether the direction of a device, or of some of its passings, is this one and counts. */
export function hasDirection(
  { direction, directionsSent }: Pick<ShownDevice, "direction" | "directionsSent">,
  asked: "in" | "out",
): boolean {
  return direction === asked || (direction !== "ignore" && directionsSent.includes(asked));
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
