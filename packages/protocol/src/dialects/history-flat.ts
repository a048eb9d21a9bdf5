import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { omitEmpty } from "../omit-empty.ts";
import { moment } from "../wire.ts";
import { flatFacts, flatPictures, flatPicturesAt, flatShape } from "./flat.ts";

const besidesType = ["spot_pic", "recognize_face", "out_timestamp"];

/** Flat history, V2R6 and V5R4 to V5R7. docs/formats.md §2 (c). */
export const historyFlat = dialect({
  name: "history-flat",
  kind: "history",
  sender: { firmware: "V2R6 or V5R4 to V5R7", pictureSwitch: "history_need_spot_pic" },
  timesAt: { time: ["timestamp"], leftAt: ["out_timestamp"] },
  picturesAt: flatPicturesAt,
  looksLike: (body) => "ep_info" in body || ("person_type" in body && besidesType.some((key) => key in body)),
  schema: () => z.looseObject({ ...flatShape(), ...flatPictures(), timestamp: moment(), out_timestamp: moment() }),
  read: (body, said) => {
    const { facts, keep } = flatFacts(body, said, []);
    const times = omitEmpty({ time: body.timestamp, leftAt: body.out_timestamp });
    return { facts: { ...times, ...facts }, keep };
  },
});
