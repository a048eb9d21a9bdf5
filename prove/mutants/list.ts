import { bridgeMutants } from "./bridge.ts";
import { differentialMutants } from "./differential.ts";
import { embeddedMutants } from "./embedded.ts";
import { lifeMutants } from "./life.ts";
import type { Mutant } from "./mutant.ts";
import { simulationMutants } from "./simulation.ts";
import { storageMutants } from "./storage.ts";

/** All mutants. A test checks that each still applies. */
export const mutants: readonly Mutant[] = [
  ...storageMutants,
  ...embeddedMutants,
  ...bridgeMutants,
  ...simulationMutants,
  ...lifeMutants,
  ...differentialMutants,
];
