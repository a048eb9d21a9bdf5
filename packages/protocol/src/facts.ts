// The small build of zod: functions that take reports must start fast, and need no more of it.
import * as z from "zod/mini";
import { deviceTypes } from "./device.ts";
import { isObject, type JsonObject } from "./json.ts";
import { once } from "./once.ts";
import { personTypes } from "./person.ts";

/** The kinds of report, the most reliable first: if two reports of an event differ, the earlier kind wins. */
export const reportKinds = ["history", "pass-record", "live", "backfill", "realtime"] as const;
export type ReportKind = (typeof reportKinds)[number];

const text = once(() => z.exactOptional(z.string()));
const number = once(() => z.exactOptional(z.number()));
/** It was parsed from JSON, so it need not be checked. */
const freeForm = once(() => z.exactOptional(z.custom<JsonObject>(isObject)));

/** Facts with their own members. Members that a newer version added are kept. */
const group = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.exactOptional<z.ZodMiniType<z.output<z.ZodMiniObject<Shape>>>>(z.looseObject(shape));

/**
 * The facts of one report, as they are stored. Empty facts are left out: they were not sent, or sent as "" or null. A
 * new field of the event begins here; the compiler then names the other places. It is a function, because code that
 * only takes reports does not need the schemas.
 */
export const factShape = () => ({
  /** As sent, in ms, even if the clock of the box was never set. */
  time: number(),
  enteredAt: number(),
  leftAt: number(),
  /** Whether the terminal let the person pass. */
  result: z.exactOptional(z.enum(["granted", "denied"])),
  reason: text(),
  method: text(),
  card: text(),
  serial: text(),
  device: group({
    id: text(),
    ip: text(),
    type: z.exactOptional(z.enum(deviceTypes)),
    name: text(),
    endpoint: text(),
    direction: z.exactOptional(z.enum(["in", "out"])),
  }),
  person: group({
    id: text(),
    name: text(),
    type: z.exactOptional(z.enum(personTypes)),
    group: text(),
    info: freeForm(),
  }),
  /** As sent, and the highest value of its scale if the dialect gives one. */
  score: z.exactOptional(z.tuple([z.number(), z.nullable(z.number())])),
  wantAction: text(),
  quality: group({ registrable: z.exactOptional(z.boolean()), box: freeForm(), grab: freeForm() }),
  attributes: group({
    age: text(),
    gender: text(),
    glasses: text(),
    faceBox: z.exactOptional(z.array(z.number())),
    /** °C. */
    temperature: number(),
    mask: text(),
  }),
  /** Everything else, at the path where it was sent. */
  extra: freeForm(),
});

export type Facts = z.output<z.ZodMiniObject<ReturnType<typeof factShape>>>;
