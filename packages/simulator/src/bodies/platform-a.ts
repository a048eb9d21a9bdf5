import type { JsonObject } from "@gatepost/protocol";
import { base64, type Passing, type Pictures } from "../passing.ts";

const words = { 1: "MEMBER", 2: "VISITOR", 3: "BLACKLIST", 4: "STRANGER", 5: "VIP" } as const;

/** (e) A pass record of sophonsight, generation A. docs/formats.md §2. */
export function platformA(passing: Passing, pictures: Pictures): JsonObject {
  const { person, device, at, score, serial, number } = passing;
  return {
    userId: person.id,
    userName: person.name,
    userType: words[person.type],
    matchScore: score,
    photoId: `photo-${number}`,
    crossTime: at,
    deviceId: serial,
    cameraId: device.id,
    cameraIp: device.ip,
    cameraType: Number(device.type),
    userPhoto: base64(pictures.registered),
    crossSrcPhoto: base64(pictures.scene),
    crossFacePhoto: base64(pictures.face),
  };
}
