import { dialect } from "../dialect.ts";
import { hasExtData, nestedFeatures, nestedSchema, readNested } from "./nested.ts";

/** (a) SE3 real-time, all versions: knows its device by the address alone. */
export const se3Realtime = dialect({
  name: "se3-realtime",
  kind: "realtime",
  timesAt: { time: ["timestamp"] },
  featuresAt: nestedFeatures,
  looksLike: (body) => hasExtData(body) && "identity_id" in body,
  schema: nestedSchema,
  read: readNested,
});
