import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { isObject } from "../json.ts";
import { omitEmpty } from "../omit-empty.ts";
import { moment, nested } from "../wire.ts";
import { flatFacts, flatPictures, flatPicturesAt, flatShape } from "./flat.ts";

/** An event as the query API of V2R6 and V5R5 to V5R7 returns it; times are float seconds. docs/formats.md §4.4. */
export const storedV5 = dialect({
  name: "stored-v5",
  kind: "backfill",
  sender: { firmware: "V2R6 or V5R5 to V5R7", via: "bridge" },
  timesAt: {
    time: ["timestamp"],
    enteredAt: ["video_data", "in_timestamp"],
    leftAt: ["video_data", "out_timestamp"],
  },
  picturesAt: flatPicturesAt,
  saidAt: { wantAction: ["common", "want_action"], personType: ["common", "person_type"] },
  looksLike: (body) => isObject(body["common"]) && "_id" in body,
  schema: () =>
    z.looseObject({
      ...flatPictures(),
      timestamp: moment(),
      common: z.looseObject(flatShape()),
      video_data: nested({ in_timestamp: moment(), out_timestamp: moment() }),
    }),
  read: (body, said) => {
    const { facts, keep } = flatFacts(body.common, said, ["common"]);
    const times = omitEmpty({
      time: body.timestamp,
      enteredAt: body.video_data?.in_timestamp,
      leftAt: body.video_data?.out_timestamp,
    });
    return { facts: { ...times, ...facts }, keep };
  },
});
