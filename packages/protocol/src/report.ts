import * as z from "zod/mini";
import { deviceTypes } from "./device.ts";
import { isObject, type JsonObject } from "./json.ts";
import { personTypes } from "./person.ts";
import type { PictureFacts, PictureKind } from "./picture.ts";

/** The kinds of report, the most reliable first: where two reports of an event differ, the earlier kind wins. */
export const reportKinds = ["history", "pass-record", "live", "backfill", "realtime"] as const;
export type ReportKind = (typeof reportKinds)[number];

export const dialectNames = [
  "se3-realtime",
  "history-nested",
  "history-flat",
  "history-v6",
  "ws-v5",
  "ws-v6",
  "platform-a",
  "platform-b",
  "stored-v5",
  "stored-v6",
  "root-facts",
] as const;
export type DialectName = (typeof dialectNames)[number];

const text = z.exactOptional(z.string());
const number = z.exactOptional(z.number());
/** It was parsed from JSON, so it need not be checked. */
const freeForm = z.exactOptional(z.custom<JsonObject>(isObject));

const factsSchema = z.object({
  /** As sent, in ms, even if the clock of the box was never set. */
  time: number,
  enteredAt: number,
  leftAt: number,
  serial: text,
  device: z.exactOptional(
    z.object({
      id: text,
      ip: text,
      type: z.exactOptional(z.enum(deviceTypes)),
      name: text,
      endpoint: text,
      direction: z.exactOptional(z.enum(["in", "out"])),
    }),
  ),
  person: z.exactOptional(
    z.object({ id: text, name: text, type: z.exactOptional(z.enum(personTypes)), group: text, info: freeForm }),
  ),
  /** As sent, and the highest value of its scale where the dialect says so. */
  score: z.exactOptional(z.tuple([z.number(), z.nullable(z.number())])),
  wantAction: text,
  quality: z.exactOptional(z.object({ registrable: z.exactOptional(z.boolean()), box: freeForm, grab: freeForm })),
  attributes: z.exactOptional(
    z.object({ age: text, gender: text, glasses: text, faceBox: z.exactOptional(z.array(z.number())) }),
  ),
  /** Everything else, at the path where it was sent. */
  extra: freeForm,
});

const picture = z.exactOptional(
  z.object({
    sha256: z.string(),
    bytes: z.int(),
    contentType: z.enum(["image/jpeg", "image/png"]),
    month: text,
  }),
);
const pictures = { registered: picture, scene: picture, face: picture, infrared: picture };

/**
 * A report as stores hold it. Members that a newer version added are dropped: an event has those of this version. They
 * stay in the store, because what was read is never written back.
 */
export const reportSchema = z.extend(factsSchema, {
  kind: z.enum(reportKinds),
  dialect: z.enum(dialectNames),
  /** When Gatepost received it, ms. */
  receivedAt: z.int(),
  pictures: z.exactOptional(
    z.object(pictures satisfies Record<PictureKind, z.ZodMiniExactOptional<z.ZodMiniType<PictureFacts>>>),
  ),
  flags: z.exactOptional(z.array(z.string())),
});

/** The facts of one report. Empty ones are left out: what was not sent, or sent as "" or null. */
export type Facts = z.output<typeof factsSchema>;

/** One message of a box about one passing, as it is stored: compact JSON, its pictures by their hashes. */
export type Report = z.output<typeof reportSchema>;
