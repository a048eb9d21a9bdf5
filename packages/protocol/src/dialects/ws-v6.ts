import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { readV6, v6Pictures, v6Said, v6Shape } from "./v6.ts";

const signs = ["media_device_id", "register_image", "recognize_face_image"];

/**
 * A WebSocket event of a V6 box. Its table shows a score of 82.05 and its example one of 0.62, so the scale is not
 * known. docs/formats.md §2 (g).
 */
export const wsV6 = dialect({
  name: "ws-v6",
  kind: "live",
  sender: { model: "SE5", firmware: "V6", via: "bridge" },
  timesAt: { time: ["timestamp"] },
  picturesAt: v6Pictures,
  saidAt: v6Said,
  looksLike: (body) => signs.some((key) => key in body),
  schema: () => z.looseObject(v6Shape()),
  read: (body, said) => readV6(body, said, null),
});
