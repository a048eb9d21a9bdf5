export { seeded } from "../../packages/simulator/src/random.ts";

/** The seed of this run: GATEPOST_SEED to repeat one, else another one each time. It is printed, so that it can be repeated. */
export function seedOfRun(what: string): number {
  const seed = Number(process.env["GATEPOST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${what}: GATEPOST_SEED=${seed}\n`);
  return seed;
}

/** Whether this is `npm run test:long`. */
export const isLong = process.env["GATEPOST_LONG"] === "1";

/** Whether tests run at their whole length, as in `.ci/run`. `npm test` alone leaves out what takes longest. */
export const isWhole = isLong || process.env["GATEPOST_REQUIRE_ALL"] === "1";

/** How often a property is tried: an eighth of `count` in `npm test` alone. */
export function rounds(count: number): number {
  return isWhole ? count : Math.ceil(count / 8);
}

/** The same, and 25 times as often in `npm run test:long`. */
export function runs(count: number): { numRuns: number } {
  return { numRuns: isLong ? 25 * count : rounds(count) };
}
