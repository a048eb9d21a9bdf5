import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Resolved, SettingError, type SettingName, settingsOf, stageName } from "../../stacks/settings.ts";
import { kindOf } from "../../stacks/stage-kind.ts";
import { deployedOf } from "./deployed.ts";
import { kept, planOf } from "./plan.ts";

const usage = `npm run deploy -- --stage STAGE [--drop SETTING]... [--diff] [--check]
  --drop SETTING  lets the deploy lose a setting that is deployed, as domain
  --diff          shows the changes, and makes none
  --check         checks the deployment by gatepost check, with the admin key in GATEPOST_TOKEN`;

/** The deploy is refused, or cannot begin. */
class Refused extends Error {}

/** Prints the settings, and deploys by SST. Resolves with the exit code. */
async function deploy(): Promise<number> {
  const { stage, drop, diff, check } = asked();
  const resolved = settingsOf(stage);
  const { region } = resolved.settings;
  requireRegion(stage, resolved);
  const before = await deployedOf(stage, region).catch(withoutCredentials);
  const plan = planOf(stage, resolved, before, new Set(drop));
  process.stdout.write(`${plan.lines.join("\n")}\n`);
  if (plan.refusals.length > 0 && !diff) throw new Refused(plan.refusals.join("\n"));
  for (const refusal of plan.refusals) process.stderr.write(`${refusal}\n`);
  const env = { ...process.env, ...(region === undefined ? {} : { AWS_REGION: region }), GATEPOST_DEPLOY: commit() };
  const { status, error } = spawnSync("sst", [diff ? "diff" : "deploy", "--stage", stage], {
    env,
    stdio: "inherit",
    // npm has sst.cmd there.
    shell: process.platform === "win32",
  });
  if (error !== undefined) throw error;
  if (status !== 0 || !check) return status ?? 1;
  const isWell = checkDeployed();
  const back = before === null ? null : wayBack(stage, before.commit);
  if (back !== null) process.stdout.write(`${isWell ? "to go back" : "it does not work; go back by"}: ${back}\n`);
  return isWell ? 0 : 1;
}

/** Refuses production without a region. The next shell may have another one, and there nothing is deployed. */
function requireRegion(stage: string, { settings: { region }, origins }: Resolved): void {
  if (region !== undefined || kindOf(stage) !== "production") return;
  if (!Object.values(origins).includes("stages.json"))
    throw new Refused(`stages.json has no stage ${stage}: write it there, with its region, as "region": "eu-west-1"`);
  throw new Refused(`${stage} has no region: write "region": "eu-west-1" into stages.${stage} of stages.json`);
}

/** Names the credentials that are missing, as in a first deploy. */
function withoutCredentials(error: unknown): never {
  if (!(error instanceof Error) || error.name !== "CredentialsProviderError") throw error;
  throw new Refused("no credentials of AWS: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

const outputs = z.object({ url: z.url(), live: z.url() });

/** Runs `gatepost check` against the deployment whose outputs SST has written. Returns whether it works. */
function checkDeployed(): boolean {
  const { url, live } = outputs.parse(JSON.parse(readFileSync(join(process.cwd(), ".sst/outputs.json"), "utf8")));
  const gatepost = join(import.meta.dirname, "../../packages/cli/src/bin.mjs");
  const { status } = spawnSync(process.execPath, [gatepost, "check", "--url", url, "--live", live], {
    stdio: "inherit",
  });
  return status === 0;
}

/** The command that deploys an earlier commit, with the settings of now, and its limits; null if the commit is unknown. */
function wayBack(stage: string, commit: string): string | null {
  if (!/^[\da-f]{40}\+?$/.test(commit)) return null;
  const steps = [
    `git switch --detach ${commit.replace("+", "")}`,
    "git checkout - -- stages.json",
    "npm ci",
    `npm run deploy -- --stage ${stage}`,
  ];
  const command = steps.join(" && ");
  if (!commit.endsWith("+")) return command;
  return `${command}\nthe deploy before had changes that were not committed; this does not restore them`;
}

function asked() {
  const { values } = parseArgs({
    options: {
      stage: { type: "string" },
      drop: { type: "string", multiple: true, default: [] },
      diff: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
    },
  });
  const { stage, drop, diff, check } = values;
  if (stage === undefined || !stageName.test(stage)) throw new Refused(`name a stage\n${usage}`);
  const other = drop.find((name) => !kept.includes(name as SettingName));
  if (other !== undefined) throw new Refused(`--drop ${other}: can be dropped: ${kept.join(", ")}`);
  if (check && diff) throw new Refused(`--diff deploys nothing that --check could look at\n${usage}`);
  if (check && (process.env["GATEPOST_TOKEN"] ?? "") === "")
    throw new Refused("--check needs an admin key of the deployment in GATEPOST_TOKEN");
  return { stage, drop, diff, check };
}

/** The commit that is deployed, with a plus if files have changed since. */
function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  try {
    return `${git("rev-parse", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"}`;
  } catch {
    return "no commit";
  }
}

try {
  process.exitCode = await deploy();
} catch (error) {
  const isOurs = error instanceof Refused || error instanceof SettingError;
  process.stderr.write(`${isOurs ? error.message : `could not deploy: ${error}`}\n`);
  process.exitCode = 1;
}
