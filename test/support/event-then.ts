import { eventSchema } from "@gatepost/protocol";
import * as z from "zod";

const { kind, dialect, receivedAt } = eventSchema.shape.reports.def.element.shape;

/** An event as versions answered it that did not say which pictures each report brought. It leaves that out. */
export const eventThen = z.object({
  ...eventSchema.shape,
  reports: z.array(z.object({ kind, dialect, receivedAt })),
});
