/** How many ranges of match scores there are, each of five percent of the scale. */
export const matchBuckets = 20;

/** The range of a match score. The highest score is in the last range. */
export function bucketOf(score: number | null, scale: number | null): number | null {
  if (score === null || scale === null || !(scale > 0)) return null;
  const part = score / scale;
  if (!(part >= 0 && part <= 1)) return null;
  return Math.min(Math.floor(part * matchBuckets), matchBuckets - 1);
}
