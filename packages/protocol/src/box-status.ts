import { comparable } from "./comparable.ts";
import { isOfPassings, mayContainEvent } from "./event-sign.ts";
import type { Json, JsonObject } from "./json.ts";
import { limits } from "./limits.ts";
import { seemsPassing } from "./seems.ts";
import { type SignKind, signKinds } from "./terminal.ts";

const box = ["dev_sno", "mq_license_key", "reporter_id"];
const devices = ["sub_devices", "media_devices"];
const systemInfo = [
  "cpu_info",
  "memory_info",
  "disk_info",
  "tpu_info",
  "emmc",
  "hdd",
  "external_hard_drives_info",
  "nnsdk_version",
];
const ofPlatform = [
  "deviceId",
  "deviceStatus",
  "deviceMac",
  "deviceName",
  "deviceSN",
  "cameraNum",
  "cameraInfo",
  "timeStamp",
  "swVersion",
  "sdkVersion",
  "cpuUsage",
  "memorySize",
  "memoryUsage",
  "diskSize",
  "diskFreeSize",
];
const ofCommands = [
  "method",
  "messageId",
  "message_id",
  "messageKey",
  "message_key",
  "success",
  "code",
  "message",
  "result",
  "ext_data",
  "extend_params",
  "notify_path",
  "userid_list",
  "user_info_list",
];

/** The root members of each kind of box status. docs/formats.md §4.2, §4.3. */
const members: Readonly<Record<NoticeKind, { names: ReadonlySet<string>; mayHaveOthers: boolean }>> = {
  "mq-result": { names: new Set([...box, ...ofCommands]), mayHaveOthers: false },
  status: { names: new Set([...box, ...devices, ...systemInfo, "gateway_ext_data"]), mayHaveOthers: true },
  "device-status": { names: new Set([...box, ...devices]), mayHaveOthers: true },
  "device-sync": { names: new Set(["devSno", "deviceList"]), mayHaveOthers: true },
  "platform-device-status": { names: new Set(ofPlatform), mayHaveOthers: false },
};

/** Characters of a text that can only be a name, a version or a number. */
const maxWord = 64;

/**
 * Whether a whole body is a box status of this kind. Members that the formats do not name are accepted for some kinds,
 * where they are short words or numbers, as a firmware may add them. Members of passings, texts that may be messages,
 * and a time together with a person never are.
 */
export function isWholeStatus(kind: NoticeKind, body: JsonObject, receivedAt: number): boolean {
  const { names, mayHaveOthers } = members[kind];
  const others = Object.entries(body).filter(([name]) => !names.has(name.trim()));
  const isExpected = ([name, value]: [string, Json]) =>
    !isOfPassings(name.trim()) && (isGateway(name) || isWord(value));
  if (others.length === 0) return !mayContainEvent(body);
  if (!mayHaveOthers || !others.every(isExpected) || mayContainEvent(body)) return false;
  return !seemsPassing(Object.fromEntries(others.filter(([name]) => !isGateway(name))), receivedAt);
}

function isGateway(name: string): boolean {
  return name.trim().startsWith("gateway_");
}

function isWord(value: Json): boolean {
  return value === null || (typeof value === "string" ? value.length <= maxWord : typeof value !== "object");
}

/** The kinds of report of a box about itself, its devices and its commands. They are not about a passing. */
const noticeKinds = ["mq-result", "status", "device-status", "device-sync", "platform-device-status"] as const;
type NoticeKind = (typeof noticeKinds)[number];

export const boxStatusKinds = [...noticeKinds, ...signKinds] as const;
export type BoxStatusKind = (typeof boxStatusKinds)[number];

export interface BoxStatus {
  kind: BoxStatusKind;
  /** As it was sent; empty for a sign of life. */
  report: JsonObject;
}

/** A status whose report is kept. */
export interface Notice extends BoxStatus {
  kind: NoticeKind;
}

/** Whether a status is a sign of life, of which nothing is kept. */
export function isSign(kind: BoxStatusKind): kind is SignKind {
  return signKinds.some((sign) => sign === kind);
}

const has = (body: JsonObject, ...keys: string[]) => keys.some((key) => key in body);

/** docs/formats.md §6, rows 1 to 5. */
const signs: Record<NoticeKind, (body: JsonObject) => boolean> = {
  "mq-result": (body) =>
    has(body, "method") || (has(body, "messageKey", "message_key") && has(body, "success", "result")),
  status: (body) => has(body, "gateway_sn", "gateway_status", "gateway_ext_data"),
  "device-status": (body) =>
    has(body, "dev_sno", "mq_license_key") && has(body, "sub_devices", "media_devices") && !has(body, "identity_id"),
  "device-sync": (body) => has(body, "devSno") && has(body, "deviceList"),
  "platform-device-status": (body) => has(body, "cameraInfo", "deviceStatus"),
};

/**
 * The kind of status that a body looks like; null for any other body. The first sign in the order of `noticeKinds` decides.
 */
export function boxStatusKind(body: JsonObject): NoticeKind | null {
  return noticeKinds.find((kind) => signs[kind](body)) ?? null;
}

/** Whether a status is small enough to be kept. */
export function isKeepable({ report }: BoxStatus): boolean {
  return Buffer.byteLength(JSON.stringify(report)) <= limits.boxStatusBytes;
}

/**
 * Whether a status names a person: whether the id is in it as a value or as the name of a member, also inside a text
 * that is JSON.
 */
export function tellsOf(report: JsonObject, person: string): boolean {
  const sought = comparable(person);
  const open: Json[] = [report];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (isId(value, sought)) return true;
    const inner = typeof value === "string" ? structureIn(value) : value;
    if (typeof inner !== "object" || inner === null) continue;
    for (const [name, member] of Object.entries(inner)) {
      if (comparable(name) === sought && !Array.isArray(inner)) return true;
      open.push(member);
    }
  }
  return false;
}

/** An id is text, even if a box sent a number. */
function isId(value: Json, sought: string): boolean {
  return typeof value !== "object" && comparable(String(value)) === sought;
}

/** The object or list that a text is in JSON; null for any other text. */
export function structureIn(text: string): Json {
  if (!/^\s*[{[]/.test(text)) return null;
  try {
    return JSON.parse(text, withDigits);
  } catch {
    return null;
  }
}

/** An integer that a double cannot hold becomes the text of its digits, as in the reports themselves. */
function withDigits(_name: string, value: Json, { source }: { source?: string } = {}): Json {
  return typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined ? source : value;
}
