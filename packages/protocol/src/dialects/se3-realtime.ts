import { dialect } from "../dialect.ts";
import { hasExtData, nestedPictures, nestedSaid, nestedSchema, readNested } from "./nested.ts";

/** Real-time of SE3, all versions. It names its device only by the address. docs/formats.md §2 (a). */
export const se3Realtime = dialect({
  name: "se3-realtime",
  kind: "realtime",
  sender: { model: "SE3", pictureSwitch: "real_need_reg_pic" },
  timesAt: { time: ["timestamp"] },
  picturesAt: nestedPictures,
  saidAt: nestedSaid,
  looksLike: (body) => hasExtData(body) && "identity_id" in body,
  schema: nestedSchema,
  read: readNested,
});
