import { hash } from "node:crypto";
import { limits } from "./limits.ts";

export const pictureKinds = ["registered", "scene", "face", "infrared"] as const;
export type PictureKind = (typeof pictureKinds)[number];

/** What an event keeps of a picture; its bytes are in the picture store under `sha256`. */
export type PictureFacts = {
  sha256: string;
  bytes: number;
  contentType: "image/jpeg" | "image/png";
  /** The month in which it was received (`2026-11`), where that is not the month of its report. */
  month?: string;
};

export interface Picture extends PictureFacts {
  data: Buffer;
}

/**
 * Decodes one picture as boxes send it: base64, plain or URL-safe, with or without line breaks and padding, or a data
 * URI (docs/formats.md §5.7). Returns null where it is not base64, over 5 MB, or neither JPEG nor PNG by its first
 * bytes.
 */
export function decodePicture(text: string): Picture | null {
  const data = decodeBase64(withoutDataUri(text));
  if (data === null || data.length > limits.pictureBytes) return null;
  const contentType = sniff(data);
  if (contentType === null) return null;
  return { data, contentType, bytes: data.length, sha256: hash("sha256", data) };
}

/** Whether a picture ends nowhere: what came of it may be shown, but more was sent. Bytes behind its end do not matter. */
export function isTruncated({ data, contentType }: Pick<Picture, "data" | "contentType">): boolean {
  return data.lastIndexOf(contentType === "image/png" ? "IEND" : "\xff\xd9", undefined, "latin1") < 0;
}

function withoutDataUri(text: string): string {
  return /^\s*data:[^,]{0,100};base64,/i.exec(text) ? text.slice(text.indexOf(",") + 1) : text;
}

/** Characters of base64 without white space, at most: longer ones hold more than a picture may have. */
const maxDigits = Math.ceil(((limits.pictureBytes + 1) * 4) / 3) + 2;

function decodeBase64(text: string): Buffer | null {
  if (text.length > maxDigits) {
    const dense = text.replaceAll(/\s+/g, "");
    return dense.length > maxDigits ? null : decodeDense(dense);
  }
  // Nearly every picture comes without white space: looking for it first would cost more than the decoding.
  return decodeDense(text) ?? decodeSpaced(text.replaceAll(/[^\S ]+/g, "").trim());
}

/** Node skips what is not base64, or takes it for a digit: the length shows the one, a pattern the other. */
function decodeDense(text: string): Buffer | null {
  const digits = text.length - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
  const data = Buffer.from(text, "base64");
  const isWhole = digits % 4 !== 1 && data.length === Math.floor((digits * 3) / 4);
  return isWhole && !beyondBytes.test(text) ? data : null;
}

/** Costs nothing where a text has bytes alone, as nearly every one has. */
const beyondBytes = /[\u0100-\uffff]/;

/**
 * Base64 with blanks in it: they were ends of lines, or a form made them of its plus signs, and then no plus is left. Where
 * both could be, the end of the picture tells; null where it does not.
 */
function decodeSpaced(text: string): Buffer | null {
  if (!text.includes(" ")) return decodeDense(text);
  const asLines = decodeDense(text.replaceAll(" ", ""));
  const asPluses = /[-+_]/.test(text) ? null : decodeDense(text.replaceAll(" ", "+"));
  if (asLines === null || asPluses === null) return asLines ?? asPluses;
  const candidates = inLines.test(text) ? [asLines, asPluses] : [asPluses, asLines];
  return candidates.find(hasItsEnd) ?? null;
}

/** Lines of a length at which encoders break them. */
const inLines = /^(?:(?:\S{60} )*\S{1,60}|(?:\S{64} )*\S{1,64}|(?:\S{72} )*\S{1,72}|(?:\S{76} )*\S{1,76})$/;

/** How JPEG and PNG end. */
const ends = ["\xff\xd9", "IEND\xaeB`\x82"];

/** Whether the last bytes are the end of a picture. */
function hasItsEnd(data: Buffer): boolean {
  const last = data.subarray(-8).toString("latin1");
  return ends.some((end) => last.endsWith(end));
}

function sniff(data: Buffer): PictureFacts["contentType"] | null {
  if (data.length > 3 && data.readUIntBE(0, 3) === 0xffd8ff) return "image/jpeg";
  if (data.length > 8 && data.subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n") return "image/png";
  return null;
}
