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
  return decodeDense(text) ?? decodeDense(text.replaceAll(/\s+/g, ""));
}

/** Node's decoder skips characters that are not base64. The lengths show whether it did. */
function decodeDense(text: string): Buffer | null {
  const digits = text.length - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
  const data = Buffer.from(text, "base64");
  return digits % 4 !== 1 && data.length === Math.floor((digits * 3) / 4) ? data : null;
}

function sniff(data: Buffer): PictureFacts["contentType"] | null {
  if (data.length > 3 && data.readUIntBE(0, 3) === 0xffd8ff) return "image/jpeg";
  if (data.length > 8 && data.subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n") return "image/png";
  return null;
}
