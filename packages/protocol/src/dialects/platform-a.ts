import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { omitEmpty } from "../omit-empty.ts";
import { moment, number, text, unread } from "../wire.ts";
import { readTypes, scored } from "./readings.ts";

const signs = ["userType", "crossTime", "matchScore"];

/**
 * A pass record of sophonsight, generation A. `deviceId` is the box, `cameraId` the capture device. docs/formats.md §2
 * (e).
 */
export const platformA = dialect({
  name: "platform-a",
  kind: "pass-record",
  timesAt: { time: ["crossTime"] },
  picturesAt: { registered: [["userPhoto"]], scene: [["crossSrcPhoto"]], face: [["crossFacePhoto"]] },
  looksLike: (body) => signs.filter((key) => key in body).length >= 2,
  schema: () =>
    z.looseObject({
      userId: text(),
      userName: text(),
      userType: text(),
      matchScore: number(),
      crossTime: moment(),
      deviceId: text(),
      cameraId: text(),
      cameraIp: text(),
      cameraType: text(),
      userPhoto: unread(),
      crossSrcPhoto: unread(),
      crossFacePhoto: unread(),
    }),
  read: (body) => {
    const { device, person, keep } = readTypes({
      device: { sent: body.cameraType, at: ["cameraType"] },
      person: { sent: body.userType, at: ["userType"] },
    });
    const facts = omitEmpty({
      time: body.crossTime,
      serial: body.deviceId,
      device: omitEmpty({ id: body.cameraId, ip: body.cameraIp, type: device }),
      person: omitEmpty({ id: body.userId, name: body.userName, type: person }),
      score: scored(body.matchScore, 1),
    });
    return { facts, keep };
  },
});
