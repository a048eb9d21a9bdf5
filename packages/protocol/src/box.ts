import * as z from "zod/mini";
import { boxStatusKinds } from "./box-status.ts";
import { deviceTypes } from "./device.ts";
import { reportKinds } from "./facts.ts";
import { dialectName } from "./recognise.ts";

const nullableText = z.nullable(z.string());
const instant = z.iso.datetime();
const nullableInstant = z.nullable(instant);

/** A kind of report or box status that a box sends. */
export const boxKindSchema = z.object({
  /** `unread`: reports that were not understood and are in quarantine. */
  kind: z.enum([...reportKinds, ...boxStatusKinds, "unread"]),
  dialect: z.nullable(dialectName()),
  lastSeen: instant,
  /** The number of reports today; null if they are not counted. */
  today: z.nullable(z.int()),
  lagMs: z.nullable(z.int()),
});

/** The directions that a person may set for a device. `ignore`: that its passings have themselves does not count. */
export const setDirections = ["in", "out", "both", "ignore"] as const;
export type SetDirection = (typeof setDirections)[number];

/** A device of a box as every reader gets it. */
export const boxDeviceSchema = z
  .object({
    id: z.string(),
    /** `dev_…`: names the device of this box in addresses. It follows from the box and the id. */
    key: z.string(),
    name: nullableText,
    /** The display name that a person has set. */
    label: nullableText,
    ip: nullableText,
    type: z.nullable(z.enum(deviceTypes)),
    /** As a person has set it, else as the box says. */
    direction: z.nullable(z.enum(setDirections)),
    directionSet: z.nullable(z.enum(setDirections)),
    directionSaid: z.nullable(z.enum(["in", "out"])),
    /** The directions that its reports gave passings. A passing with its own direction has that one, unless it is ignored. */
    directionsSent: z.array(z.enum(["in", "out"])),
    /** Whether its passings count for who is inside. */
    counts: z.boolean(),
    /** The device's state in the last box status; null if none mentions the device. */
    isOnline: z.nullable(z.boolean()),
    state: z.enum(["reports", "silent"]),
    since: nullableInstant,
    lastSeen: nullableInstant,
  })
  .register(z.globalRegistry, { id: "Device" });

/** A box as every reader gets it: every key is always there. */
export const boxSchema = z.object({
  id: z.string(),
  /** The display name that a person has set. */
  name: nullableText,
  site: nullableText,
  /** The time zone of its times without one, as `Asia/Shanghai`; null for the zone of its site. */
  zone: nullableText,
  /** `new`: it has a key, and nothing was received yet. */
  state: z.enum(["new", "reports", "silent"]),
  since: nullableInstant,
  firstSeen: nullableInstant,
  lastSeen: nullableInstant,
  kinds: z.array(boxKindSchema),
  silence: z.object({
    afterMs: z.int(),
    usualMs: z.nullable(z.int()),
    isOverride: z.boolean(),
    isExpected: z.boolean(),
  }),
  rhythm: z.nullable(
    z.object({
      by: z.literal("half-hour"),
      from: instant,
      counts: z.array(z.number()),
      usual: z.array(z.number()),
    }),
  ),
  clock: z.object({ skewMs: z.nullable(z.int()) }),
  flagged: z.object({ rate: z.nullable(z.number()) }),
  /** The refused requests of the last seven days, by status; null if unknown. */
  refused: z.nullable(z.object({ "413": z.int(), "429": z.int(), turnOff: nullableText })),
  /** The types of event whose addresses got reports of another one within the last day, and the dialects of these. */
  unexpectedPaths: z.array(z.object({ type: z.string(), dialect: dialectName(), lastSeen: instant })),
  about: z.object({
    model: nullableText,
    firmware: nullableText,
    name: nullableText,
    ip: nullableText,
    /** As box status names it, else as events do. */
    serial: nullableText,
    /** Serials that took turns within the last day: several boxes use one key. */
    alternatingSerials: z.array(z.string()),
    via: z.nullable(z.enum(["direct", "bridge", "platform"])),
    temperature: z.nullable(z.number()),
    diskFreeBytes: z.nullable(z.int()),
    memoryRate: z.nullable(z.number()),
  }),
  devices: z.array(boxDeviceSchema),
});

export type ShownBox = z.output<typeof boxSchema>;
