import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { omitEmpty } from "../omit-empty.ts";
import { moment, nested } from "../wire.ts";
import { readV6, v6Pictures, v6Said, v6Shape } from "./v6.ts";

/** An event as the query API of V6 returns it; times are float seconds though tabled as ms. docs/formats.md §4.4. */
export const storedV6 = dialect({
  name: "stored-v6",
  kind: "backfill",
  sender: { firmware: "V6", via: "bridge" },
  timesAt: { time: ["timestamp"], enteredAt: ["ext_data", "in_timestamp"], leftAt: ["ext_data", "out_timestamp"] },
  picturesAt: v6Pictures,
  saidAt: v6Said,
  looksLike: (body) => "recognize_face_image_id" in body || "spot_image_id" in body,
  schema: () => z.looseObject({ ...v6Shape(), ext_data: nested({ in_timestamp: moment(), out_timestamp: moment() }) }),
  read: (body, said) => {
    const { facts, ...others } = readV6(body, said, 100);
    const times = omitEmpty({ enteredAt: body.ext_data?.in_timestamp, leftAt: body.ext_data?.out_timestamp });
    return { facts: { ...facts, ...times }, ...others };
  },
});
