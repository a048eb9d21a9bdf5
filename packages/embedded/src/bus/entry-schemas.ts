import { busSchemas, type DetailType } from "@gatepost/protocol";
import * as z from "zod";

const detailTypes = Object.keys(busSchemas) as DetailType[];

/** The schema of each kind of entry, as the bus delivers it. */
export const entrySchemas = detailTypes.map((detailType) =>
  z.object({
    version: z.literal("0"),
    id: z.string(),
    "detail-type": z.literal(detailType),
    source: z.literal("gatepost"),
    account: z.string(),
    time: z.string(),
    region: z.string(),
    resources: z.array(z.string()),
    detail: busSchemas[detailType],
  }),
);
