import type { Stages } from "../stages.ts";

/** Facts about what would be deployed, each by a name that says it. */
export type Checks = Record<string, (stages: Stages) => void>;
