import { type DialectName, isObject, type JsonObject, type ShownBox } from "@gatepost/protocol";
import type { BoxActivity } from "./activity.ts";
import { firstText, membersOf } from "./noticed-devices.ts";
import { alternatingSerials } from "./serials.ts";

/*
 * What a box says of itself in its last notices: docs/formats.md §4.2. The formats contradict each other, so numbers
 * that are not plausible are left out.
 */

/** What the dialect of a report tells of a box, where no notice says more. docs/formats.md §0, §2. */
const byDialect: Partial<Record<DialectName, { model?: string; firmware?: string; via?: "bridge" | "platform" }>> = {
  "se3-realtime": { model: "SE3" },
  "history-nested": { firmware: "V2R1 to V2R4, V5R2 or V5R3" },
  "history-flat": { firmware: "V2R6 or V5R4 to V5R7" },
  "history-v6": { firmware: "V6" },
  "ws-v5": { model: "SE5", firmware: "V2R6 or V5", via: "bridge" },
  "ws-v6": { model: "SE5", firmware: "V6", via: "bridge" },
  "stored-v5": { firmware: "V2R6 or V5R5 to V5R7", via: "bridge" },
  "stored-v6": { firmware: "V6", via: "bridge" },
  "platform-a": { model: "sophonsight", via: "platform" },
  "platform-b": { model: "sophonsight", via: "platform" },
};

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

/** What a box is, by its notices, the newest first, and its reports (null: none was received). */
export function aboutOf(notices: readonly JsonObject[], activity: BoxActivity | null, now: number): ShownBox["about"] {
  const { kinds = {}, serials = [] } = activity ?? {};
  const said = notices.map((notice) => {
    const root = membersOf(notice);
    return { ...root, ...inner(root["gateway_ext_data"]) };
  });
  const text = (among: readonly string[]) => firstOf(said, (members) => firstText(members, among));
  const reported = Object.values(kinds)
    .toSorted((a, b) => b.last - a.last)
    .flatMap(({ dialect }) => (dialect === null ? [] : [byDialect[dialect] ?? {}]));
  return {
    model: firstOf(reported, ({ model = null }) => model),
    firmware: text(names.firmware) ?? firstOf(reported, ({ firmware = null }) => firmware),
    name: text(names.name),
    // Several addresses may stand in one text.
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
  for (const one of all) {
    const found = find(one);
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
  const [of, all] = [bytesIn(used), bytesIn(total)];
  return of === null || all === null || all === 0 ? null : of / all;
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
