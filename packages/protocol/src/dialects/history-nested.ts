import { dialect } from "../dialect.ts";
import type { JsonObject } from "../json.ts";
import { isNoPicture } from "../picture.ts";
import { hasExtData, namesItsDevice, nestedPictures, nestedSaid, nestedSchema, readNested } from "./nested.ts";

/** Last parts of the paths to which boxes post history. docs/formats.md §2 (b). */
const historyRoutes: ReadonlySet<string> = new Set(["HistoryEvent", "AsyncEvent", "SophonFogHistoryEvent", "report"]);

/** A face, in its place or at the root; real-time of some versions names it and leaves it empty. */
const hasFace = (body: JsonObject & { ext_data: JsonObject }): boolean =>
  [body.ext_data, body].some(({ recognize_face }) => !isNoPicture(recognize_face));

/**
 * History of SE3, V2R1 to V5R3, including the asynchronous one with `info` and an infrared picture. docs/formats.md §2
 * (b).
 */
export const historyNested = dialect({
  name: "history-nested",
  kind: "history",
  sender: { firmware: "V2R1 to V2R4, V5R2 or V5R3", pictureSwitch: "history_need_spot_pic" },
  timesAt: { time: ["timestamp"] },
  picturesAt: nestedPictures,
  saidAt: nestedSaid,
  looksLike: (body, route) => {
    if (!hasExtData(body)) return false;
    if ("want_action" in body || "dev_sno" in body.ext_data || "ep_id" in body.ext_data) return true;
    // Without its ids it has the shape of a real-time report with a face, which some versions of SE3 send.
    return historyRoutes.has(route) && "identity_id" in body && !namesItsDevice(body) && hasFace(body);
  },
  schema: nestedSchema,
  read: readNested,
});
