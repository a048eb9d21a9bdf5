import * as z from "zod/mini";
import { actionNames, type WantAction } from "./action.ts";
import { boxSchema } from "./box.ts";
import { declineReasons } from "./decline.ts";
import { acknowledgementSchema, eventSchema } from "./event.ts";
import { lateReasons } from "./lateness.ts";
import { pictureKinds } from "./picture.ts";
import { dialectName } from "./recognise.ts";

/** The picture for the subscriber: the face, else the scene, never the registered picture. */
export const photoSchema = z.nullable(
  z.object({
    kind: z.enum(pictureKinds),
    sha256: z.string(),
    bucket: z.nullable(z.string()),
    key: z.string(),
    href: z.string(),
    /** Opens the photo without a key until it expires. Absent if the deployment does not know its public address. */
    link: z.exactOptional(z.object({ url: z.string(), expires: z.iso.datetime() })),
  }),
);

/** How late an entry is as of its announcement. `repeat`: it is sent again, on request; else absent. */
const lateness = {
  repeat: z.exactOptional(z.literal(true)),
  age_ms: z.nullable(z.int()),
  late: z.boolean(),
  late_reason: z.nullable(z.enum(lateReasons)),
};

const actionDetailSchema = <Want extends WantAction>(wantAction: Want) =>
  z.object({
    want_action: z.literal(wantAction),
    action: z.literal(actionNames[wantAction]),
    idempotency_key: z.string(),
    ...lateness,
    event: eventSchema,
    photo: photoSchema,
  });

/** It does not contain the event, so that no rule for real passings matches a test. */
const testDetailSchema = z.object({
  idempotency_key: z.string(),
  event: z.object({ id: z.string() }),
  photo: photoSchema,
});

const recordedDetailSchema = z.object({ ...lateness, event: eventSchema, photo: photoSchema });

/** `device` is the id of the one that it is about; null where it is the box itself. `since`: its last sign of life. */
const boxDetailSchema = z.object({ box: boxSchema, device: z.nullable(z.string()), since: z.iso.datetime() });

/** A wanted action that is not known. `since`: the receipt of the report. `device` is null. */
const unknownActionDetailSchema = z.object({
  ...boxDetailSchema.shape,
  wantAction: z.string(),
  dialect: dialectName(),
});

/** A person's decision that a request is not carried out. `event` is there only if events are announced. */
const declinedDetailSchema = z.object({
  action: z.string(),
  eventId: z.string(),
  wantAction: z.enum(["1001", "1002"]),
  reason: z.nullable(z.enum(declineReasons)),
  note: z.nullable(z.string()),
  by: z.object({ account: z.nullable(z.string()), name: z.nullable(z.string()) }),
  at: z.iso.datetime(),
  event: z.exactOptional(eventSchema),
});

/** The event is there if the deployment announces events: the newest of those that were acknowledged. */
const acknowledgedDetailSchema = z.object({
  acknowledgement: acknowledgementSchema,
  event: z.exactOptional(eventSchema),
});

/** The passings of one person that no person has acknowledged in time, the newest first. `since`: the first receipt. */
const alarmDetailSchema = z.object({
  events: z.array(z.string()),
  since: z.iso.datetime(),
  minutes: z.int(),
  event: z.exactOptional(eventSchema),
});

/**
 * The first passing of a visitor, or (`before-visit`) the first before the visit begins. `at`: its counted time. The
 * event is there if the deployment announces events.
 */
const visitorDetailSchema = z.object({
  visit: z.object({
    id: z.string(),
    action: z.string(),
    library: z.string(),
    person: z.string(),
    name: z.nullable(z.string()),
    host: z.nullable(z.string()),
    validFrom: z.nullable(z.iso.datetime()),
    validUntil: z.iso.datetime(),
  }),
  flags: z.array(z.enum(["before-visit"])),
  at: z.iso.datetime(),
  ...lateness,
  eventId: z.string(),
  box: eventSchema.shape.box,
  device: eventSchema.shape.device,
  event: z.exactOptional(eventSchema),
});

const actorSchema = z.object({ account: z.nullable(z.string()), name: z.nullable(z.string()) });

/** An evacuation list, the number of people on it, and how many of them are not ticked as safe. */
const evacuationDetailSchema = z.object({
  roll: z.object({
    id: z.string(),
    site: z.string(),
    isDrill: z.boolean(),
    begunAt: z.iso.datetime(),
    begunBy: actorSchema,
    closedAt: z.nullable(z.iso.datetime()),
    closedBy: z.nullable(actorSchema),
  }),
  people: z.int(),
  missing: z.int(),
});

/**
 * A rule whose target takes nothing. `since`: the first failed try, and `tries` up to now. `waiting`: the entries that
 * wait for it; null if that is not known.
 */
const targetDetailSchema = z.object({
  rule: z.string(),
  since: z.iso.datetime(),
  tries: z.int(),
  reason: z.string(),
  waiting: z.nullable(z.int()),
});

/** The entries of the bus, by detail-type. */
export const busSchemas = {
  "Stranger Registration Requested": actionDetailSchema("1001"),
  "Base Photo Update Requested": actionDetailSchema("1002"),
  "Face Event Recorded": recordedDetailSchema,
  "Action Declined": declinedDetailSchema,
  "Gatepost Test": testDetailSchema,
  "Box Silent": boxDetailSchema,
  "Box Recovered": boxDetailSchema,
  "Unknown Action Requested": unknownActionDetailSchema,
  "Event Acknowledged": acknowledgedDetailSchema,
  "Alarm Not Acknowledged": alarmDetailSchema,
  "Visitor Arrived": visitorDetailSchema,
  "Evacuation Begun": evacuationDetailSchema,
  "Evacuation Ended": evacuationDetailSchema,
  "Target Failing": targetDetailSchema,
  "Target Recovered": targetDetailSchema,
} as const;
