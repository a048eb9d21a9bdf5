import { randomBytes } from "node:crypto";

function jpeg(bytes: number): string {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(bytes - 5), Buffer.from([0xff, 0xd9])]).toString(
    "base64",
  );
}

/** A photo of each of a hundred registered people, as a box sends it with every report of that person. */
const registered = Array.from({ length: 100 }, () => jpeg(40_000));

/** When the passing of report 0 is, ms; each next one is a millisecond later. */
export const firstTime = Date.UTC(2026, 0, 1);

/** A history report of about 480 KB: registered 40, scene 285 and face 30 KB of JPEG, as a 1080p camera gives. */
export function bigReport(number: number): string {
  return JSON.stringify({
    identity_id: `${666_000 + (number % registered.length)}`,
    identity_name: "小明",
    group_name: "default_group",
    want_action: "0",
    score: 0.62,
    timestamp: firstTime + number,
    reg_pic: registered[number % registered.length],
    ext_data: {
      person_type: 1,
      device_type: "0",
      device_ip: "192.168.1.25",
      spot_pic: jpeg(285_000),
      recognize_face: jpeg(30_000),
    },
  });
}

const templates = 32;
/** Characters of a picture that are another number in each report; whole groups of base64. */
const numberLength = 16;

/**
 * Big reports without end, each with a new passing, scene and face, in pieces. They share all but some characters with
 * a few that were made before: making each by itself takes more CPU than receiving it, and copies would be collected as
 * garbage while acknowledgements are waited for.
 */
export function* freshBodies(): Generator<readonly Buffer[], never> {
  const first = Date.now();
  const made = Array.from({ length: templates }, (_, number) => Buffer.from(bigReport(number)));
  const shared = made.map((body) => {
    const pictures = ["spot_pic", "recognize_face"].map((name) => placeOf(body, `"${name}":"`) + 64 * numberLength);
    const [scene = 0, face = 0, time = 0] = [...pictures, placeOf(body, '"timestamp":')];
    return [
      body.subarray(0, time),
      body.subarray(time + `${first}`.length, scene),
      body.subarray(scene + numberLength, face),
      body.subarray(face + numberLength),
    ];
  });
  for (let number = 0; ; number++) {
    const text = `${first + number}`;
    const own = Buffer.from(text.padStart(numberLength, "0"));
    const [toTime = own, toScene = own, toFace = own, rest = own] = shared[number % templates] ?? [];
    yield [toTime, Buffer.from(text), toScene, own, toFace, own, rest];
  }
}

function placeOf(body: Buffer, name: string): number {
  return body.indexOf(name) + name.length;
}

/** A report of about 2 KB: one that a box sends without pictures, with all that it knows of the passing. */
export function smallReport(number: number): string {
  return JSON.stringify({
    identity_id: `${666_000 + (number % registered.length)}`,
    identity_name: `员工 ${number % registered.length}`,
    group_name: "default_group",
    want_action: "0",
    score: 0.62,
    timestamp: firstTime + number,
    ext_data: {
      person_type: 1,
      device_type: "0",
      device_ip: "192.168.1.25",
      device_name: `东门 ${number % 8}`,
      remarks: "x".repeat(1500),
    },
  });
}
