import type { Json } from "@gatepost/protocol";
import { facesIn, featureOf, likeness } from "../faces.ts";
import type { FaceLibrary } from "./library.ts";
import type { Face } from "./records.ts";
import { LibraryError } from "./refusal.ts";

const maxBytes = 5 * 1024 * 1024;

/** A photo that a box could read, and the face that it takes from it: the largest. */
export interface Photo {
  bytes: Buffer;
  look: number;
}

/** Reads base64, plain, with the prefix of a data URI, or in lines. Throws Refusal as a box refuses a picture. */
export function readPhoto(sent: Json | undefined, field: string): Photo {
  if (sent === undefined || sent === null) throw new LibraryError("field-missing", field);
  if (typeof sent !== "string") throw new LibraryError("value-bad", field);
  const bytes = Buffer.from(sent.replace(/^data:[\w/.+-]*;base64,/, ""), "base64");
  if (bytes.length > maxBytes) throw new LibraryError("too-large");
  const looks = facesIn(bytes);
  if (looks === null) throw new LibraryError("undecodable");
  const [look] = looks;
  if (look === undefined) throw new LibraryError("no-face");
  return { bytes, look };
}

/** The items at which a photo fails, at a level of quality. */
export function failingItems(library: FaceLibrary, level: Json | undefined): string[] {
  return level === "no" ? [] : library.settings.failingItems;
}

/** The face of a photo to register. Throws Refusal if its quality is too low. */
export function faceOf(library: FaceLibrary, { bytes, look }: Photo, level: Json | undefined): Face {
  const fails = failingItems(library, level);
  if (fails.length > 0) throw new LibraryError("low-quality", fails.join());
  return { faceId: library.newId(), imageId: library.newId(), look, photo: bytes.toString("base64") };
}

/** A face without a photo, from 512 numbers. Throws Refusal. */
export function faceOfFeature(library: FaceLibrary, feature: Json | undefined): Face {
  const isFeature =
    Array.isArray(feature) && feature.length === 512 && feature.every((value) => typeof value === "number");
  if (!isFeature) throw new LibraryError("feature-bad", "feature");
  const norm = Math.hypot(...feature.map(Number));
  const unit = feature.map((value) => Number(value) / norm);
  const owner = library.all().flatMap(({ faces }) => faces);
  const known = owner.find(({ look }) => look !== null && likeness(featureOf(look), unit) > 0.99);
  return { faceId: library.newId(), imageId: library.newId(), look: known?.look ?? null, photo: null };
}

/** How alike the faces of two photos are, as a cosine. */
export function compare(one: Photo, other: Photo): number {
  return likeness(featureOf(one.look), featureOf(other.look));
}

/** A likeness on the scale to 100, on which 82 is the same person. docs/acting.md. */
export function percentOf(cosine: number): number {
  const r = Math.max(0, cosine);
  return Math.round((r <= 0.55 ? 149.0909 * r : 40 * r + 60) * 100) / 100;
}
