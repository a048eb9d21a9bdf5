import { personTypes } from "@gatepost/protocol";
import * as z from "zod";

/** A text to filter by. */
export const text = z.string().min(1, "must not be empty; leave it out to not filter by it").max(256);

/** The name of a box, however its accents are sent. */
export const boxText = text.normalize();

const instantText = z.iso.datetime({ offset: true });
const furthest = 8.64e15;

/** A moment in ms: a number of them, or an ISO instant with its zone. */
const moment = z
  .string()
  // A plus that was not escaped arrives as a space.
  .transform((sent) => sent.replace(/ (?=\d\d:\d\d$)/, "+"))
  .transform((sent) => (/^-?\d{1,16}$/.test(sent) ? Number(sent) : Date.parse(instantText.safeParse(sent).data ?? "")))
  .refine(
    (time) => Math.abs(time) <= furthest,
    "must be a time with its zone, as 2026-11-05T08:00:00+08:00, or a number of ms since 1970",
  );

const momentForm = "an instant with its zone, as `2026-11-05T08:00:00+08:00`, or ms since 1970.";

/** The parameters that narrow a list of events; all given ones must hold. */
export const eventFilter = {
  from: moment.meta({ description: `The earliest time shown: ${momentForm}` }).exactOptional(),
  to: moment.meta({ description: `The time before which they must be: ${momentForm}` }).exactOptional(),
  box: boxText.meta({ description: "The box whose key the report came under." }).exactOptional(),
  device: text.meta({ description: "The device's id, its ep_id or its address." }).exactOptional(),
  person: text.meta({ description: "The id of a known person. A stranger's id finds nothing." }).exactOptional(),
  type: z.enum(personTypes).meta({ description: "The type of person." }).exactOptional(),
  action: text.meta({ description: "The wanted action, as `1001`." }).exactOptional(),
  flag: text.meta({ description: "A flag, as `clock` or `picture-unreadable:face`." }).exactOptional(),
  q: text
    .meta({ description: "Text that the person's name or id, the device or the box holds, ignoring case." })
    .exactOptional(),
};
