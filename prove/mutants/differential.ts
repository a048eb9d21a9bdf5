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
];
