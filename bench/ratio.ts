/** The CPU of `one` ÷ the CPU of `other`, in turns: median, least and most of the rounds. */
export async function medianRatio(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  { rounds = 15, runsARound = 60 } = {},
): Promise<string> {
  return spread(await ratiosOf(one, other, { rounds, runsARound }));
}

/** The same, as the ratio of each round. */
export async function ratiosOf(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  { rounds, runsARound }: { rounds: number; runsARound: number },
): Promise<number[]> {
  await cpuOf(one, runsARound);
  await cpuOf(other, runsARound);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ratios.push((await cpuOf(one, runsARound)) / (await cpuOf(other, runsARound)));
  }
  return ratios;
}

/** Median, least and most of some ratios, as text. */
export function spread(ratios: readonly number[]): string {
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)];
  return `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

/** The middle of some values, of an even number the upper one; NaN of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function cpuOf(work: () => Promise<unknown>, runsARound: number): Promise<number> {
  const before = process.cpuUsage();
  for (let run = 0; run < runsARound; run++) await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
