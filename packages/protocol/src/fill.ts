import { monthOf } from "./instant.ts";
import { isObject, type Json, type JsonObject, omitAbsent, omitEmpty } from "./json.ts";
import { set } from "./paths.ts";
import { flaggedPicture, type PictureFacts, type PictureKind, pictureKinds } from "./picture.ts";
import { isUnfit, type Report } from "./report.ts";
import { truncate } from "./truncate.ts";

/**
 * Completes a stored report from a repeat of it: a report of the same kind and face. It takes values that the stored
 * report lacks, pictures that are missing or whose bytes are lost, and an intact picture for a truncated one. It never
 * takes another face, which is part of the identity. Flags of both remain, and so does a judgement of either that the
 * face is unfit. Everything else stays as stored. Returns null if the repeat adds nothing.
 */
export function fill(held: Report, repeat: Report): Report | null {
  const better = betterPictures(held, repeat);
  const facts = filledFacts(held, repeat);
  const flags = flagsOf(
    held,
    repeat,
    better.map(([kind]) => kind),
  );
  const isNewlyUnfit = isUnfit(repeat) && !isUnfit(facts.report);
  const isFlagged = flags.some((flag) => !held.flags?.includes(flag));
  if (better.length === 0 && facts.taken.length === 0 && !isNewlyUnfit && !isFlagged) return null;
  const pictures = better.length === 0 ? held.pictures : { ...held.pictures, ...Object.fromEntries(better) };
  const { flags: _, pictures: __, ...rest } = facts.report;
  const unfit = isNewlyUnfit ? (true as const) : null;
  return { ...rest, ...omitAbsent({ unfit, pictures }), ...omitEmpty({ flags }) };
}

/** The pictures to take from the repeat, each with the month in which it was received, if that is another one. */
function betterPictures(held: Report, repeat: Report): [PictureKind, PictureFacts][] {
  return pictureKinds.flatMap((kind) => {
    const picture = repeat.pictures?.[kind];
    if (picture === undefined || !isBetter(kind, picture, { held, repeat })) return [];
    const { month = monthOf(repeat.receivedAt), ...facts } = picture;
    return [[kind, month === monthOf(held.receivedAt) ? facts : { ...facts, month }]];
  });
}

/** Whether the stored report lacks a picture of the repeat, or has it lost or truncated and the repeat does not. */
function isBetter(
  kind: PictureKind,
  brought: PictureFacts,
  { held, repeat }: { held: Report; repeat: Report },
): boolean {
  const known = held.pictures?.[kind];
  if (known === undefined) return true;
  const isMended = (flag: PictureFault) => has(flag, kind, held) && !has(flag, kind, repeat);
  if (kind === "face") return known.sha256 === brought.sha256 && isMended("picture-lost");
  return isMended("picture-lost") || isMended("picture-truncated");
}

type PictureFault = "picture-lost" | "picture-truncated";

function has(fault: PictureFault, kind: PictureKind, { flags = [] }: Report): boolean {
  return flags.includes(`${fault}:${kind}`);
}

/**
 * The stored report with the facts that it lacked, and their paths. Nothing is taken if the result would be too large.
 */
function filledFacts(held: Report, repeat: Report): { report: Report; taken: string[] } {
  const taken: string[] = [];
  const { kind, dialect, dialectName, receivedAt, flags, pictures, unfit, unexpectedAt, ...said } = repeat;
  const report = fillObject(held, said, { path: "", taken }) as Report;
  return taken.length > 0 && truncate(report).truncations.length > 0 ? { report: held, taken: [] } : { report, taken };
}

/** An envelope belongs to one message: it is never completed from another message. */
const whole = "extra.envelope";

function fillObject(
  held: JsonObject,
  repeat: JsonObject,
  { path, taken }: { path: string; taken: string[] },
): JsonObject {
  const filled: JsonObject = { ...held };
  for (const [name, value] of Object.entries(repeat)) {
    const known: Json = Object.hasOwn(held, name) ? (held[name] ?? null) : null;
    const inner = path === "" ? name : `${path}.${name}`;
    if (known === null) {
      if (value === null) continue;
      set(filled, name, value);
      taken.push(inner);
    } else if (isObject(known) && isObject(value) && inner !== whole) {
      set(filled, name, fillObject(known, value, { path: inner, taken }));
    }
  }
  return filled;
}

/**
 * The flags of the completed report: the flags of both, except flags about a picture that the completed report has from
 * the other one.
 */
function flagsOf(held: Report, repeat: Report, taken: readonly PictureKind[]): string[] {
  const isTaken = (kind: PictureKind) => taken.includes(kind);
  const kept = (held.flags ?? []).filter((flag) => !isOfPicture(flag, isTaken));
  const hasOwn = (kind: PictureKind) => held.pictures?.[kind] !== undefined && !isTaken(kind);
  const brought = (repeat.flags ?? []).filter((flag) => !isOfPicture(flag, hasOwn));
  return [...new Set([...kept, ...brought])];
}

function isOfPicture(flag: string, isMeant: (kind: PictureKind) => boolean): boolean {
  const kind = flaggedPicture(flag);
  return kind !== null && isMeant(kind);
}
