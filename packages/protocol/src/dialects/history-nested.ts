import { dialect } from "../dialect.ts";
import { hasExtData, namesItsDevice, nestedFeatures, nestedSchema, readNested } from "./nested.ts";

const historyRoutes = new Set(["HistoryEvent", "AsyncEvent"]);

/**
 * History of SE3, V2R1 to V5R3, including the asynchronous one with `info` and an infrared picture. docs/formats.md §2
 * (b).
 */
export const historyNested = dialect({
  name: "history-nested",
  kind: "history",
  timesAt: { time: ["timestamp"] },
  featuresAt: nestedFeatures,
  looksLike: (body, route) => {
    if (!hasExtData(body)) return false;
    if ("want_action" in body || "dev_sno" in body.ext_data || "ep_id" in body.ext_data) return true;
    // Without their ids, reports of V2R1 and V2R2 have the shape of a real-time event. Only the path tells them apart.
    return "identity_id" in body && !namesItsDevice(body) && historyRoutes.has(route);
  },
  schema: nestedSchema,
  read: readNested,
});
