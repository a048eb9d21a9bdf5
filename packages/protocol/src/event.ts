import * as z from "zod/mini";
import { actionNames, actionStates } from "./action.ts";
import { deviceTypes } from "./device.ts";
import { reportKinds } from "./facts.ts";
import { personTypes } from "./person.ts";
import { pictureKinds } from "./picture.ts";
import { dialectName } from "./recognise.ts";

const nullableText = z.nullable(z.string());
const instant = z.iso.datetime();
const freeForm = z.record(z.string(), z.json());

export const actionSchema = z.object({
  id: z.string(),
  wantAction: z.enum(["1001", "1002"]),
  name: z.enum([actionNames["1001"], actionNames["1002"]]),
  state: z.enum(actionStates),
  reason: nullableText,
  at: instant,
});

const pictureSchema = z.object({
  sha256: z.string(),
  bytes: z.int(),
  contentType: z.enum(["image/jpeg", "image/png"]),
  href: z.string(),
});

/** Who acted: an account with its name, or a key by its note alone. */
export const actorSchema = z
  .object({ account: nullableText, name: nullableText })
  .register(z.globalRegistry, { id: "Actor" });

/** What a person said about events that stand out; `events` are its events that the reader sees here. */
export const acknowledgementSchema = z
  .object({
    id: z.string(),
    events: z.array(z.string()),
    reason: nullableText,
    note: nullableText,
    at: instant,
    by: actorSchema,
  })
  .register(z.globalRegistry, { id: "Acknowledgement" });

/** The canonical record of one passing of one face, as every reader gets it: every key is always there. */
export const eventSchema = z.object({
  id: z.string(),
  time: instant,
  timestamp: z.int(),
  receivedAt: instant,
  /** The time that the box sent, also one that cannot be right; null if none could be read. */
  reportedTime: z.nullable(instant),
  /** ms by which `reportedTime` is after `receivedAt`, with the flag `clock` or `ahead`; null without them. */
  clockOffsetMs: z.nullable(z.int()),
  enteredAt: z.nullable(instant),
  leftAt: z.nullable(instant),
  result: z.nullable(z.enum(["granted", "denied"])),
  /** Why the terminal denied the passing. */
  reason: nullableText,
  /** How the person was recognised: `face`, `card`, `fingerprint` … */
  method: nullableText,
  card: nullableText,
  box: z.object({ id: z.string(), serial: nullableText, name: nullableText, site: nullableText }),
  device: z.object({
    id: nullableText,
    ip: nullableText,
    type: z.nullable(z.enum(deviceTypes)),
    name: nullableText,
    endpoint: nullableText,
    direction: z.nullable(z.enum(["in", "out"])),
    label: nullableText,
  }),
  person: z.object({
    id: nullableText,
    name: nullableText,
    type: z.enum(personTypes),
    group: nullableText,
    info: freeForm,
  }),
  score: z.nullable(z.number()),
  scoreScale: z.nullable(z.number()),
  wantAction: nullableText,
  actions: z.array(actionSchema),
  pictures: z.partialRecord(z.enum(pictureKinds), pictureSchema),
  quality: z.object({ registrable: z.nullable(z.boolean()), box: freeForm, grab: freeForm }),
  attributes: z.object({
    age: nullableText,
    gender: nullableText,
    glasses: nullableText,
    faceBox: z.array(z.number()),
    /** °C. */
    temperature: z.nullable(z.number()),
    mask: nullableText,
  }),
  acknowledgement: z.nullable(acknowledgementSchema),
  reports: z.array(
    z.object({
      kind: z.enum(reportKinds),
      dialect: dialectName(),
      /** The name of the mapping that `dialect` names; null for a dialect. */
      dialectName: nullableText,
      receivedAt: instant,
      brought: z.array(z.enum(pictureKinds)),
    }),
  ),
  flags: z.array(z.string()),
  extra: freeForm,
});

export type FaceEvent = z.output<typeof eventSchema>;
export type EventAction = z.output<typeof actionSchema>;
