import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { omitEmpty } from "../omit-empty.ts";
import { moment } from "../wire.ts";
import { readV6, v6Pictures, v6Said, v6Shape } from "./v6.ts";

const signs = ["post_action", "media_device_info", "mq_license_key"];

/** History of V6. docs/formats.md §2 (d). */
export const historyV6 = dialect({
  name: "history-v6",
  kind: "history",
  sender: { firmware: "V6" },
  timesAt: { time: ["timestamp"], enteredAt: ["in_timestamp"], leftAt: ["out_timestamp"] },
  picturesAt: v6Pictures,
  saidAt: v6Said,
  looksLike: (body) => signs.some((key) => key in body),
  schema: () => z.looseObject({ ...v6Shape(), in_timestamp: moment(), out_timestamp: moment() }),
  read: (body, said) => {
    const { facts, ...others } = readV6(body, said, 100);
    const times = omitEmpty({ enteredAt: body.in_timestamp, leftAt: body.out_timestamp });
    return { facts: { ...facts, ...times }, ...others };
  },
});
