import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { repository } from "./graph.ts";

/** The sources and dependencies of SST's components, which its CLI carries and unpacks. */
export const platform = join(repository, ".sst/platform");

/** Which packages the CLI has installed for the providers in sst.config.ts. */
const providerLock = join(repository, ".sst/provider-lock.json");

const bin = join(repository, "node_modules/.bin");

/** Without these the CLI looks for AWS, and loads pulumi and bun from outside the npm registry. */
const offline = {
  SST_SKIP_DEPENDENCY_CHECK: "true",
  SST_NO_BUN: "true",
  SST_TELEMETRY_DISABLED: "1",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** Unpacks SST's platform and installs it from the npm registry, unless the installed SST has done so for these providers. */
export async function preparePlatform(providers: readonly string[] = []): Promise<void> {
  if (isPrepared(providers)) return;
  const env = { ...process.env, ...offline, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  await promisify(execFile)(join(bin, "sst"), ["install", "--stage", "test"], { cwd: repository, env });
  if (!isPrepared(providers)) throw new Error("sst install has left no such platform in .sst");
}

export function sstVersion(): string {
  return JSON.parse(readFileSync(join(repository, "node_modules/sst/package.json"), "utf8")).version;
}

/** The providers that are installed: a global in the stacks, and its package. */
export function installedProviders(): { alias: string; package: string }[] {
  return JSON.parse(readFileSync(providerLock, "utf8"));
}

function isPrepared(providers: readonly string[]): boolean {
  const unpacked = join(platform, "version");
  const needed = [unpacked, providerLock, join(platform, "config.d.ts"), join(platform, "node_modules/@pulumi/aws")];
  if (!needed.every((file) => existsSync(file))) return false;
  const installed = installedProviders().map(({ alias }) => alias);
  const hasAll = providers.every((provider) => installed.includes(provider));
  return hasAll && readFileSync(unpacked, "utf8").trim() === sstVersion();
}
