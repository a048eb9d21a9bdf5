import { personTypes } from "@gatepost/protocol";
import * as z from "zod";

/** A text to filter by. */
const text = z.string().min(1, "must not be empty; leave it out to not filter by it").max(256);

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

/** The parameters that narrow a list of events; all given ones must hold. */
export const eventFilter = {
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  box: boxText.exactOptional(),
  device: text.exactOptional(),
  person: text.exactOptional(),
  type: z.enum(personTypes).exactOptional(),
  action: text.exactOptional(),
  flag: text.exactOptional(),
  q: text.exactOptional(),
};
