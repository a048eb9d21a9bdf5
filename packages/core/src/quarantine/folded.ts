import { isUtf8 } from "node:buffer";
import { pathPart } from "../paths/paths.ts";
import type { QuarantineRecord } from "./ports.ts";
import { type Fault, type ScannedText, scanJson } from "./scan.ts";

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
function longPictureIn(body: Buffer, text: ScannedText): FoldedPicture | null {
  return text.end - text.start < minBytes ? null : pictureIn(body, text);
}

/** The same, however short it is. */
function pictureIn(body: Buffer, { path, start, end, isTorn }: ScannedText): FoldedPicture | null {
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

/** The type of a picture by its first bytes; null if they are of none. */
export function typeOf(bytes: Uint8Array): "image/jpeg" | "image/png" | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xd8 && c === 0xff) return "image/jpeg";
  return a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47 ? "image/png" : null;
}

/** Whether a text has the name of a picture, and cannot be read as one. */
function isUnreadable(body: Buffer, text: ScannedText): boolean {
  if (!pictureKey.test(text.key) || text.end - text.start <= 2) return false;
  const head = decodePicture(body, { start: text.start, end: Math.min(text.end, text.start + 257) });
  if (typeOf(head) === null) return true;
  const tail = body.toString("latin1", Math.max(text.start + 1, text.end - 257), text.end - 1);
  return /[^A-Za-z0-9+/=_\s\\-]/.test(tail);
}

/** Bytes of a folded body that are shown. */
const maxShown = 256 * 1024;

/** Pictures of a body that are folded; a report has eight at most, and a batch many. */
const maxPictures = 20_000;

export interface Looked {
  pictures: FoldedPicture[];
  fault: Fault | null;
}

/** Finds the pictures of a body, and its faults. */
export async function lookThrough({ body, reason }: Pick<QuarantineRecord, "body" | "reason">): Promise<Looked> {
  const bytes = bufferOf(body);
  const pictures: FoldedPicture[] = [];
  let unreadable: ScannedText | null = null;
  const broken = await scanJson(bytes, (text) => {
    const picture = pictures.length < maxPictures ? longPictureIn(bytes, text) : null;
    if (picture !== null) pictures.push(picture);
    if (reason === "picture" && unreadable === null && isUnreadable(bytes, text)) unreadable = text;
  });
  return { pictures, fault: faultOf(reason, broken, unreadable) };
}

function faultOf(reason: string, broken: Fault | null, unreadable: ScannedText | null): Fault | null {
  if (unreadable !== null) return { byte: unreadable.start, path: unreadable.path, isTorn: unreadable.isTorn };
  return reason === "not-json" ? broken : null;
}

/** The picture of a body at a path; null if there is none. */
export async function findPicture(body: Uint8Array, path: string): Promise<FoldedPicture | null> {
  const bytes = bufferOf(body);
  let found: FoldedPicture | null = null;
  await scanJson(bytes, (text) => {
    if (found === null && text.path === path) found = pictureIn(bytes, text);
  });
  return found;
}

/** A body as it is shown: each picture is a link, and the rest is cut after 256 KB. */
export function fold(
  { id, body }: Pick<QuarantineRecord, "id" | "body">,
  pictures: readonly FoldedPicture[],
): { body?: string; bodyBase64?: string; isCut: boolean } {
  const bytes = bufferOf(body);
  if (!isUtf8(bytes)) {
    return { bodyBase64: bytes.subarray(0, maxShown).toString("base64"), isCut: bytes.length > maxShown };
  }
  const shown: string[] = [];
  let room = maxShown;
  let from = 0;
  const show = (to: number) => {
    const text = textOf(bytes, from, Math.min(to, from + room));
    shown.push(text);
    room -= to - from;
  };
  for (const { path, start, end, bytes: size } of pictures) {
    show(start);
    if (room < 0) break;
    const href = `/v1/quarantine/${id}/pictures/${pathPart(path)}`;
    const link = JSON.stringify({ $picture: { path, bytes: size, href } });
    shown.push(link);
    room -= link.length;
    from = end;
  }
  if (room >= 0) show(bytes.length);
  return { body: shown.join(""), isCut: room < 0 };
}

const maxContinuations = 3;

/** A part of a body, to the last whole character. */
function textOf(bytes: Buffer, from: number, to: number): string {
  let end = to;
  // Bytes 10xxxxxx continue a character, which has four bytes at most. Invalid UTF-8 may have any number of them.
  while (end > to - maxContinuations && end > from && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", from, end);
}

function bufferOf(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
