import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** One resource as SST's components ask the provider for it. */
export interface Recorded {
  /** As "aws:sqs/queue:Queue". */
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** The name of the component that made it. */
  parent: string | null;
  retainOnDelete: boolean;
  /** How long the provider waits for it, if that is not the usual time. */
  customTimeouts?: Record<string, string>;
}

/** The code of one Lambda function. */
export interface Built {
  /** The component that it belongs to. */
  component: string;
  /** As "functions/api.handler". */
  handler: string;
  /** The archive to upload, relative to the graph. */
  zip: string;
  bundleBytes: number;
  /** Every source file in it, relative to the repository. */
  sources: string[];
  /** What it finds as `Resource`. */
  links: Record<string, Record<string, unknown>>;
}

/** All that a deployment of one stage would ask for. */
export interface Graph {
  stage: string;
  app: Record<string, unknown>;
  outputs: Record<string, unknown>;
  resources: Recorded[];
  builds: Built[];
}

export const repository = resolve(import.meta.dirname, "../..");

/** The folder that a stage is synthesised into. */
export function folderOf(stage: string): string {
  return join(repository, ".sst/synth", stage);
}

/** Reads what a synth has left in a folder. */
export function readGraph(folder: string): Graph {
  return JSON.parse(readFileSync(join(folder, "graph.json"), "utf8"));
}
