import * as z from "zod/mini";
import { deviceTypes } from "./device.ts";
import { type Facts, type ReportKind, reportKinds } from "./facts.ts";
import { isObject, type JsonObject } from "./json.ts";
import { once } from "./once.ts";
import { personTypes } from "./person.ts";
import type { PictureFacts, PictureKind } from "./picture.ts";
import { type DialectName, dialectNames } from "./recognise.ts";

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
