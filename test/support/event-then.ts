import { eventSchema } from "@gatepost/protocol";
import * as z from "zod";

const { shape } = eventSchema;
const { kind, dialect, receivedAt } = shape.reports.def.element.shape;
const { id, serial } = shape.box.shape;

/** An event as earlier versions answered it: without the members that were added since. */
export const eventThen = z
  .object({
    ...shape,
    box: z.object({ id, serial }),
    device: z.object(shape.device.shape).omit({ label: true }),
    attributes: z.object(shape.attributes.shape).omit({ temperature: true, mask: true }),
    reports: z.array(z.object({ kind, dialect, receivedAt })),
  })
  .omit({
    ...{ reportedTime: true, clockOffsetMs: true, acknowledgement: true },
    ...{ result: true, reason: true, method: true, card: true },
  });
