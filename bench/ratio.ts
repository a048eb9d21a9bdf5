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
  const sorted = [...ratios].sort((a, b) => a - b);
  const [least, median, most] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map(
    (at) => sorted[at] ?? Number.NaN,
  );
  return `${median?.toFixed(2)} (${least?.toFixed(2)}–${most?.toFixed(2)})`;
}

async function cpuOf(work: () => Promise<unknown>, runsARound: number): Promise<number> {
  const before = process.cpuUsage();
  for (let run = 0; run < runsARound; run++) await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
