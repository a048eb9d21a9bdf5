import { dialect } from "../dialect.ts";
import { namesItsDevice, nestedPictures, nestedSaid, nestedSchema, readNested } from "./nested.ts";

/**
 * A pass record of sophonsight, generation B. It has the same shape as ws-v5, which is tried first. docs/formats.md §2
 * (f).
 */
export const platformB = dialect({
  name: "platform-b",
  kind: "pass-record",
  sender: { model: "sophonsight", via: "platform" },
  timesAt: { time: ["timestamp"] },
  picturesAt: nestedPictures,
  saidAt: nestedSaid,
  looksLike: namesItsDevice,
  schema: nestedSchema,
  read: readNested,
});
