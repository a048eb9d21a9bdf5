import { randomBytes } from "node:crypto";

/** A history report of about 480 KB with three pictures of its own, as a 1080p scene gives. */
export function bigReport(number: number): string {
  const jpeg = (bytes: number) =>
    Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(bytes)]).toString("base64");
  return JSON.stringify({
    identity_id: "666666",
    identity_name: "小明",
    group_name: "default_group",
    want_action: "0",
    score: 0.62,
    timestamp: Date.UTC(2026, 0, 1) + number,
    reg_pic: jpeg(40_000),
    ext_data: {
      person_type: 1,
      device_type: "0",
      device_ip: "192.168.1.25",
      spot_pic: jpeg(290_000),
      recognize_face: jpeg(30_000),
    },
  });
}
