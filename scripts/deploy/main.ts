import { execFileSync, spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { SettingError, type SettingName, settingNames, settingsOf } from "../../stacks/settings.ts";
import { deployedOf } from "./deployed.ts";
import { planOf } from "./plan.ts";

const usage = `npm run deploy -- --stage STAGE [--drop SETTING]... [--diff]
  --drop SETTING  lets the deploy lose a setting that is deployed, as domain
  --diff          shows the changes, and makes none`;

/** The deploy is refused, or cannot begin. */
class Refused extends Error {}

/** Prints the settings, and deploys by SST. Resolves with the exit code. */
async function deploy(): Promise<number> {
  const { stage, drop, diff } = asked();
  const resolved = settingsOf(stage);
  const { region } = resolved.settings;
  const plan = planOf(stage, resolved, await deployedOf(stage, region), new Set(drop));
  process.stdout.write(`${plan.lines.join("\n")}\n`);
  if (plan.refusals.length > 0 && !diff) throw new Refused(plan.refusals.join("\n"));
  for (const refusal of plan.refusals) process.stderr.write(`${refusal}\n`);
  const env = { ...process.env, ...(region === undefined ? {} : { AWS_REGION: region }), GATEPOST_DEPLOY: commit() };
  const { status } = spawnSync("sst", [diff ? "diff" : "deploy", "--stage", stage], {
    env,
    stdio: "inherit",
    // npm has sst.cmd there.
    shell: process.platform === "win32",
  });
  return status ?? 1;
}

function asked() {
  const { values } = parseArgs({
    options: {
      stage: { type: "string" },
      drop: { type: "string", multiple: true, default: [] },
      diff: { type: "boolean", default: false },
    },
  });
  const { stage, drop, diff } = values;
  if (stage === undefined || !/^[a-zA-Z][a-zA-Z\d-]*$/.test(stage)) throw new Refused(`name a stage\n${usage}`);
  const unknown = drop.find((name) => !settingNames.includes(name as SettingName));
  if (unknown !== undefined)
    throw new Refused(`--drop ${unknown}: no such setting; settings: ${settingNames.join(", ")}`);
  return { stage, drop, diff };
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
