import { hash } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import type { ReportKind } from "./facts.ts";
import type { Json, JsonObject } from "./json.ts";
import { limits } from "./limits.ts";
import { type Path, placesOf, valueAt } from "./paths.ts";

export const pictureKinds = ["registered", "scene", "face", "infrared"] as const;
export type PictureKind = (typeof pictureKinds)[number];

/** The facts of a picture in an event; its bytes are in the picture store under `sha256`. */
export type PictureFacts = {
  sha256: string;
  bytes: number;
  contentType: "image/jpeg" | "image/png";
  /** The month under which it is stored (`2026-11`), if that is not the month of its report. */
  month?: string;
  /** The kind of the report that brought it before, if that was another one: it is stored under that. */
  report?: ReportKind;
  /** A registered picture that its store keeps for its event alone, and not for all events that show it. */
  own?: true;
  /** Days for which it is kept, from the first receipt of its event, if that is less than the event. */
  keptDays?: number;
};

export interface Picture extends PictureFacts {
  data: Buffer;
}

/** The decoded bytes of a text, if they are known already, else null. */
export type BytesOf = (text: string) => Buffer | null;

const unknown: BytesOf = () => null;

/**
 * Decodes one picture as boxes send it: base64, plain or URL-safe, with or without line breaks and padding, or a data
 * URI (docs/formats.md §5.7). Returns null where it is not base64, over 5 MB, or neither JPEG nor PNG by its first
 * bytes.
 */
export function decodePicture(text: string, bytesOf: BytesOf = unknown): Picture | null {
  const data = bytesOf(text) ?? decodeBase64(withoutDataUri(text), limits.pictureBytes);
  if (data === null || data.length > limits.pictureBytes) return null;
  const contentType = sniff(data);
  if (contentType === null) return null;
  return { data, contentType, bytes: data.length, sha256: hash("sha256", data) };
}

/** Words for null of other languages, also after the beginning of a data URI. */
const noPicture = /^(data:[^,]{0,100},)?\s{0,9}(null|none|nil|undefined)?$/i;

/**
 * Whether a value in the place of a picture means that there is no picture: null, or the word for null of another
 * language or encoder. Any other value that cannot be decoded is a broken picture.
 */
export function isNoPicture(sent: Json | undefined): boolean {
  if (typeof sent === "object" && sent !== null) return Object.keys(sent).length === 0;
  if (typeof sent !== "string") return sent === undefined || sent === null || sent === false;
  const text = sent.trim();
  return text.length <= maxUriLength && noPicture.test(text);
}

/** Whether the end of a picture is missing. Its beginning may still be shown. Bytes after the end do not matter. */
export function isTruncated({ data, contentType }: Pick<Picture, "data" | "contentType">): boolean {
  return data.lastIndexOf(contentType === "image/png" ? "IEND" : "\xff\xd9", undefined, "latin1") < 0;
}

/** Characters before the content of a data URI. */
const maxUriLength = 120;

function withoutDataUri(text: string): string {
  const begun = text.trimStart();
  return /^data:[^,]{0,100};base64,/i.test(begun.slice(0, maxUriLength)) ? begun.slice(begun.indexOf(",") + 1) : text;
}

function sniff(data: Buffer): PictureFacts["contentType"] | null {
  if (data.length > 3 && data.readUIntBE(0, 3) === 0xffd8ff) return "image/jpeg";
  if (data.length > 8 && data.subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n") return "image/png";
  return null;
}

/** Flags about the bytes of the picture of a kind. */
const bytesFlag = /^picture-(?:unreadable|truncated|lost|expired):(\w+)$/;

/** The flag of an event whose picture of that kind was kept for less time than the event. */
export function expiredFlag(kind: PictureKind): string {
  return `picture-expired:${kind}`;
}

/** The kind of picture whose bytes a flag is about; null for any other flag. */
export function flaggedPicture(flag: string): PictureKind | null {
  const named = bytesFlag.exec(flag)?.[1];
  return pictureKinds.find((kind) => kind === named) ?? null;
}

/** The names of a passing's pictures in every dialect. */
export const pictureNames: Readonly<Record<PictureKind, readonly string[]>> = {
  registered: ["reg_pic", "reg_image", "register_image", "userPhoto"],
  scene: ["spot_pic", "spot_image", "crossSrcPhoto"],
  face: ["recognize_face", "recognize_face_image", "crossFacePhoto"],
  infrared: ["ir_pic", "ir_image"],
};

/** A possible place of a picture: the member of the body that it is in, if any, and its name. */
interface Place {
  kind: PictureKind;
  path: Path;
}

/** A picture as it was sent, which may be anything. */
export interface SentPicture {
  kind: PictureKind;
  path: Path;
  sent: Json;
}

/** All possible places of a picture, places of the dialect before those in other dialects. */
export function picturePlaces(own: Partial<Record<PictureKind, readonly Path[]>>): readonly Place[] {
  return pictureKinds.flatMap((kind) => placesOf(own[kind] ?? [], pictureNames[kind]).map((path) => ({ kind, path })));
}

/** The pictures of a body, also if one kind is there more than once. A form repeats a name for each of its files. */
export function picturesIn(body: JsonObject, places: readonly Place[]): SentPicture[] {
  const pictures: SentPicture[] = [];
  for (const { kind, path } of places) {
    const sent = valueAt(body, path);
    if (sent === undefined) continue;
    const isList = Array.isArray(sent) && sent.length > 0;
    for (const picture of isList ? sent : [sent]) pictures.push({ kind, path, sent: picture });
  }
  return pictures;
}
