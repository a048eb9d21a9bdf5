import * as z from "zod/mini";
import { type Facts, factShape, type ReportKind, reportKinds } from "./facts.ts";
import { once } from "./once.ts";
import type { PictureFacts, PictureKind } from "./picture.ts";
import { type DialectName, dialectName } from "./recognise.ts";

/** One message of a box about one passing, as it is stored: compact JSON, its pictures by their hashes. */
export type Report = Facts & {
  kind: ReportKind;
  dialect: DialectName;
  /** The name that people gave its mapping, if it was read by one. */
  dialectName?: string;
  /** When Gatepost received it, ms. */
  receivedAt: number;
  pictures?: Partial<Record<PictureKind, PictureFacts>>;
  flags?: string[];
  /** A repeat called the face unfit. The word of this report stays in `quality`. */
  unfit?: true;
  /** The type of event of its path, if its dialect does not belong there. */
  unexpectedAt?: string;
};

/** Whether a report, or a repeat of it, calls the face unfit to be registered. */
export function isUnfit({ quality, unfit }: Report): boolean {
  return unfit === true || quality?.registrable === false;
}

/** A schema for each member that a type has, so that none is forgotten here. */
type Members<Of> = Record<keyof NonNullable<Of>, z.core.$ZodType>;

const picture = () =>
  ({
    sha256: z.string(),
    bytes: z.int(),
    contentType: z.enum(["image/jpeg", "image/png"]),
    month: z.exactOptional(z.string()),
    report: z.exactOptional(z.enum(reportKinds)),
    own: z.exactOptional(z.literal(true)),
    keptDays: z.exactOptional(z.int()),
  }) satisfies Members<PictureFacts>;
const ofKind = once(() => z.exactOptional(z.looseObject(picture())));

const report = () =>
  ({
    kind: z.enum(reportKinds),
    dialect: dialectName(),
    dialectName: z.exactOptional(z.string()),
    receivedAt: z.int(),
    ...factShape(),
    pictures: z.exactOptional(
      z.looseObject({ registered: ofKind(), scene: ofKind(), face: ofKind(), infrared: ofKind() } satisfies Members<
        Report["pictures"]
      >),
    ),
    flags: z.exactOptional(z.array(z.string())),
    unfit: z.exactOptional(z.literal(true)),
    unexpectedAt: z.exactOptional(z.string()),
  }) satisfies Members<Report>;

/**
 * A report as stores keep it. Members that a newer version added are kept: when a repeat fills the report in, it is
 * written again, and would lose them. Not for code that compiles a schema of it: schemas built later cannot be compiled
 * with it.
 */
export const storedReport: () => z.ZodMiniType<Report> = once(() => z.looseObject(report()));

/** The same, built when it is first used. */
export const reportSchema: z.ZodMiniType<Report> = z.lazy(storedReport);
