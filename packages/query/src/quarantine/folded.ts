import { isUtf8 } from "node:buffer";
import type { QuarantineRecord } from "@gatepost/ingest";
import { type FoldedPicture, isUnreadable, longPictureIn, pictureIn } from "./pictures.ts";
import { type Fault, type ScannedText, scanJson } from "./scan.ts";

/** Bytes of a folded body that are shown. */
const maxShown = 256 * 1024;

/** Pictures of a body that are folded; a report has eight at most, and a batch many. */
const maxPictures = 20_000;

export interface Looked {
  pictures: FoldedPicture[];
  fault: Fault | null;
}

/** Finds the pictures of a body, and what is wrong with it. */
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

/** The picture of a body at a path; null where there is none. */
export async function findPicture(body: Uint8Array, path: string): Promise<FoldedPicture | null> {
  const bytes = bufferOf(body);
  let found: FoldedPicture | null = null;
  await scanJson(bytes, (text) => {
    if (found === null && text.path === path) found = pictureIn(bytes, text);
  });
  return found;
}

/** A body as it is shown: each picture is a link, and of what is left the first 256 KB. */
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
    const href = `/v1/quarantine/${id}/pictures/${encodeURIComponent(path)}`;
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
