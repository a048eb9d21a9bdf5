import type { ScannedText } from "./scan.ts";

/** Shorter texts are shown as they are. */
const minBytes = 512;

const pictureKey = /pic|image|photo|face/i;
const dataUri = /^data:[\w/+.-]{1,64};base64,/;

/** A picture in base64 within a body. */
export interface FoldedPicture extends Pick<ScannedText, "path" | "start" | "end"> {
  /** Bytes after decoding, about. */
  bytes: number;
}

/** The picture in a text that looks like long base64; null for any other text. */
export function longPictureIn(body: Buffer, text: ScannedText): FoldedPicture | null {
  return text.end - text.start < minBytes ? null : pictureIn(body, text);
}

/** The same, however short it is. */
export function pictureIn(body: Buffer, { path, start, end, isTorn }: ScannedText): FoldedPicture | null {
  const inner = Math.min(start + 257, isTorn ? end : end - 1);
  const head = body
    .toString("latin1", start + 1, inner)
    .replace(dataUri, "")
    .replaceAll("\\/", "/");
  if (!/^[A-Za-z0-9+/=_\s\\-]+$/.test(head)) return null;
  return { path, start, end, bytes: Math.floor(((end - start - (isTorn ? 1 : 2)) * 3) / 4) };
}

/** The bytes of a picture in a body. */
export function decodePicture(body: Buffer, { start, end }: Pick<ScannedText, "start" | "end">): Buffer {
  const text = body
    .toString("latin1", start + 1, end)
    .replace(/"$/, "")
    .replace(dataUri, "");
  return Buffer.from(text.replaceAll("\\/", "/").replaceAll(/\\[rnt]/g, ""), "base64");
}

/** The type of a picture by its first bytes; null where they are of none. */
export function typeOf(bytes: Uint8Array): "image/jpeg" | "image/png" | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xd8 && c === 0xff) return "image/jpeg";
  return a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47 ? "image/png" : null;
}

/** Whether a text has the name of a picture, and cannot be read as one. */
export function isUnreadable(body: Buffer, text: ScannedText): boolean {
  if (!pictureKey.test(text.key) || text.end - text.start <= 2) return false;
  const head = decodePicture(body, { start: text.start, end: Math.min(text.end, text.start + 257) });
  if (typeOf(head) === null) return true;
  const tail = body.toString("latin1", Math.max(text.start + 1, text.end - 257), text.end - 1);
  return /[^A-Za-z0-9+/=_\s\\-]/.test(tail);
}
