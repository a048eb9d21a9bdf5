import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { omitEmpty } from "../json.ts";
import type { Path } from "../paths.ts";
import { moment, number, personId, text, unread } from "../wire.ts";
import { readDeviceType, scored } from "./readings.ts";

const signs = ["userType", "crossTime", "matchScore"];

/**
 * A pass record of sophonsight, generation A. `deviceId` is the box, `cameraId` the capture device. docs/formats.md §2
 * (e).
 */
export const platformA = dialect({
  name: "platform-a",
  kind: "pass-record",
  sender: { model: "sophonsight", via: "platform" },
  timesAt: { time: ["crossTime"] },
  personAt: [["userId"], ["userName"]],
  picturesAt: { registered: [["userPhoto"]], scene: [["crossSrcPhoto"]], face: [["crossFacePhoto"]] },
  claimedAt: { personType: ["userType"] },
  looksLike: (body) => signs.filter((key) => key in body).length >= 2,
  schema: () =>
    z.looseObject({
      userId: personId(),
      userName: text(),
      userType: unread(),
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
  read: (body, claims) => {
    const keep: Path[] = [];
    const type = readDeviceType(body.cameraType, ["cameraType"], keep);
    const facts = omitEmpty({
      time: body.crossTime,
      serial: body.deviceId,
      device: omitEmpty({ id: body.cameraId, ip: body.cameraIp, type }),
      person: omitEmpty({ id: body.userId, name: body.userName, type: claims.personType }),
      score: scored(body.matchScore, 1),
      wantAction: claims.wantAction,
    });
    return { facts, keep };
  },
});
