import { moment } from "@gatepost/core/events";
import { scopes } from "@gatepost/core/keys";
import { masked } from "@gatepost/core/masking";
import * as z from "zod";
import { boxName, siteText } from "../names.ts";

const newRate = z
  .strictObject({ perSecond: z.number().positive().max(10_000), burst: z.int().min(1).max(1_000_000).exactOptional() })
  .transform(({ perSecond, burst = Math.ceil(perSecond) }) => ({ perSecond, burst }));

const maxBoxes = 50;
const maxSerials = 50;

const note = z
  .string()
  .trim()
  .min(1, "leave it out, or say whom the key is for")
  .max(200)
  .refine((text) => masked(text) === text, "must not be a key")
  .meta({ description: "The owner of the key, in up to 200 characters." });

/**
 * The request for a new key. Only an ingest key belongs to a box and may have limits; only a read key may be limited to
 * some boxes.
 */
export const newKey = z
  .strictObject({
    scope: z.enum(scopes),
    box: boxName.nullable().default(null),
    rate: newRate.exactOptional().meta({ description: "Reports a second, and how many at once." }),
    dailyBytes: z.int().min(1).exactOptional().meta({ description: "Bytes of bodies a day (UTC)." }),
    note: note.exactOptional(),
    expiresAt: moment.meta({ description: "The time from which the key is refused." }).exactOptional(),
    boxes: z
      .array(boxName)
      .min(1, "name a box, or leave it out")
      .max(maxBoxes)
      .transform((names) => [...new Set(names)])
      .exactOptional()
      .meta({ description: "The boxes that a read key sees. Everything of other boxes is hidden from it." }),
    site: siteText
      .exactOptional()
      .meta({ description: "The site whose boxes a read key sees; `default`: the boxes without a site." }),
    people: z.literal(true).exactOptional().meta({ description: "Lets a read key read people, presence and hours." }),
    serials: z
      .array(z.string().regex(/^[\w.-]{4,32}$/, "must be 4 to 32 letters, digits, dots, underscores or hyphens"))
      .min(1, "name a serial, or leave it out")
      .max(maxSerials)
      .transform((all) => [...new Set(all)])
      .exactOptional()
      .meta({ description: "The serials of terminals of ZKTeco that deliver with an ingest key: they send no key." }),
    for: z
      .literal("screen")
      .exactOptional()
      .meta({ description: "For the screen of a site: a read key that ends after 31 days at most." }),
  })
  .refine((key) => key.for === undefined || (key.scope === "read" && key.site !== undefined), {
    path: ["for"],
    message: "a screen has a read key for a site",
  })
  .refine((key) => key.for === undefined || key.people === undefined, {
    path: ["people"],
    message: "a screen shows passings alone; leave it out",
  })
  .refine(({ scope, people }) => scope === "read" || people === undefined, {
    path: ["people"],
    message: "only a read key needs it; leave it out",
  })
  .refine(({ scope, serials }) => scope === "ingest" || serials === undefined, {
    path: ["serials"],
    message: "only an ingest key is for terminals; leave them out",
  })
  .refine(({ scope, boxes }) => scope === "read" || boxes === undefined, {
    path: ["boxes"],
    message: "only a read key is limited to boxes; leave them out",
  })
  .refine(({ scope, boxes, site }) => site === undefined || (scope === "read" && boxes === undefined), {
    path: ["site"],
    message: "only a read key without boxes is limited to a site; leave it out",
  })
  .refine(({ scope, box }) => scope !== "ingest" || box !== null, {
    path: ["box"],
    message: "name the box that an ingest key is for",
  })
  .refine(({ scope, box }) => scope === "ingest" || box === null, {
    path: ["box"],
    message: "only an ingest key is for a box; leave it out",
  })
  .refine(({ scope, rate }) => scope === "ingest" || rate === undefined, {
    path: ["rate"],
    message: "only an ingest key delivers; leave it out",
  })
  .refine(({ scope, dailyBytes }) => scope === "ingest" || dailyBytes === undefined, {
    path: ["dailyBytes"],
    message: "only an ingest key delivers; leave it out",
  });
