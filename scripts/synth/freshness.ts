import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { settingVariables } from "../../stacks/settings.ts";
import { repository } from "./graph.ts";
import { sstVersion } from "./platform.ts";

/** What a synth depends on, with a digest of all of it. */
interface Basis {
  sst: string;
  settings: string;
  files: string[];
  digest: string;
}

/** The variables that stacks/ reads. */
export const deploymentVariables: ReadonlySet<string> = new Set([...settingVariables, "GATEPOST_DEPLOY"]);

const basisFile = (folder: string) => join(folder, "basis.json");

/** The settings of a deployment apart from its sources: variables, and the stage of this machine. */
function settings(): string {
  const variables = Object.entries(process.env).filter(([name]) => deploymentVariables.has(name));
  const personal = join(repository, ".sst/stage");
  return JSON.stringify([variables.sort(), existsSync(personal) ? readFileSync(personal, "utf8") : null]);
}

/** Notes what a synth was made of. */
export function basisOf(sources: readonly string[]): Basis {
  const harness = readdirSync(import.meta.dirname).map((file) => join("scripts/synth", file));
  const files = filesOf([...sources, ...harness, "stages.json"]);
  return { sst: sstVersion(), settings: settings(), files, digest: digestOf(files) };
}

/** The files that say what sources come to, each once: dependencies are what the lock file says. */
export function filesOf(sources: readonly string[]): string[] {
  const own = sources.filter((source) => !source.includes("node_modules/"));
  return [...new Set([...own, "package-lock.json"])].sort();
}

/** Whether a folder contains a synth of the present sources and settings. */
export function isFresh(folder: string): boolean {
  try {
    const known: Basis = JSON.parse(readFileSync(basisFile(folder), "utf8"));
    return known.sst === sstVersion() && known.settings === settings() && known.digest === digestOf(known.files);
  } catch {
    return false;
  }
}

/** A digest of files by their names and contents. It throws if one is gone. */
export function digestOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(join(repository, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}
