/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The seed of this run: GATEPOST_SEED to repeat one, else another one each time. It is printed, so that it can be repeated. */
export function seedOfRun(what: string): number {
  const seed = Number(process.env["GATEPOST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${what}: GATEPOST_SEED=${seed}\n`);
  return seed;
}

/** Whether this is `npm run test:long`. */
export const isLong = process.env["GATEPOST_LONG"] === "1";
