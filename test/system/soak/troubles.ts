import { type Random, systemClock } from "@gatepost/simulator";

/** Something that goes wrong, and is mended by the time it resolves. */
export type Trouble = (pause: (most: number) => Promise<void>) => Promise<void>;

/** Troubles by their names, as the account shows them. */
export type Troubles = Record<string, Trouble>;

/**
 * Lets one after the other happen, each once before any is repeated, until the signal aborts and each did happen.
 * Returns how often each happened.
 *
 * @param calm most ms between two of them, without the fixed part
 */
export async function makeTrouble(
  troubles: Troubles,
  { calm, random, signal }: { calm: number; random: Random; signal: AbortSignal },
): Promise<Record<string, number>> {
  const counts = Object.fromEntries(Object.keys(troubles).map((name) => [name, 0]));
  const never = new AbortController().signal;
  const pause = (most: number) => systemClock.sleep(100 + random() * most, never);
  for (const [name, trouble] of rounds(troubles, random)) {
    await systemClock.sleep(300 + random() * calm, never);
    if (signal.aborted && Object.values(counts).every((count) => count > 0)) break;
    await trouble(pause);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** All of them again and again, each time in another order. */
function* rounds(troubles: Troubles, random: Random): Generator<[string, Trouble]> {
  for (;;) {
    const drawn = Object.entries(troubles).map((named) => ({ named, place: random() }));
    for (const { named } of drawn.toSorted((one, other) => one.place - other.place)) yield named;
  }
}
