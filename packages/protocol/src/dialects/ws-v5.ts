import { dialect } from "../dialect.ts";
import { namesItsDevice, nestedFeatures, nestedSchema, readNested } from "./nested.ts";

/** (g) An SE5's WebSocket event, V2R6 to V5R7, as the bridge posts it. */
export const wsV5 = dialect({
  name: "ws-v5",
  kind: "live",
  timesAt: { time: ["timestamp"] },
  featuresAt: nestedFeatures,
  looksLike: (body, route) => {
    if (!namesItsDevice(body) || route === "PassRecord") return false;
    return route === "LiveEvent" || "video_id" in body || "event_id" in body;
  },
  schema: nestedSchema,
  read: readNested,
});
