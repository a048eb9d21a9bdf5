import type { BoxStatusKind } from "./box-status.ts";
import { isOfPassings, mayContainEvent } from "./event-sign.ts";
import type { Json, JsonObject } from "./json.ts";

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
const members: Readonly<Record<BoxStatusKind, { names: ReadonlySet<string>; mayHaveOthers: boolean }>> = {
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
 * where they are short words or numbers, as a firmware may add them. Members of passings, and texts that may be
 * messages, never are.
 */
export function isWholeStatus(kind: BoxStatusKind, body: JsonObject): boolean {
  const { names, mayHaveOthers } = members[kind];
  const isExpected = ([sent, value]: [string, Json]) => {
    const name = sent.trim();
    return names.has(name) || (mayHaveOthers && !isOfPassings(name) && (isGateway(name) || isWord(value)));
  };
  return Object.entries(body).every(isExpected) && !mayContainEvent(body);
}

function isGateway(name: string): boolean {
  return name.startsWith("gateway_");
}

function isWord(value: Json): boolean {
  return value === null || (typeof value === "string" ? value.length <= maxWord : typeof value !== "object");
}
