import { createHash } from "node:crypto";
import type { RecordShape } from "@gatepost/core/quarantine";
import type { Settings } from "@gatepost/core/retention";
import {
  type BytesOf,
  countValues,
  type Interpretation,
  interpret,
  isForMappings,
  isObject,
  isOfUnknownShape,
  type Json,
  type MappedReader,
  type MappingId,
  seemsPassing,
  type TerminalAnswer,
  ZoneNeeded,
} from "@gatepost/protocol";
import type { Part } from "../decode/decode.ts";
import type { Readable } from "../decode/json.ts";
import { type CutPictures, free } from "../decode/pictures.ts";
import type { TerminalForms } from "../decode/terminal-forms.ts";
import { mappedParts } from "../mappings/mapped.ts";
import { asJson, type Kept, keptOfPart, type MaskedPart, type Origin, withoutKeys } from "./kept.ts";
import { receiptIn } from "./query-form.ts";

/** A report of a body with its keys masked, and its meaning. */
export interface Understood {
  origin: Origin;
  understood: Interpretation;
  /** How many values it has, itself included. */
  values: number;
  /** Why the report is kept as it was sent, instead of or in addition to its event; null if it is not. */
  reason: string | null;
  /** The answer that the terminal needs once the report is durable; null for the usual one. */
  answer: TerminalAnswer | null;
  /** The mapping that has read it as a passing or a sign; null if none has. */
  mapping: MappingId | null;
  /** The report as quarantine keeps it. */
  kept(): Promise<Kept>;
  /** The bytes of the report as they were sent. */
  source(): Promise<Uint8Array>;
  /** Frees the memory of its pictures. Call it once they are stored. */
  release(): void;
}

/** The settings by which reports of a box are understood. */
export interface Understanding {
  settings: Pick<Settings, "keepFeatures">;
  forms?: TerminalForms | undefined;
  /** Reads the time zone of the box; null if none is known. */
  zone(): Promise<string | null>;
  /** Reads the mappings of the box, in the order in which they are tried. */
  mappings(): Promise<readonly MappedReader[]>;
}

/**
 * The meaning of a part of a body whose keys are masked. If no format is known of it, and a mapping of the box fits it: the
 * parts that stand in its place.
 */
export async function understand(
  masked: MaskedPart,
  delivered: Origin,
  by: Understanding,
): Promise<Understood | { mapped: MaskedPart[] }> {
  const { settings, forms } = by;
  const { keepFeatures } = settings;
  const origin = masked.part.isOfBatch ? { ...delivered, headers: asJson(delivered.headers) } : delivered;
  const { box, path, receivedAt } = origin;
  const route = path.slice(path.lastIndexOf("/") + 1);
  const levels = path.slice(1).split("/");
  const receipt = receiptIn(origin.headers);
  const arrival = { box, route, levels, receivedAt, receipt, keepFeatures };
  const { read, make, cut, envelope, reader, around, files } = masked.part;
  const values = 1 + ("value" in read ? countValues(read.value) : 0);
  const understood = ({ part, masking }: MaskedPart, means: Interpretation) => ({
    origin,
    values,
    understood: means,
    reason: reasonToKeep(means, part),
    answer: means.answer ?? null,
    mapping: "unreadable" in means ? null : (part.reader?.name ?? null),
    release: () => undefined,
    kept: async () => {
      // First, because it may make a copy of a long text, and what is kept is as long.
      const shape = shapeOfUnknown(means, part, receivedAt);
      const kept = await keptOfPart(part, masking, origin.headers, forms);
      return shape === null ? kept : { ...kept, shape };
    },
    source: async () => part.source(),
  });

  const meaning = async ({ value, flags }: Readable, bytesOf?: BytesOf): Promise<Interpretation> => {
    const from = { ...arrival, flags, make, envelope, bytesOf, reader, files, around };
    try {
      return interpret(value, from);
    } catch (error) {
      if (!(error instanceof ZoneNeeded)) throw error;
      return interpret(value, { ...from, zone: await by.zone() });
    }
  };
  if ("unreadable" in read) return understood(masked, read);
  const found = new Map<string, Buffer<ArrayBuffer>>();
  const means = await meaning(read, cut && finding(cut, found));
  const isUnknown =
    reader === undefined &&
    make === undefined &&
    isObject(read.value) &&
    "unreadable" in means &&
    isForMappings(read.value, means.unreadable, arrival);
  const readers = isUnknown ? await by.mappings() : [];
  const mapped = readers.length === 0 ? null : mappedParts(await withAttributes(masked, read), read.flags, readers);
  if (mapped !== null) return { mapped };
  if (cut === undefined) return understood(masked, means);
  const areTaken = found.size === cut.countIn(read.value) && !isLeft(cut, means);
  if (areTaken && reasonToKeep(means, masked.part) === null) {
    return { ...understood(masked, means), release: () => free(found.values()) };
  }
  const whole = { ...read, value: cut.restored(read.value) };
  const again = await withoutKeys({ ...masked.part, read: whole });
  again.masking.count += masked.masking.count;
  return understood(again, await meaning({ ...whole, value: again.masking.value }));
}

