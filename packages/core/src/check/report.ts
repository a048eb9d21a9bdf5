import { randomBytes } from "node:crypto";
import { checkBox } from "@gatepost/protocol";

/** A JPEG of one grey block. */
const jpeg = Buffer.from(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAj/wAALCAAIAAgBAREA/8QAFQAAAgAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AHI//9k=",
  "base64",
);

/** Bytes of the random comment that makes each picture unique, about the size of a small face. */
const commentBytes = 20_000;

/** A report of the box of checks, which asks for an action, and the pictures in it by their kinds. */
export interface CheckReport {
  body: string;
  pictures: { face: Buffer; scene: Buffer; registered: Buffer };
}

/** The person of one check: an id that no other check has. */
export function personOfCheck(): string {
  return `${checkBox}-${randomBytes(8).toString("hex")}`;
}

/** @param time ms since 1970, which makes it another event of the same check */
export function checkReport(person: string, time: number): CheckReport {
  const pictures = { face: picture(), scene: picture(), registered: picture() };
  const report = {
    identity_id: person,
    identity_name: person,
    timestamp: time,
    score: 100,
    person_type: 1,
    want_action: "1002",
    ep_info: { ep_id: checkBox, device_id: checkBox, ep_type: "photo" },
    reg_pic: pictures.registered.toString("base64"),
    spot_pic: pictures.scene.toString("base64"),
    recognize_face: pictures.face.toString("base64"),
  };
  return { body: JSON.stringify(report), pictures };
}

function picture(): Buffer {
  const comment = Buffer.from([0xff, 0xfe, 0, 0]);
  comment.writeUInt16BE(commentBytes + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), comment, randomBytes(commentBytes), jpeg.subarray(2)]);
}
