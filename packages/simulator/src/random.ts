/** Numbers from 0 to below 1. */
export type Random = () => number;

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A separate sequence of numbers for one part of a run, so that no part's chances depend on how fast another one is.
 */
export function seededFor(seed: number, part: string): Random {
  let mixed = seed >>> 0;
  for (const character of part) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return seeded(mixed);
}

/** A whole number from `least` to below `limit`. */
export function whole(least: number, limit: number, random: Random): number {
  return least + Math.floor(random() * (limit - least));
}

export function pick<Item>(items: readonly [Item, ...Item[]], random: Random): Item {
  return items[whole(0, items.length, random)] ?? items[0];
}

/** A version 4 UUID, as devices have. */
export function uuid(random: Random): string {
  const digits = (count: number) => Array.from({ length: count }, () => whole(0, 16, random).toString(16)).join("");
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${pick(["8", "9", "a", "b"], random)}${digits(3)}-${digits(12)}`;
}
