import type { JsonObject } from "./json.ts";
import { limits } from "./limits.ts";

/** What a box says of itself, of its devices and of commands: it tells of no passing. */
export const noticeKinds = ["mq-result", "status", "device-status", "device-sync", "platform-device-status"] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface Notice {
  kind: NoticeKind;
  /** As it was sent. */
  report: JsonObject;
}

const has = (body: JsonObject, ...keys: string[]) => keys.some((key) => key in body);

/** DOMAIN.md §6, rows 1 to 5. */
const signs: Record<NoticeKind, (body: JsonObject) => boolean> = {
  "mq-result": (body) =>
    has(body, "method") || (has(body, "messageKey", "message_key") && has(body, "success", "result")),
  status: (body) => has(body, "gateway_sn", "gateway_status", "gateway_ext_data"),
  "device-status": (body) =>
    has(body, "dev_sno", "mq_license_key") && has(body, "sub_devices", "media_devices") && !has(body, "identity_id"),
  "device-sync": (body) => has(body, "devSno") && has(body, "deviceList"),
  "platform-device-status": (body) => has(body, "cameraInfo", "deviceStatus"),
};

/** The kind of a body that is a notice; null for any other. The first sign in the order of `noticeKinds` decides. */
export function noticeKind(body: JsonObject): NoticeKind | null {
  return noticeKinds.find((kind) => signs[kind](body)) ?? null;
}

/** Whether a notice can be kept in one item of a store. */
export function isKeepable({ report }: Notice): boolean {
  return Buffer.byteLength(JSON.stringify(report)) <= limits.noticeBytes;
}
