import { dialect } from "../dialect.ts";
import { hasExtData, namesItsDevice, nestedFeatures, nestedSchema, readNested } from "./nested.ts";

const historyRoutes = new Set(["HistoryEvent", "AsyncEvent"]);

/** (b) SE3 history, V2R1 to V5R3, the asynchronous one with `info` and infrared picture included. */
export const historyNested = dialect({
  name: "history-nested",
  kind: "history",
  timesAt: { time: ["timestamp"] },
  featuresAt: nestedFeatures,
  looksLike: (body, route) => {
    if (!hasExtData(body)) return false;
    if ("want_action" in body || "dev_sno" in body.ext_data || "ep_id" in body.ext_data) return true;
    // V2R1 and V2R2 without their ids have the shape of a real-time event: only the path tells them apart.
    return "identity_id" in body && !namesItsDevice(body) && historyRoutes.has(route);
  },
  schema: nestedSchema,
  read: readNested,
});
