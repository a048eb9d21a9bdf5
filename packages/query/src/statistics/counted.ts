import { type FaceEvent, isCheckBox, minuteMs, type PersonType } from "@gatepost/protocol";

export const halfHourMs = 30 * minuteMs;

/** How many ranges of match scores there are, each of five percent of the scale. */
export const matchBuckets = 20;

/** What an event counts as. */
export interface Counted {
  /** The beginning of the half-hour of its own time, ms. */
  start: number;
  type: PersonType;
  /** The range of its match score, from 0 to 19; null where it has none whose scale is known. */
  bucket: number | null;
}

/** What an event counts as; null where it is not counted, because it only checks that Gatepost works. */
export function countedOf({ box, timestamp, person, score, scoreScale }: FaceEvent): Counted | null {
  if (isCheckBox(box.id)) return null;
  return { start: halfHourOf(timestamp), type: person.type, bucket: bucketOf(score, scoreScale) };
}

/** The beginning of the half-hour of UTC that a time is in. */
export function halfHourOf(time: number): number {
  return Math.floor(time / halfHourMs) * halfHourMs;
}

/** The range of a match score. The highest score is in the last range. */
export function bucketOf(score: number | null, scale: number | null): number | null {
  if (score === null || scale === null || !(scale > 0)) return null;
  const part = score / scale;
  if (!(part >= 0 && part <= 1)) return null;
  return Math.min(Math.floor(part * matchBuckets), matchBuckets - 1);
}
