import { execFile } from "node:child_process";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deploymentVariables, isFresh } from "../../../scripts/synth/freshness.ts";
import { folderOf, type Graph, type Recorded, readGraph, repository } from "../../../scripts/synth/graph.ts";

export type { Graph, Recorded };

/** The resources that would be deployed, by stage. */
export interface Stages {
  test: Graph;
  production: Graph;
}

/** ms that a first synth may take, which installs SST's platform. */
export const synthTimeoutMs = 600_000;

/** Synthesises both stages, unless that was done of just these sources. */
export async function synthesised(): Promise<Stages> {
  for (const stage of ["test", "production"]) await upToDate(stage);
  return { test: readable(folderOf("test")), production: readable(folderOf("production")) };
}

/** Synthesises a stage, unless that was done of just these sources: once for all that look at it. */
export async function upToDate(stage: string): Promise<void> {
  if (!isFresh(folderOf(stage))) await synth(["--stage", stage]);
}

/** Runs the synth as its own process, with no settings but those given; gives what it says. */
export async function synth(args: readonly string[], settings: Record<string, string> = {}): Promise<string> {
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !deploymentVariables.has(name)));
  const main = join(repository, "scripts/synth/main.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env: { ...others, ...settings } });
  return stdout;
}

/** Copies the stacks into a folder, to be changed there; what they lead to is only linked. */
export async function copyOfStacks(root: string): Promise<void> {
  for (const own of ["sst.config.ts", "stacks", "stages.json"])
    await cp(join(repository, own), join(root, own), { recursive: true });
  for (const shared of ["packages", "functions", "node_modules"]) {
    await symlink(join(repository, shared), join(root, shared));
  }
}

/** The graph in a folder, its names without the eight letters that SST draws for each. */
export function readable(folder: string): Graph {
  const text = JSON.stringify(readGraph(folder));
  return JSON.parse(text.replace(/(gatepost-(?:test|production|prod|anna)-\w+)-[a-z]{8}\b/g, "$1"));
}

export function all(graph: Graph, type: string): Recorded[] {
  return graph.resources.filter((resource) => resource.type === `aws:${type}`);
}

/** Fails if there is not just one. */
export function one(graph: Graph, type: string, name: string): Recorded {
  const [found, ...others] = all(graph, type).filter((resource) => resource.name === name);
  if (found === undefined || others.length > 0) throw new Error(`there is not one ${type} ${name}`);
  return found;
}

/** A document that a resource contains as text. */
export function document(resource: Recorded, member: string): unknown {
  return JSON.parse(String(resource.inputs[member]));
}

/** The statements of the policy of a function's role. */
export function statementsOf(graph: Graph, role: string): unknown[] {
  const policies = one(graph, "iam/role:Role", role).inputs["inlinePolicies"] as { policy: string }[] | undefined;
  return (policies ?? []).flatMap(({ policy }) => JSON.parse(policy).Statement);
}
