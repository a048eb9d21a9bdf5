import * as z from "zod/mini";
import { type DeviceType, deviceTypes } from "./device.ts";
import { isObject, type JsonObject } from "./json.ts";
import { once } from "./once.ts";
import { type PersonType, personTypes } from "./person.ts";
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

/** The facts of one report. Empty ones are left out: what was not sent, or sent as "" or null. */
// Aliases, not interfaces: only those are JSON objects to the compiler.
export type Facts = {
  /** As sent, in ms, even if the clock of the box was never set. */
  time?: number;
  enteredAt?: number;
  leftAt?: number;
  serial?: string;
  device?: { id?: string; ip?: string; type?: DeviceType; name?: string; endpoint?: string; direction?: "in" | "out" };
  person?: { id?: string; name?: string; type?: PersonType; group?: string; info?: JsonObject };
  /** As sent, and the highest value of its scale where the dialect says so. */
  score?: [value: number, scale: number | null];
  wantAction?: string;
  quality?: { registrable?: boolean; box?: JsonObject; grab?: JsonObject };
  attributes?: { age?: string; gender?: string; glasses?: string; faceBox?: number[] };
  /** Everything else, at the path where it was sent. */
  extra?: JsonObject;
};

/** One message of a box about one passing, as it is stored: compact JSON, its pictures by their hashes. */
export type Report = Facts & {
  kind: ReportKind;
  dialect: DialectName;
  /** When Gatepost received it, ms. */
  receivedAt: number;
  pictures?: Partial<Record<PictureKind, PictureFacts>>;
  flags?: string[];
  /** A repeat called the face unfit. What this report said of it stays in `quality`. */
  unfit?: true;
};

/** Whether a report, or a repeat of it, calls the face unfit to be registered. */
export function isUnfit({ quality, unfit }: Report): boolean {
  return unfit === true || quality?.registrable === false;
}

/** A schema for each member that a type has, so that none is forgotten here. */
type Members<Of> = Record<keyof NonNullable<Of>, z.core.$ZodType>;

// Functions: what only takes reports and reads none from a store makes none of these.
const text = once(() => z.exactOptional(z.string()));
const number = once(() => z.exactOptional(z.number()));
/** It was parsed from JSON, so it need not be checked. */
const freeForm = once(() => z.exactOptional(z.custom<JsonObject>(isObject)));

const device = () =>
  ({
    ...{ id: text(), ip: text(), name: text(), endpoint: text() },
    type: z.exactOptional(z.enum(deviceTypes)),
    direction: z.exactOptional(z.enum(["in", "out"])),
  }) satisfies Members<Facts["device"]>;

const person = () =>
  ({
    ...{ id: text(), name: text(), group: text(), info: freeForm() },
    type: z.exactOptional(z.enum(personTypes)),
  }) satisfies Members<Facts["person"]>;

const quality = () =>
  ({
    registrable: z.exactOptional(z.boolean()),
    box: freeForm(),
    grab: freeForm(),
  }) satisfies Members<Facts["quality"]>;

const attributes = () =>
  ({
    ...{ age: text(), gender: text(), glasses: text() },
    faceBox: z.exactOptional(z.array(z.number())),
  }) satisfies Members<Facts["attributes"]>;

const picture = () =>
  ({
    sha256: z.string(),
    bytes: z.int(),
    contentType: z.enum(["image/jpeg", "image/png"]),
    month: text(),
    in: text(),
    at: z.exactOptional(z.int()),
  }) satisfies Members<PictureFacts>;
const ofKind = once(() => z.exactOptional(z.looseObject(picture())));

const report = () =>
  ({
    kind: z.enum(reportKinds),
    dialect: z.enum(dialectNames),
    receivedAt: z.int(),
    ...{ time: number(), enteredAt: number(), leftAt: number(), serial: text() },
    device: z.exactOptional(z.looseObject(device())),
    person: z.exactOptional(z.looseObject(person())),
    score: z.exactOptional(z.tuple([z.number(), z.nullable(z.number())])),
    wantAction: text(),
    quality: z.exactOptional(z.looseObject(quality())),
    attributes: z.exactOptional(z.looseObject(attributes())),
    extra: freeForm(),
    pictures: z.exactOptional(
      z.looseObject({ registered: ofKind(), scene: ofKind(), face: ofKind(), infrared: ofKind() } satisfies Members<
        Report["pictures"]
      >),
    ),
    flags: z.exactOptional(z.array(z.string())),
    unfit: z.exactOptional(z.literal(true)),
  }) satisfies Members<Report>;

/**
 * A report as stores hold it. Members that a newer version added are kept: where a repeat fills the report in, it is
 * written again, and would lose them. For who compiles a schema of it: what is built later cannot be compiled with it.
 */
export const storedReport: () => z.ZodMiniType<Report> = once(() => z.looseObject(report()));

/** The same, built when it is first used. */
export const reportSchema: z.ZodMiniType<Report> = z.lazy(storedReport);
