import { dialect } from "../dialect.ts";
import { namesItsDevice, nestedFeatures, nestedSchema, readNested } from "./nested.ts";

/** (f) A pass record of sophonsight, generation B. It shares its shape with ws-v5, which is asked first. */
export const platformB = dialect({
  name: "platform-b",
  kind: "pass-record",
  timesAt: { time: ["timestamp"] },
  featuresAt: nestedFeatures,
  looksLike: namesItsDevice,
  schema: nestedSchema,
  read: readNested,
});
