import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Deployed } from "../../stacks/settings.ts";
import { type Resolved, SettingError, type SettingName, settingsOf, stageName } from "../../stacks/settings.ts";
import { kindOf } from "../../stacks/stage-kind.ts";
import { optionsOf } from "../called.ts";
import { deployedOf } from "./deployed.ts";
import { DeployLog } from "./log.ts";
import { kept, planOf } from "./plan.ts";

const usage = `npm run deploy -- --stage STAGE [--drop SETTING]... [--diff] [--check] [--log FILE]
  --drop SETTING  lets the deploy lose a setting that is deployed, as domain
  --diff          shows the changes, and makes none
  --check         checks the deployment by gatepost check, with the admin key in GATEPOST_TOKEN
  --log FILE      writes the output to a file, too, with keys and account numbers masked`;

/** The deploy is refused, or cannot begin. */
class Refused extends Error {}

/** Prints the settings, and deploys by SST. Resolves with the exit code. */
async function deploy({ stage, drop, diff, check }: Asked, log: DeployLog): Promise<number> {
  const resolved = settingsOf(stage);
  const { region } = resolved.settings;
  requireRegion(stage, resolved);
  const before = await deployedOf(stage, region).catch(withoutCredentials);
  const plan = planOf(stage, resolved, before, new Set(drop));
  log.say(plan.lines.join("\n"));
  if (plan.refusals.length > 0 && !diff) throw new Refused(plan.refusals.join("\n"));
  for (const refusal of plan.refusals) log.say(refusal, process.stderr);
  const env = { ...process.env, ...(region === undefined ? {} : { AWS_REGION: region }), GATEPOST_DEPLOY: commit() };
  // npm has sst.cmd on Windows.
  const shell = process.platform === "win32";
  const { stdio } = log;
  const code = await log.endOf(spawn("sst", [diff ? "diff" : "deploy", "--stage", stage], { env, shell, stdio }));
  if (code !== 0 || diff) return code;
  if (before === null) printFirstLink(stage, env);
  return check ? checked(stage, before, log) : 0;
}

/** Checks the deployment, and prints how to go back. Resolves with the exit code. */
async function checked(stage: string, before: Deployed | null, log: DeployLog): Promise<number> {
  const isWell = await checkDeployed(log);
  const back = before === null ? null : wayBack(stage, before.commit);
  if (back !== null) log.say(`${isWell ? "to go back" : "it does not work; go back by"}: ${back}`);
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

const outputs = z.object({ url: z.url(), console: z.url(), table: z.string() });

/** The outputs that SST has written. */
const outputsOf = () => outputs.parse(JSON.parse(readFileSync(join(process.cwd(), ".sst/outputs.json"), "utf8")));

const gatepost = join(import.meta.dirname, "../../packages/cli/src/bin.mjs");

/** Prints the first link to the console of a new deployment. The log of a CI gets the command that prints it. */
function printFirstLink(stage: string, env: NodeJS.ProcessEnv): void {
  const { console: address, table } = outputsOf();
  const command = ["sign-in", "--stage", stage, "--table", table, "--public-url", address];
  const isLogged = (process.env["CI"] ?? "") !== "";
  const { status } = isLogged
    ? { status: 1 }
    : spawnSync(process.execPath, [gatepost, ...command], { stdio: "inherit", env });
  if (status !== 0) process.stdout.write(`to sign in to the console: npx gatepost ${command.join(" ")}\n`);
}

/** Runs `gatepost check` against the deployment whose outputs SST has written. Returns whether it works. */
async function checkDeployed(log: DeployLog): Promise<boolean> {
  const args = [gatepost, "check", "--url", outputsOf().url];
  return (await log.endOf(spawn(process.execPath, args, { stdio: log.stdio }))) === 0;
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

type Asked = ReturnType<typeof asked>;

function asked() {
  const values = optionsOf({
    stage: { type: "string" },
    drop: { type: "string", multiple: true, default: [] },
    diff: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    log: { type: "string" },
  });
  const { stage, drop, diff, check, log } = values;
  if (stage === undefined || !stageName.test(stage)) throw new Refused(`name a stage\n${usage}`);
  const other = drop.find((name) => !kept.includes(name as SettingName));
  if (other !== undefined) throw new Refused(`--drop ${other}: can be dropped: ${kept.join(", ")}`);
  if (check && diff) throw new Refused(`--diff deploys nothing that --check could look at\n${usage}`);
  if (check && (process.env["GATEPOST_TOKEN"] ?? "") === "")
    throw new Refused("--check needs an admin key of the deployment in GATEPOST_TOKEN");
  return { stage, drop, diff, check, log };
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

/** Deploys, and prints why it failed. Resolves with the exit code. */
async function logged(wanted: Asked): Promise<number> {
  const log = new DeployLog(wanted.log);
  return deploy(wanted, log).catch((error) => {
    log.say(failureText(error), process.stderr);
    return 1;
  });
}

function failureText(error: unknown): string {
  const isOurs = error instanceof Refused || error instanceof SettingError;
  return isOurs ? error.message : `could not deploy: ${error}`;
}

try {
  process.exitCode = await logged(asked());
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = 1;
}
