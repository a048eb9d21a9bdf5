import type { Mutant } from "./mutant.ts";

/** Runs in which each of them is noticed. */
const caughtBy = ["--only", "differential", "--seed", "1", "--states", "100", "--first"];

/** Mutants that `prove/differential` catches. */
export const differentialMutants: readonly Mutant[] = [
  {
    name: "unread-for-a-picture",
    file: "packages/aws/src/events/box-signs.ts",
    text: "event === null ? [",
    becomes: "event !== undefined ? [",
    why: "on AWS a box looks as if its reports were not understood",
    caughtBy,
  },
  {
    name: "end-of-a-list-included",
    file: "packages/core/src/events/filter.ts",
    text: "to: ({ timestamp }, to) => timestamp < to,",
    becomes: "to: ({ timestamp }, to) => timestamp <= to + 60_000,",
    why: "a list on AWS has events behind its end",
    caughtBy,
  },
];
