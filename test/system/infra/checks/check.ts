import type { Stages } from "../stages.ts";

/** Facts about the deployment, each under its description. */
export type Checks = Record<string, (stages: Stages) => void>;