/** The same part with the attributes of its XML, which no dialect reads. */
async function withAttributes(masked: MaskedPart, { withAttributes: whole, ...read }: Readable): Promise<MaskedPart> {
  return whole === undefined ? masked : withoutKeys({ ...masked.part, read: { ...read, value: whole() } });
}

/** Whether reports that are kept for this reason have a shape. */
export function hasShape(reason: string): boolean {
  return isOfUnknownShape(reason) || reason === "part";
}

function shapeOfUnknown(means: Interpretation, part: Part, receivedAt: number): RecordShape | null {
  const reason = "passing" in means ? null : reasonToKeep(means, part);
  if (reason === null || !("value" in part.read)) return null;
  if (!hasShape(reason)) return null;
  const { value } = part.read;
  return { name: shapeOf(reason, value), isPassing: seemsPassing(value, receivedAt) };
}

/** A status of a box is kept only for the other parts of its form. */
function reasonToKeep(understood: Interpretation, { keep }: Part): string | null {
  if ("unreadable" in understood) return understood.unreadable;
  if ("boxStatus" in understood) return keep === "part" ? keep : null;
  return understood.passing.keepWhole ?? keep ?? null;
}

/** Whether a mark would be stored in the place of a text. */
function isLeft(cut: CutPictures, understood: Interpretation): boolean {
  return !("passing" in understood) || cut.countIn(understood.passing.report) > 0;
}

/** Gives the bytes of a picture for its mark, and notes in `found` which were asked for. */
function finding(cut: CutPictures, found: Map<string, Buffer<ArrayBuffer>>): BytesOf {
  return (text) => {
    const bytes = cut.find(text);
    if (bytes !== null) found.set(text, bytes);
    return bytes;
  };
}

/** Levels of a report, and members of each object, that its shape includes. */
const limits = { levels: 2, members: 200 };

/**
 * A short name for the members of a report and their types. Reports that a sender repeats with other values have the
 * same one. Digits in the names of members do not count: some are numbered.
 */
export function shapeOf(reason: string, value: Json): string {
  const sketch = JSON.stringify([reason, sketchOf(value, limits.levels)]);
  return createHash("sha256").update(sketch).digest("hex").slice(0, 32);
}

function sketchOf(value: Json, levels: number): Json {
  if (Array.isArray(value)) return levels === 0 ? "list" : [sketchOf(value[0] ?? null, levels - 1)];
  if (!isObject(value)) return value === null ? "null" : typeof value;
  if (levels === 0) return "object";
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return members
    .slice(0, limits.members)
    .map(([name, member]) => [name.replaceAll(/\d+/g, "0"), sketchOf(member, levels - 1)]);
}
