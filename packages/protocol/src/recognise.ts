import type { Dialect } from "./dialect.ts";
import { historyNested } from "./dialects/history-nested.ts";
import { platformB } from "./dialects/platform-b.ts";
import { se3Realtime } from "./dialects/se3-realtime.ts";
import { wsV5 } from "./dialects/ws-v5.ts";
import { isObject, type JsonObject } from "./json.ts";

interface Row {
  looksLike(body: JsonObject, route: string): boolean;
  /** Absent: a shape that is known and kept in quarantine, under `name`, until it can be read. */
  read?: Dialect["read"];
  name: string;
}

const has = (body: JsonObject, ...keys: string[]) => keys.some((key) => key in body);

/** DOMAIN.md §6, in its order: the first row that a body looks like says what it is. */
const table: readonly Row[] = [
  {
    name: "mq-result",
    looksLike: (body) =>
      has(body, "method") || (has(body, "messageKey", "message_key") && has(body, "success", "result")),
  },
  { name: "status", looksLike: (body) => has(body, "gateway_sn", "gateway_status", "gateway_ext_data") },
  {
    name: "device-status",
    looksLike: (body) =>
      has(body, "dev_sno", "mq_license_key") && has(body, "sub_devices", "media_devices") && !has(body, "identity_id"),
  },
  { name: "device-sync", looksLike: (body) => has(body, "devSno") && has(body, "deviceList") },
  { name: "platform-device-status", looksLike: (body) => has(body, "cameraInfo", "deviceStatus") },
  {
    name: "platform-a",
    looksLike: (body) => ["userType", "crossTime", "matchScore"].filter((key) => key in body).length >= 2,
  },
  { name: "stored-v5", looksLike: (body) => isObject(body["common"]) && has(body, "_id") },
  { name: "stored-v6", looksLike: (body) => has(body, "recognize_face_image_id", "spot_image_id") },
  { name: "history-v6", looksLike: (body) => has(body, "post_action", "media_device_info", "mq_license_key") },
  { name: "ws-v6", looksLike: (body) => has(body, "media_device_id", "register_image", "recognize_face_image") },
  {
    name: "history-flat",
    looksLike: (body) =>
      has(body, "ep_info") || (has(body, "person_type") && has(body, "spot_pic", "recognize_face", "out_timestamp")),
  },
  historyNested,
  wsV5,
  platformB,
  se3Realtime,
];

/** The dialect of a body, or the name of a known shape that cannot be read yet, or null. */
export function recognise(body: JsonObject, route: string): Dialect | string | null {
  const row = table.find((candidate) => candidate.looksLike(body, route));
  if (row === undefined) return null;
  return isDialect(row) ? row : row.name;
}

function isDialect(row: Row | Dialect): row is Dialect {
  return row.read !== undefined;
}
