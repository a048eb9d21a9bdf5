/** A round number at or above the highest bar, a quarter of which is a round number of passings, too. */
export function niceTop(most: number): number {
  const least = Math.max(1, most / 4);
  const size = 10 ** Math.floor(Math.log10(least));
  const quarters = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((factor) => factor * size).filter(Number.isInteger);
  return 4 * (quarters.find((quarter) => quarter >= least) ?? 10 * size);
}
