import { dialect } from "../dialect.ts";
import { namesItsDevice, nestedPictures, nestedSaid, nestedSchema, readNested } from "./nested.ts";

/** A WebSocket event of an SE5, V2R6 to V5R7, as the bridge posts it. docs/formats.md §2 (g). */
export const wsV5 = dialect({
  name: "ws-v5",
  kind: "live",
  sender: { model: "SE5", firmware: "V2R6 or V5", via: "bridge" },
  timesAt: { time: ["timestamp"] },
  picturesAt: nestedPictures,
  saidAt: nestedSaid,
  looksLike: (body, route) => {
    if (!namesItsDevice(body) || route === "PassRecord") return false;
    return route === "LiveEvent" || "video_id" in body || "event_id" in body;
  },
  schema: nestedSchema,
  read: readNested,
});
