import { seeded } from "./random.ts";

/**
 * The faces that a simulated box sees in a picture. No recognition happens here: a comment in a drawn JPEG lists its
 * faces, the largest first, and a box reads that.
 */
const mark = /^faces=([\d,]*);/;
const startOfImage = 0xffd8;
const commentMarker = 0xfffe;

/** The same picture with a comment (marker FF FE) behind its start. */
export function withFaces(jpeg: Buffer, looks: readonly number[], comment: string): Buffer {
  const text = Buffer.from(`faces=${looks.join()};${comment}`);
  const marker = Buffer.alloc(4);
  marker.writeUInt16BE(commentMarker);
  marker.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), marker, text, jpeg.subarray(2)]);
}

/** The looks of the faces in a picture, the largest first; null where it is no JPEG. */
export function facesIn(picture: Buffer): number[] | null {
  if (picture.length < 4 || picture.readUInt16BE() !== startOfImage) return null;
  if (picture.length < 6 || picture.readUInt16BE(2) !== commentMarker) return [];
  const text = picture.subarray(6, 4 + picture.readUInt16BE(4)).toString();
  const looks = mark.exec(text)?.[1] ?? "";
  return looks === "" ? [] : looks.split(",").map(Number);
}

const dimensions = 512;

/** The feature of a face: 512 numbers of length 1, the same for the same look. */
export function featureOf(look: number): number[] {
  const random = seeded(look + 1013);
  const raw = Array.from({ length: dimensions }, () => random() - 0.5);
  const norm = Math.hypot(...raw);
  return raw.map((value) => value / norm);
}

/** How alike two features are: their cosine, 1 for the same face and about 0 for two. */
export function likeness(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}

/** As boxes write a feature into JSON: float32, little-endian, base64. docs/acting.md. */
export function featureBase64(feature: readonly number[]): string {
  const bytes = Buffer.alloc(feature.length * 4);
  for (const [index, value] of feature.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
